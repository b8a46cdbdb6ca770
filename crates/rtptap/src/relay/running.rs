//! A relay that runs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use interceptor_pcap_dump::PcapDumpHandle;
use interceptor_stats::{StatsFactory, StatsHandle};
use interceptor_tokio::SessionError;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};

use super::clock::SourceBook;
use super::dump::{Dump, set_peer};
use super::leg::{Common, Leg};
use super::requests;
use super::router::Router;
use super::{RelayError, RelayOptions, RelayStats, RtcpMode};

/// What the source had is forwarded in no time, but nothing waits for ever.
const MAX_DRAIN: Duration = Duration::from_secs(1);

/// A relay that runs until it is stopped, or dropped (then without a goodbye).
#[derive(Debug)]
pub struct Relay {
    core: Arc<Core>,
    router: JoinHandle<SessionError>,
    /// Ends them when it is dropped.
    tasks: JoinSet<()>,
    capture: Option<PcapDumpHandle>,
}

/// What is asked for while it runs.
#[derive(Debug)]
struct Core {
    source: Arc<Leg>,
    targets: Arc<[Arc<Leg>]>,
    stats: StatsHandle,
    start: Instant,
}

/// Tells how a relay stands, from any task; what an HTTP server needs of it.
#[derive(Clone, Debug)]
pub struct RelayHandle(Arc<Core>);

impl Relay {
    /// Takes the ports and starts to relay.
    ///
    /// # Errors
    /// An option that does not fit, or a port that is taken.
    pub async fn start(options: RelayOptions) -> Result<Self, RelayError> {
        options.check()?;
        let factory = StatsFactory::default();
        let stats = factory.handle();
        let (book, dump) = (SourceBook::default(), options.dump.as_deref().map(Dump::new).transpose()?);
        let common = Common { options: &options, stats: &factory, book: &book, dump: dump.as_ref() };
        let mut targets = Vec::with_capacity(options.targets.len());
        for (at, target) in options.targets.iter().enumerate() {
            targets.push(Arc::new(Leg::target(at + 1, target, &common).await?));
        }
        let (source, targets) = (Arc::new(Leg::source(&common).await?), Arc::<[Arc<Leg>]>::from(targets));
        let leg = Arc::downgrade(&source);
        source.peers.watch(move |peer| {
            if let Some(leg) = leg.upgrade() {
                set_peer(&leg.session, leg.local, peer);
            }
        });

        let mut tasks = JoinSet::new();
        let (asked, desk) = requests::desk();
        for target in &*targets {
            tasks.spawn(requests::listen(Arc::clone(target), asked.clone()));
        }
        tasks.spawn(requests::forward(desk, Arc::clone(&source), options.keyframe_interval));
        let router = Router::new(Arc::clone(&source), Arc::clone(&targets), &options);
        let router = tokio::spawn(router.run());
        let capture = dump.as_ref().map(Dump::handle);
        let core = Arc::new(Core { source, targets, stats, start: Instant::now() });
        Ok(Self { core, router, tasks, capture })
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

    /// Waits until a leg breaks off; a relay that is well never gets there. Cancel-safe.
    ///
    /// # Errors
    /// Always: which leg, and why.
    pub async fn broken(&self) -> Result<std::convert::Infallible, RelayError> {
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
    pub async fn stop(mut self) -> Result<(RelayStats, Vec<PathBuf>), RelayError> {
        let core = Arc::clone(&self.core);
        core.source.close().await;
        // What the source's session had is forwarded before the targets' close.
        if timeout(MAX_DRAIN, &mut self.router).await.is_err() {
            self.router.abort();
        }
        for target in &*core.targets {
            target.close().await;
        }
        self.tasks.shutdown().await;
        let stats = self.core.snapshot();
        let Some(capture) = &self.capture else { return Ok((stats, Vec::new())) };
        match capture.error() {
            Some(error) => Err(RelayError::Capture(error.to_string())),
            None => Ok((stats, capture.files())),
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.router.abort();
    }
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
    /// The source first.
    fn legs(&self) -> impl Iterator<Item = &Arc<Leg>> {
        std::iter::once(&self.source).chain(self.targets.iter())
    }

    fn snapshot(&self) -> RelayStats {
        let legs = self.legs().map(|leg| leg.snapshot(&self.stats)).collect();
        RelayStats { uptime: self.start.elapsed().as_secs_f64(), legs }
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
