//! The factory.

use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{Keyframe, KeyframeHandle, KeyframeOptions};

/// Makes a [`Keyframe`] for each connection; stands at [`Stage::NACK`]`.above().above()`.
#[derive(Clone, Debug, Default)]
pub struct KeyframeFactory {
    options: KeyframeOptions,
    handle: KeyframeHandle,
}

impl KeyframeFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: KeyframeOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options, handle: KeyframeHandle::default() })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &KeyframeOptions {
        &self.options
    }

    /// Reads what the interceptors of this factory and of its clones count.
    #[must_use]
    pub fn handle(&self) -> KeyframeHandle {
        self.handle.clone()
    }
}

impl Factory for KeyframeFactory {
    type Interceptor = Keyframe;

    fn name(&self) -> &'static str {
        "keyframe"
    }

    fn stage(&self) -> Stage {
        Stage::NACK.above().above()
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::feedback(Media::Video, "nack", "pli"), Need::feedback(Media::Video, "ccm", "fir")]
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Keyframe, BuildError> {
        Ok(Keyframe::new(self.options.clone(), self.handle.book(), cx.connection_id()))
    }
}
