//! One interceptor for each connection, all with the same options.

use std::sync::Arc;

use interceptor_core::{BuildContext, BuildError, Factory, OptionsError, Stage};

use crate::handle::Hub;
use crate::{FlexFec, FlexFecHandle, FlexFecOptions};

/// Makes a [`FlexFec`] for each connection; stands at [`Stage::FEC`].
#[derive(Clone, Debug, Default)]
pub struct FlexFecFactory {
    options: Arc<FlexFecOptions>,
    hub: Arc<Hub>,
}

impl FlexFecFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: FlexFecOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options: Arc::new(options), hub: Arc::default() })
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> &FlexFecOptions {
        &self.options
    }

    /// Reads the counters of the interceptors of this factory and of its clones, and how they protect which stream.
    #[must_use]
    pub fn handle(&self) -> FlexFecHandle {
        FlexFecHandle::new(Arc::clone(&self.hub))
    }
}

impl Factory for FlexFecFactory {
    type Interceptor = FlexFec;

    fn name(&self) -> &'static str {
        "flexfec"
    }

    fn stage(&self) -> Stage {
        Stage::FEC
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<FlexFec, BuildError> {
        Ok(FlexFec::new(Arc::clone(&self.options), &self.hub, cx))
    }
}
