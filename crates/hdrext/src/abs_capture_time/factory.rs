//! One interceptor for each connection, all with the same options.

use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::ext::AbsCaptureTime;
use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{AbsCaptureTimeOptions, AbsCaptureTimes};

/// Makes [`AbsCaptureTimes`] for each connection; stands at [`Stage::APPLICATION`]`.below()`.
#[derive(Clone, Debug, Default)]
pub struct AbsCaptureTimeFactory {
    options: AbsCaptureTimeOptions,
}

impl AbsCaptureTimeFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: AbsCaptureTimeOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &AbsCaptureTimeOptions {
        &self.options
    }
}

impl Factory for AbsCaptureTimeFactory {
    type Interceptor = AbsCaptureTimes;

    fn name(&self) -> &'static str {
        "abs-capture-time"
    }

    fn stage(&self) -> Stage {
        Stage::APPLICATION.below()
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::header_extension(Media::Any, AbsCaptureTime::URI)]
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<AbsCaptureTimes, BuildError> {
        Ok(AbsCaptureTimes::new(self.options.clone()))
    }
}
