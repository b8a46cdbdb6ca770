//! Outermost: a place for captures, and whether they are whole in the end, when all legs have closed theirs.

use interceptor_stack::{AsyncInterceptor, Phase, Step};

use super::Service;
use crate::relay::RelayError;
use crate::relay::dump::Dump;

/// Finds out before anything is started whether files can be made.
pub(super) struct Captures;

impl AsyncInterceptor<Service, RelayError> for Captures {
    fn name(&self) -> &str {
        "capture"
    }

    fn defines(&self, phase: Phase) -> bool {
        phase != Phase::Error
    }

    async fn enter(&self, service: &mut Service) -> Result<Step, RelayError> {
        let options = &service.options;
        service.dump =
            options.dump.as_deref().map(|path| Dump::new(path, options.targets.len())).transpose()?;
        Ok(Step::Next)
    }

    async fn leave(&self, service: &mut Service) -> Result<(), RelayError> {
        let Some(capture) = service.dump.take().map(|dump| dump.handle()) else { return Ok(()) };
        if let Some(error) = capture.error() {
            return Err(RelayError::Capture(error.to_string()));
        }
        service.files = capture.files();
        Ok(())
    }
}
