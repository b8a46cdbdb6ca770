//! One interceptor for each connection, all with the same options.

use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::ext::PlayoutDelay;
use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{PlayoutDelayOptions, PlayoutDelays};

/// Makes [`PlayoutDelays`] for each connection; stands at [`Stage::PLAYOUT`]`.below()`: a jitter buffer above it hears of the bounds before it
/// has to keep to them.
#[derive(Clone, Debug, Default)]
pub struct PlayoutDelayFactory {
    options: PlayoutDelayOptions,
}

impl PlayoutDelayFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: PlayoutDelayOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &PlayoutDelayOptions {
        &self.options
    }
}

impl Factory for PlayoutDelayFactory {
    type Interceptor = PlayoutDelays;

    fn name(&self) -> &'static str {
        "playout-delay"
    }

    fn stage(&self) -> Stage {
        Stage::PLAYOUT.below()
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::header_extension(Media::Video, PlayoutDelay::URI)]
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<PlayoutDelays, BuildError> {
        Ok(PlayoutDelays::new(&self.options))
    }
}
