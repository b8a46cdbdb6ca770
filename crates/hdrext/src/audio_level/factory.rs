//! One interceptor for each connection, all with the same options and the same handle.

use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::ext::{AudioLevel, MixerLevels};
use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{AudioLevelOptions, AudioLevels, Levels};

/// Makes [`AudioLevels`] for each connection; stands at [`Stage::APPLICATION`].
#[derive(Clone, Debug, Default)]
pub struct AudioLevelFactory {
    options: AudioLevelOptions,
    levels: Levels,
}

impl AudioLevelFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: AudioLevelOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options, levels: Levels::default() })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &AudioLevelOptions {
        &self.options
    }

    /// Reads the levels of all connections of this factory and of its clones.
    #[must_use]
    pub fn levels(&self) -> Levels {
        self.levels.clone()
    }
}

impl Factory for AudioLevelFactory {
    type Interceptor = AudioLevels;

    fn name(&self) -> &'static str {
        "audio-level"
    }

    fn stage(&self) -> Stage {
        Stage::APPLICATION
    }

    fn needs(&self) -> Vec<Need> {
        [AudioLevel::URI, MixerLevels::URI].map(|uri| Need::header_extension(Media::Audio, uri)).to_vec()
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<AudioLevels, BuildError> {
        Ok(AudioLevels::new(self.options.clone(), self.levels.clone(), cx))
    }
}
