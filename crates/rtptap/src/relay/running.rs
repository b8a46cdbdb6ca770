//! A relay that runs.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use interceptor_pcap_dump::PcapDumpHandle;
use interceptor_stats::StatsHandle;
use interceptor_tokio::SessionError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::capture::CaptureStats;
use super::change::Order;
use super::leg::Leg;
use super::service::{Service, Started, Task};
use super::{RelayError, RelayOptions, RelayStats, RtcpMode};

/// A relay that runs until it is stopped, or dropped (then without a goodbye).
#[derive(Debug)]
pub struct Relay {
    core: Arc<Core>,
    /// Its other half goes with the router, however that ends.
    routing: watch::Receiver<()>,
    stop: oneshot::Sender<()>,
    /// Everything that was started, and what is done when it stops.
    service: Task<Result<Vec<PathBuf>, RelayError>>,
}

/// What is asked for while it runs.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) source: Arc<Leg>,
    pub(super) targets: Arc<[Arc<Leg>]>,
    stats: StatsHandle,
    pub(super) capture: Option<PcapDumpHandle>,
    /// Where changes are asked for.
    pub(super) orders: mpsc::Sender<Order>,
    start: Instant,
}

/// Tells how a relay stands and changes it, from any task; what an HTTP server needs of it.
#[derive(Clone, Debug)]
pub struct RelayHandle(pub(super) Arc<Core>);

impl Relay {
    /// Takes the ports and starts to relay.
    ///
    /// # Errors
    /// An option that does not fit, a port that is taken, or a place for captures that cannot be written to. What was started before is
    /// stopped then.
    pub async fn start(options: RelayOptions) -> Result<Self, RelayError> {
        options.check()?;
        let ((ready, started), (stop, stopped)) = (oneshot::channel(), oneshot::channel());
        let mut service = Task(tokio::spawn(Service::new(options, ready, stopped).run()));
        match started.await {
            Ok(Started { core, routing }) => Ok(Self { core, routing, stop, service }),
            Err(_) => Err(ended(&mut service).await.err().unwrap_or(RelayError::TaskEnded)),
        }
    }

    /// Where RTP is listened for.
    #[must_use]
    pub fn listen_addr(&self) -> SocketAddr {
        self.core.source.local
    }

    /// Where RTP is sent from, to each target; the port above is RTCP's unless it is multiplexed.
    pub fn from_addrs(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.core.targets.iter().map(|target| target.local)
    }

    /// The legs in words, one a line.
    #[must_use]
    pub fn describe(&self) -> String {
        let source = &self.core.source;
        let mut text = format!("listening on {}", with_rtcp(source.local, source.rtcp));
        for target in &*self.core.targets {
            let to = target.peers.media().map_or_else(String::new, |to| with_rtcp(to, target.rtcp));
            text +=
                &format!("\n{}: sending to {to} from {}", target.id(), with_rtcp(target.local, target.rtcp));
        }
        text
    }

    /// Reads how it stands, from any task.
    #[must_use]
    pub fn handle(&self) -> RelayHandle {
        RelayHandle(Arc::clone(&self.core))
    }

    /// How it stands.
    #[must_use]
    pub fn stats(&self) -> RelayStats {
        self.core.snapshot()
    }

    /// Waits until a leg or a task breaks off; a relay that is well never gets there. Cancel-safe.
    ///
    /// # Errors
    /// Always: which leg, and why.
    pub async fn broken(&self) -> Result<Infallible, RelayError> {
        let mut routing = self.routing.clone();
        tokio::select! {
            biased;
            broken = self.leg_broken() => return broken,
            // Nothing is ever sent: it waits for the other half to go.
            _ = routing.changed() => {}
        }
        // It ends when the source's session does; that one says why, but may take a moment more.
        if self.core.source.session.ended().is_some() {
            return self.leg_broken().await;
        }
        Err(RelayError::TaskEnded)
    }

    async fn leg_broken(&self) -> Result<Infallible, RelayError> {
        let legs = self.core.legs();
        let ends =
            legs.map(|leg| Box::pin(async move { (leg.id().to_string(), leg.session.closed().await) }));
        let (leg, end) = first(ends.collect()).await;
        Err(RelayError::Leg { leg, error: end.err().unwrap_or(SessionError::Closed) })
    }

    /// Says goodbye to all, sends what is queued, completes captures. Gives the last figures and the files written.
    ///
    /// # Errors
    /// The capture had broken off. Everything is stopped all the same.
    pub async fn stop(self) -> Result<(RelayStats, Vec<PathBuf>), RelayError> {
        let Self { core, stop, mut service, .. } = self;
        // It may have ended by itself.
        let _ = stop.send(());
        let files = ended(&mut service).await?;
        Ok((core.snapshot(), files))
    }
}

/// What came of it in the end.
async fn ended(service: &mut Task<Result<Vec<PathBuf>, RelayError>>) -> Result<Vec<PathBuf>, RelayError> {
    // It is not aborted before its handle is dropped: it has panicked.
    (&mut service.0).await.unwrap_or(Err(RelayError::TaskEnded))
}

impl RelayHandle {
    /// How the relay stands.
    #[must_use]
    pub fn stats(&self) -> RelayStats {
        self.0.snapshot()
    }

    /// The statistics of all its legs.
    #[must_use]
    pub fn connections(&self) -> StatsHandle {
        self.0.stats.clone()
    }
}

impl Core {
    pub(super) fn new(
        source: Arc<Leg>,
        targets: Arc<[Arc<Leg>]>,
        stats: StatsHandle,
        capture: Option<PcapDumpHandle>,
        orders: mpsc::Sender<Order>,
    ) -> Self {
        Self { source, targets, stats, capture, orders, start: Instant::now() }
    }

    /// The source first.
    pub(super) fn legs(&self) -> impl Iterator<Item = &Arc<Leg>> {
        std::iter::once(&self.source).chain(self.targets.iter())
    }

    fn snapshot(&self) -> RelayStats {
        let legs = self.legs().map(|leg| leg.snapshot(&self.stats)).collect();
        let capture = self.capture.as_ref().map(CaptureStats::of);
        RelayStats { uptime: self.start.elapsed().as_secs_f64(), capture, legs }
    }
}

fn with_rtcp(address: SocketAddr, rtcp: RtcpMode) -> String {
    match rtcp {
        RtcpMode::Mux => format!("{address} (RTP and RTCP)"),
        RtcpMode::Ports => format!("{address} (RTCP {})", address.port().saturating_add(1)),
    }
}

/// What the first of several futures to be ready gives.
async fn first<F: Future + Unpin>(mut futures: Vec<F>) -> F::Output {
    std::future::poll_fn(|cx| {
        let ready = futures
            .iter_mut()
            .map(|future| std::pin::Pin::new(future).poll(cx))
            .find(std::task::Poll::is_ready);
        ready.unwrap_or(std::task::Poll::Pending)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::super::{SourceOptions, TargetOptions};
    use super::*;

    async fn relay() -> Relay {
        let [listen, to] = ["127.0.0.1:0", "127.0.0.1:9"].map(|address| address.parse().unwrap());
        Relay::start(RelayOptions::new(SourceOptions::new(listen), vec![TargetOptions::new(to)]))
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_task_that_is_gone_is_an_end_with_a_reason() {
        let relay = relay().await;
        assert!(relay.handle().is_well());
        relay.service.0.abort();
        assert!(matches!(relay.broken().await, Err(RelayError::TaskEnded)));
        assert!(matches!(relay.stop().await, Err(RelayError::TaskEnded)));
    }

    #[tokio::test]
    async fn a_leg_that_is_gone_is_named() {
        for at in [0, 1] {
            let relay = relay().await;
            let legs: Vec<_> = relay.core.legs().map(Arc::clone).collect();
            legs[at].session.close().await.unwrap();
            let Err(RelayError::Leg { leg, .. }) = relay.broken().await else { panic!("another error") };
            assert_eq!(leg, legs[at].id().to_string());
            assert!(!relay.handle().is_well());
        }
    }
}
