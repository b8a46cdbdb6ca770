//! One interceptor for each connection, all with the same options.

use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::ext::AbsSendTime;
use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, Stage};

use crate::{AbsSendTimeOptions, AbsSendTimes};

/// Makes [`AbsSendTimes`] for each connection; stands at [`Stage::CONGESTION`]`.above()`.
#[derive(Clone, Debug, Default)]
pub struct AbsSendTimeFactory {
    options: AbsSendTimeOptions,
}

impl AbsSendTimeFactory {
    /// A factory with these options.
    #[must_use]
    pub const fn new(options: AbsSendTimeOptions) -> Self {
        Self { options }
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &AbsSendTimeOptions {
        &self.options
    }
}

impl Factory for AbsSendTimeFactory {
    type Interceptor = AbsSendTimes;

    fn name(&self) -> &'static str {
        "abs-send-time"
    }

    fn stage(&self) -> Stage {
        Stage::CONGESTION.above()
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::header_extension(Media::Any, AbsSendTime::URI)]
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<AbsSendTimes, BuildError> {
        Ok(AbsSendTimes::new(self.options.clone()))
    }
}
