//! One interceptor for each connection, all with the same options.

use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::ext::TransportSequenceNumber;
use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{Twcc, TwccOptions};

/// Makes a [`Twcc`] for each connection; stands at [`Stage::CONGESTION`]`.above()`.
#[derive(Clone, Debug, Default)]
pub struct TwccFactory {
    options: TwccOptions,
}

impl TwccFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: TwccOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &TwccOptions {
        &self.options
    }
}

impl Factory for TwccFactory {
    type Interceptor = Twcc;

    fn name(&self) -> &'static str {
        "twcc"
    }

    fn stage(&self) -> Stage {
        Stage::CONGESTION.above()
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::feedback(Media::Any, "transport-cc", ""),
            Need::header_extension(Media::Any, TransportSequenceNumber::URI),
        ]
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Twcc, BuildError> {
        Ok(Twcc::new(self.options.clone()))
    }
}
