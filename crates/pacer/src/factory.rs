//! The factory.

use std::sync::Arc;

use interceptor_core::{BuildContext, BuildError, Factory, OptionsError, Stage};

use crate::handle::Hub;
use crate::{Pacer, PacerHandle, PacerOptions};

/// Makes a [`Pacer`] for each connection; stands at [`Stage::PACING`].
#[derive(Clone, Debug, Default)]
pub struct PacerFactory {
    options: PacerOptions,
    hub: Arc<Hub>,
}

impl PacerFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: PacerOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options, hub: Arc::default() })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &PacerOptions {
        &self.options
    }

    /// Reads the queues and counters of the pacers of this factory and of its clones.
    #[must_use]
    pub fn handle(&self) -> PacerHandle {
        PacerHandle::new(Arc::clone(&self.hub))
    }
}

impl Factory for PacerFactory {
    type Interceptor = Pacer;

    fn name(&self) -> &'static str {
        "pacer"
    }

    fn stage(&self) -> Stage {
        Stage::PACING
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Pacer, BuildError> {
        Ok(Pacer::new(self.options.clone(), &self.hub, cx))
    }
}
