//! One side of the relay: sockets, a session over them, and the chain that it runs.

use std::net::SocketAddr;
use std::sync::Arc;

use interceptor_core::{Limits, Registry, StreamInfo};
use interceptor_keyframe::{KeyframeFactory, KeyframeOptions};
use interceptor_nack::{NackFactory, NackOptions};
use interceptor_report::{ReportFactory, ReportOptions, RttReports};
use interceptor_rtx::{RtxAssociationFactory, RtxFactory, RtxOptions};
use interceptor_stats::StatsFactory;
use interceptor_tokio::{Session, SessionOptions};

use super::book::Tally;
use super::clock::{ListenToSource, SourceBook, TranslateReports};
use super::dump::Dump;
use super::fec::LegFec;
use super::ledger::Ledger;
use super::limits::LegLimits;
use super::rules::on_leg;
use super::service::Task;
use super::wire::{KernelDrops, LegSockets, Link, Peers};
use super::{RelayError, RelayOptions, RtcpMode, RtxMode, SourceOptions, TargetOptions};

/// Packets of a stream that wait while the task that forwards them is not scheduled: half a second of 100 Mbit/s.
const RECEIVE_QUEUE: usize = 4096;

/// The same in bytes, of 1500 a packet.
const RECEIVE_QUEUE_BYTES: usize = RECEIVE_QUEUE * 1500;

/// Packets kept of a stream that has just appeared, until it is bound: a key frame's burst at any bit rate.
const PENDING_PACKETS: usize = 512;

/// The same in bytes, of 1500 a packet.
const PENDING_BYTES: usize = PENDING_PACKETS * 1500;

/// Bytes kept of all streams that have just appeared: five bursts at a time, or as many small ones as there are SSRCs.
const PENDING_TOTAL_BYTES: usize = 5 * PENDING_BYTES;

/// SSRCs that wait to become streams, at most; as many as there may be streams, if those are less.
const MAX_PENDING_STREAMS: usize = 1024;

/// Packets in sequence that make an SSRC a stream's (RFC 3550 A.1, `MIN_SEQUENTIAL`).
const IN_SEQUENCE: u16 = 2;

/// Streams that are ending, beside those that there may be.
const LEAVING: usize = 64;

/// Packets that wait for a leg's socket while whoever sends is not scheduled: as many as wait on the way in.
const SEND_QUEUE: usize = 4096;

/// The same in bytes, of 1500 a packet.
const SEND_QUEUE_BYTES: usize = SEND_QUEUE * 1500;

/// Requests for one packet, as many as libwebrtc has: age shall be what ends them, on short round trips as well.
const MAX_REQUESTS: u8 = 100;

/// Which side of the relay a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Media comes from here.
    Source,
    /// Media goes there.
    Target,
}

/// One side of the relay.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) role: Role,
    pub(super) session: Session,
    pub(super) peers: Arc<Peers>,
    pub(super) kernel_drops: KernelDrops,
    /// Where RTP's socket is bound.
    pub(super) local: SocketAddr,
    pub(super) rtcp: RtcpMode,
    pub(super) tally: Tally,
    pub(super) ledger: Ledger,
    /// What the way to the other side does; of a target it may change.
    pub(super) link: Arc<Link>,
    _line: Task<()>,
    pub(super) limit: LegLimits,
    pub(super) fec: LegFec,
    nack: bool,
    rtx: bool,
}

/// What all legs of a relay share.
pub(super) struct Common<'a> {
    pub(super) options: &'a RelayOptions,
    pub(super) stats: &'a StatsFactory,
    pub(super) book: &'a SourceBook,
    pub(super) dump: Option<&'a Dump>,
}

impl Leg {
    /// Listens for the source: asks for what is missing, recovers it, reports.
    pub(super) async fn source(common: &Common<'_>) -> Result<Self, RelayError> {
        let SourceOptions { listen, rtcp, rtcp_to, ref from, nack, rtx, xr, limit, .. } =
            common.options.source;
        let (fec, correction) = LegFec::source(&common.options.source);
        let (limit, limits) = LegLimits::new(Role::Source, limit)?;
        let sockets = LegSockets::bind(listen, rtcp, "to listen").await?;
        let peers = Arc::new(Peers::learnt(rtcp_to, common.options.takeover, from.clone()));
        // Where RTX streams have stand-ins for SSRCs, a report on them would be about something that nobody knows.
        let rtt_reports = if xr { RttReports::Auto } else { RttReports::Never };
        let reports = ReportOptions::default().with_rtt_reports(rtt_reports).with_repair_streams(false);
        let registry = Registry::new()
            // Streams are bound with stand-ins for RTX SSRCs that nobody has named.
            .with(RtxAssociationFactory::default())
            .with(ListenToSource(common.book.clone()))
            .with(common.stats.clone())
            .with(ReportFactory::new(reports).map_err(refused)?)
            .with(RtxFactory::default())
            .with(correction)
            .with(common.nack(|options| options.with_answering(false))?)
            .with(common.keyframes()?)
            .with(limits.remote());
        common.start(Role::Source, "source", &registry, (sockets, peers, limit, fec), (rtcp, nack, rtx))
    }

    /// Sends to a target: answers for what is missing there, protects, reports.
    pub(super) async fn target(
        at: usize,
        target: &TargetOptions,
        common: &Common<'_>,
    ) -> Result<Self, RelayError> {
        let TargetOptions { to, from, rtcp, rtcp_to, nack, rtx, limit, .. } = *target;
        let (fec, correction) = LegFec::target(target)?;
        let (limit, limits) = LegLimits::new(Role::Target, limit)?;
        let from = from.unwrap_or_else(|| LegSockets::any(to));
        let sockets = LegSockets::bind(from, rtcp, "to send from").await?;
        let peers = Arc::new(Peers::fixed(to, rtcp, rtcp_to));
        let repeats = RtxOptions::default().with_plain_fallback(rtx == RtxMode::Auto);
        let rtx = rtx != RtxMode::Off;
        let registry = Registry::new()
            .with(TranslateReports(common.book.clone()))
            .with(common.stats.clone())
            .with(limits)
            .with(ReportFactory::default())
            .with(RtxFactory::new(repeats).map_err(refused)?)
            .with(correction)
            .with(common.nack(|options| options.with_asking(false))?);
        let id = format!("target-{at}");
        common.start(Role::Target, &id, &registry, (sockets, peers, limit, fec), (rtcp, nack, rtx))
    }

    /// `source`, `target-1` and so on.
    pub(super) fn id(&self) -> &Arc<str> {
        self.session.id()
    }

    /// Says goodbye, sends what is queued, notes the last statistics.
    pub(super) async fn close(&self) {
        // The system forgets it with the sockets.
        self.kernel_drops.read();
        if let Err(error) = self.session.close().await {
            tracing::debug!(leg = %self.id(), %error, "leg did not close well");
        }
        self.link.finish();
        self.ledger.finish().await;
    }

    /// The stream as this leg takes part in it.
    pub(super) fn stream(&self, stream: &StreamInfo) -> StreamInfo {
        on_leg(stream, self.nack, self.rtx, self.fec.on)
    }
}

impl Common<'_> {
    fn nack(&self, change: impl FnOnce(NackOptions) -> NackOptions) -> Result<NackFactory, RelayError> {
        let history = self.options.history;
        let options = NackOptions::default()
            .with_max_age(history)
            .with_max_requests(MAX_REQUESTS)
            .with_send_history_age(history)
            .with_send_history_total_bytes(self.options.history_bytes as u64);
        NackFactory::new(change(options)).map_err(refused)
    }

    /// Asks for what targets need, and NACK has given up; for nothing of its own, as nobody looks at pictures here.
    fn keyframes(&self) -> Result<KeyframeFactory, RelayError> {
        let interval = self.options.keyframe_interval;
        let options = KeyframeOptions::default()
            .with_answering(false)
            .with_on_bind(false)
            .with_on_silence(None)
            .with_min_interval(interval)
            .with_assume_answered(interval);
        KeyframeFactory::new(options).map_err(refused)
    }

    fn start(
        &self,
        role: Role,
        id: &str,
        registry: &Registry,
        (sockets, peers, limit, fec): (LegSockets, Arc<Peers>, LegLimits, LegFec),
        (rtcp, nack, rtx): (RtcpMode, bool, bool),
    ) -> Result<Leg, RelayError> {
        let (local, kernel_drops) = (sockets.media_addr()?, sockets.kernel_drops());
        let link = Arc::<Link>::default();
        let mut queues = SessionOptions::default()
            .with_send_queue(SEND_QUEUE)
            .with_send_queue_bytes(SEND_QUEUE_BYTES)
            .with_receive_queue(RECEIVE_QUEUE)
            .with_receive_queue_bytes(RECEIVE_QUEUE_BYTES)
            .with_pending_packets(PENDING_PACKETS)
            .with_pending_bytes(PENDING_BYTES)
            .with_pending_total_bytes(PENDING_TOTAL_BYTES)
            .with_pending_streams(self.options.max_streams.min(MAX_PENDING_STREAMS))
            .with_probation_packets(IN_SEQUENCE);
        if role == Role::Target {
            // Media does not come from there.
            queues = queues.with_pending_streams(0);
        }
        // Room for those that come while others go.
        let limits = Limits::default().with_max_streams(self.options.max_streams + LEAVING);
        let session = Session::builder(registry, id)
            .transport(sockets.transport(Arc::clone(&peers), Arc::clone(&link)))
            .options(queues)
            .reduced_size_rtcp(self.options.reduced_size)
            .limits(limits)
            .spawn()?;
        if let Some(dump) = self.dump {
            dump.attach(&session, local, peers.media())?;
        }
        let ledger = Ledger::open(&session);
        let (tally, line) = (Tally::default(), Task(tokio::spawn(Arc::clone(&link).run())));
        Ok(Leg {
            role,
            session,
            peers,
            kernel_drops,
            local,
            rtcp,
            tally,
            ledger,
            link,
            _line: line,
            limit,
            fec,
            nack,
            rtx,
        })
    }
}

/// An interceptor's options that our own checks should have found.
fn refused(error: impl ToString) -> RelayError {
    super::OptionsError::new("an option", error.to_string(), "see docs/relay.md for what it may be").into()
}
