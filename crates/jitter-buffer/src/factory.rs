//! The factory.

use std::sync::Arc;

use interceptor_core::{BuildContext, BuildError, Factory, OptionsError, Stage};

use crate::handle::Hub;
use crate::{JitterBuffer, JitterBufferHandle, JitterBufferOptions};

/// Makes a [`JitterBuffer`] for each connection; stands at [`Stage::PLAYOUT`].
#[derive(Clone, Debug, Default)]
pub struct JitterBufferFactory {
    options: JitterBufferOptions,
    hub: Arc<Hub>,
}

impl JitterBufferFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: JitterBufferOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options, hub: Arc::default() })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &JitterBufferOptions {
        &self.options
    }

    /// Reads the delays and counters of the jitter buffers of this factory and of its clones.
    #[must_use]
    pub fn handle(&self) -> JitterBufferHandle {
        JitterBufferHandle::new(Arc::clone(&self.hub))
    }
}

impl Factory for JitterBufferFactory {
    type Interceptor = JitterBuffer;

    fn name(&self) -> &'static str {
        "jitter-buffer"
    }

    fn stage(&self) -> Stage {
        Stage::PLAYOUT
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<JitterBuffer, BuildError> {
        Ok(JitterBuffer::new(self.options.clone(), &self.hub, cx))
    }
}
