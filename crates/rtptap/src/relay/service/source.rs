//! The leg toward the source, and what it brings from there to the targets.

use std::sync::Arc;
use std::time::Duration;

use interceptor_stack::{AsyncInterceptor, Step};
use tokio::sync::watch;
use tokio::time::timeout;

use super::{Service, Task};
use crate::relay::RelayError;
use crate::relay::dump::set_peer;
use crate::relay::leg::Leg;
use crate::relay::requests;
use crate::relay::router::Router;

/// What the source had is forwarded in no time, but nothing waits for ever.
const MAX_DRAIN: Duration = Duration::from_secs(1);

/// Takes the source's ports and starts to forward.
pub(super) struct Source;

impl AsyncInterceptor<Service, RelayError> for Source {
    fn name(&self) -> &str {
        "source"
    }

    async fn enter(&self, service: &mut Service) -> Result<Step, RelayError> {
        let source = Arc::new(Leg::source(&service.common()).await?);
        tell_of_peers(&source);
        forward(service, &source);
        service.source = Some(source);
        Ok(Step::Next)
    }

    async fn leave(&self, service: &mut Service) -> Result<(), RelayError> {
        close(service).await;
        Ok(())
    }

    async fn error(&self, service: &mut Service, error: RelayError) -> Result<(), RelayError> {
        close(service).await;
        Err(error)
    }
}

/// Whoever is the source is logged, and named in captures.
fn tell_of_peers(source: &Arc<Leg>) {
    let leg = Arc::downgrade(source);
    source.peers.watch(move |peer| {
        tracing::info!(%peer, "the source sends from here");
        if let Some(leg) = leg.upgrade() {
            set_peer(&leg.session, leg.local, peer);
        }
    });
}

/// Media to the targets, key frame requests to the source.
fn forward(service: &mut Service, source: &Arc<Leg>) {
    let (asked, desk) = requests::desk();
    for target in &service.targets {
        service.tasks.spawn(requests::listen(Arc::clone(target), asked.clone()));
    }
    service.tasks.spawn(requests::forward(desk, Arc::clone(source)));
    let router = Router::new(Arc::clone(source), Arc::from(&*service.targets), &service.options);
    let (runs, routing) = watch::channel(());
    service.routing = Some(routing);
    service.router = Some(Task(tokio::spawn(async move {
        let _runs = runs;
        router.run().await
    })));
}

async fn close(service: &mut Service) {
    let Some(source) = service.source.take() else { return };
    source.close().await;
    // What the source's session had is forwarded before the targets' close.
    if let Some(mut router) = service.router.take() {
        let _ended_or_aborted = timeout(MAX_DRAIN, &mut router.0).await;
    }
}
