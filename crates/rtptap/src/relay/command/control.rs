//! The control plane around a relay, if it is asked for: its streams end before the relay does.

use std::net::SocketAddr;

use interceptor_stack::{AsyncInterceptor, Step};

use super::run::Run;
use crate::relay::RelayError;
use crate::relay::control::{ControlServer, RunningControl};

/// A control plane that serves.
pub(super) struct Serving(RunningControl);

impl Serving {
    pub(super) const fn local_addr(&self) -> SocketAddr {
        self.0.local_addr()
    }
}

/// Serves while everything further in goes on.
pub(super) struct Control;

impl AsyncInterceptor<Run, RelayError> for Control {
    fn name(&self) -> &str {
        "control"
    }

    async fn enter(&self, run: &mut Run) -> Result<Step, RelayError> {
        let Some(address) = run.plan.control else { return Ok(Step::Next) };
        let server = ControlServer::bind(address, run.relay()?.handle()).await?;
        run.metrics.push(server.metrics());
        run.control = Some(Serving(server.serve()?));
        Ok(Step::Next)
    }

    async fn leave(&self, run: &mut Run) -> Result<(), RelayError> {
        stop(run).await;
        Ok(())
    }

    async fn error(&self, run: &mut Run, error: RelayError) -> Result<(), RelayError> {
        stop(run).await;
        Err(error)
    }
}

async fn stop(run: &mut Run) {
    if let Some(Serving(control)) = run.control.take() {
        control.stop().await;
    }
}
