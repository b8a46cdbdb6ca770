//! The legs toward the targets: their ports, and their goodbye.

use std::sync::Arc;

use interceptor_stack::{AsyncInterceptor, Step};

use super::Service;
use crate::relay::RelayError;
use crate::relay::leg::Leg;

/// Takes the targets' ports.
pub(super) struct Targets;

impl AsyncInterceptor<Service, RelayError> for Targets {
    fn name(&self) -> &str {
        "targets"
    }

    async fn enter(&self, service: &mut Service) -> Result<Step, RelayError> {
        for at in 0..service.options.targets.len() {
            let Some(options) = service.options.targets.get(at) else { break };
            let target = Leg::target(at + 1, options, &service.common()).await?;
            service.targets.push(Arc::new(target));
        }
        Ok(Step::Next)
    }

    async fn leave(&self, service: &mut Service) -> Result<(), RelayError> {
        close(service).await;
        Ok(())
    }

    /// Those that were started before one failed, too.
    async fn error(&self, service: &mut Service, error: RelayError) -> Result<(), RelayError> {
        close(service).await;
        Err(error)
    }
}

async fn close(service: &mut Service) {
    for target in service.targets.drain(..) {
        target.close().await;
    }
    service.tasks.shutdown().await;
}
