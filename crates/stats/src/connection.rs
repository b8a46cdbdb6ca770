//! What is kept of each connection, shared by its chain and all readers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use interceptor_core::{ChainConfig, CounterCell, Counters, Facts};

use crate::cell::OptionCell;
use crate::snapshot::{
    ConnectionStats, InboundRtp, InterceptorErrors, OutboundRtp, RemoteInboundRtp, RemoteOutboundRtp,
    StreamStats,
};
use crate::stream::{InboundCells, OutboundCells};
use crate::time::{Timebase, nanos};

/// One connection. Its chain writes numbers without a lock; the locks guard only which streams there are.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: Arc<str>,
    pub(crate) time: Timebase,
    streams: Mutex<StreamTable>,
    errors: Mutex<Vec<InterceptorErrors>>,
    pub(crate) rtcp: Rtcp,
    chain: ChainCells,
    /// When anything but an RTP packet last happened.
    last_at: CounterCell,
    available_outgoing: OptionCell,
    available_incoming: OptionCell,
    rtt: OptionCell,
}

/// The bound streams, by media SSRC.
#[derive(Debug, Default)]
struct StreamTable {
    inbound: BTreeMap<u32, Arc<InboundCells>>,
    outbound: BTreeMap<u32, Arc<OutboundCells>>,
}

/// RTCP each way.
#[derive(Debug, Default)]
pub(crate) struct Rtcp {
    sent: CounterCell,
    sent_bytes: CounterCell,
    received: CounterCell,
    received_bytes: CounterCell,
    unknown_ssrcs: CounterCell,
}

impl Rtcp {
    pub(crate) fn sent(&self, bytes: usize) {
        self.sent.increment();
        self.sent_bytes.add(bytes as u64);
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.received.increment();
        self.received_bytes.add(bytes as u64);
    }

    /// Something in it was about nobody here.
    pub(crate) fn about_unknown(&self) {
        self.unknown_ssrcs.increment();
    }
}

/// The chain's own counters.
#[derive(Debug, Default)]
struct ChainCells {
    malformed_datagrams: CounterCell,
    malformed_rtcp_packets: CounterCell,
    foreign_datagrams: CounterCell,
    unbound_read: CounterCell,
    unbound_written: CounterCell,
    hook_errors: CounterCell,
    panics: CounterCell,
}

impl Connection {
    pub(crate) fn new(config: &ChainConfig) -> Self {
        Self {
            id: Arc::clone(&config.id),
            time: Timebase::of(config),
            streams: Mutex::default(),
            errors: Mutex::default(),
            rtcp: Rtcp::default(),
            chain: ChainCells::default(),
            last_at: CounterCell::default(),
            available_outgoing: OptionCell::default(),
            available_incoming: OptionCell::default(),
            rtt: OptionCell::default(),
        }
    }

    pub(crate) fn add_inbound(&self, cells: Arc<InboundCells>) {
        self.streams().inbound.insert(cells.identity.ssrc, cells);
    }

    pub(crate) fn add_outbound(&self, cells: Arc<OutboundCells>) {
        self.streams().outbound.insert(cells.identity.ssrc, cells);
    }

    /// Something happened at `now`.
    pub(crate) fn touch(&self, now: u64) {
        self.last_at.set(now);
    }

    /// Takes over what the chain has counted and found out. `errors` is asked only when there are new ones.
    pub(crate) fn sync<I>(&self, counters: &Counters, facts: &Facts, errors: impl FnOnce() -> I)
    where
        I: Iterator<Item = (&'static str, u64)>,
    {
        let chain = &self.chain;
        chain.malformed_datagrams.set(counters.malformed_datagrams);
        chain.malformed_rtcp_packets.set(counters.malformed_rtcp_packets);
        chain.foreign_datagrams.set(counters.foreign_datagrams);
        chain.unbound_read.set(counters.unbound_read);
        chain.unbound_written.set(counters.unbound_written);
        chain.panics.set(counters.panics);
        self.available_outgoing.replace(facts.target_bitrate().map(|target| target.bits_per_second));
        self.rtt.replace(facts.rtt().map(|rtt| nanos(rtt.latest)));
        if chain.hook_errors.get() != counters.hook_errors {
            chain.hook_errors.set(counters.hook_errors);
            let some = errors().filter(|(_, errors)| *errors > 0);
            *lock(&self.errors) = some.map(|(name, errors)| InterceptorErrors::new(name, errors)).collect();
        }
    }

    /// This end told the sender what it can take.
    pub(crate) fn estimated_incoming(&self, bits_per_second: u64) {
        self.available_incoming.set(bits_per_second);
    }

    /// The remote stream that owns an SSRC.
    pub(crate) fn inbound(&self, ssrc: u32) -> Option<Arc<InboundCells>> {
        let inbound = &self.streams().inbound;
        let owner = || inbound.values().find(|cells| cells.identity.owns(ssrc));
        inbound.get(&ssrc).or_else(owner).cloned()
    }

    /// The local stream that owns an SSRC.
    fn outbound(&self, ssrc: u32) -> Option<Arc<OutboundCells>> {
        let outbound = &self.streams().outbound;
        let owner = || outbound.values().find(|cells| cells.identity.owns(ssrc));
        outbound.get(&ssrc).or_else(owner).cloned()
    }

    /// The streams that own an SSRC, `None` when there are none.
    pub(crate) fn stream(&self, ssrc: u32) -> Option<StreamStats> {
        let (inbound, outbound) = (self.inbound(ssrc), self.outbound(ssrc));
        if inbound.is_none() && outbound.is_none() {
            return None;
        }
        let target = self.target_bitrate(self.streams().outbound.len());
        let (inbound_rtp, remote_outbound_rtp) =
            inbound.map(|cells| self.received(&cells)).unwrap_or_default();
        let (outbound_rtp, remote_inbound_rtp) =
            outbound.map(|cells| self.sent(&cells, target)).unwrap_or_default();
        Some(StreamStats { inbound_rtp, remote_outbound_rtp, outbound_rtp, remote_inbound_rtp })
    }

    /// A remote stream ends.
    pub(crate) fn end_inbound(&self, cells: &InboundCells) -> StreamStats {
        self.streams().inbound.remove(&cells.identity.ssrc);
        let (inbound_rtp, remote_outbound_rtp) = self.received(cells);
        StreamStats { inbound_rtp, remote_outbound_rtp, outbound_rtp: None, remote_inbound_rtp: None }
    }

    /// A local stream ends.
    pub(crate) fn end_outbound(&self, cells: &OutboundCells) -> StreamStats {
        let target = self.target_bitrate(self.streams().outbound.len());
        self.streams().outbound.remove(&cells.identity.ssrc);
        let (outbound_rtp, remote_inbound_rtp) = self.sent(cells, target);
        StreamStats { inbound_rtp: None, remote_outbound_rtp: None, outbound_rtp, remote_inbound_rtp }
    }

    fn received(&self, cells: &InboundCells) -> (Option<InboundRtp>, Option<RemoteOutboundRtp>) {
        let now = self.last_at.get().max(cells.last_at());
        (Some(cells.snapshot(now, &self.time)), cells.sender.snapshot(&cells.identity.get(), &self.time))
    }

    fn sent(
        &self,
        cells: &OutboundCells,
        target: Option<u64>,
    ) -> (Option<OutboundRtp>, Option<RemoteInboundRtp>) {
        let now = self.last_at.get().max(cells.last_at());
        (
            Some(cells.snapshot(now, target, &self.time)),
            cells.receiver.snapshot(&cells.identity.get(), &self.time),
        )
    }

    pub(crate) fn snapshot(&self) -> ConnectionStats {
        let streams = self.streams();
        let inbound: Vec<_> = streams.inbound.values().cloned().collect();
        let outbound: Vec<_> = streams.outbound.values().cloned().collect();
        drop(streams);
        let (inbound_rtp, remote_outbound_rtp): (Vec<_>, Vec<_>) =
            inbound.iter().map(|cells| self.received(cells)).unzip();
        let target = self.target_bitrate(outbound.len());
        let (outbound_rtp, remote_inbound_rtp): (Vec<_>, Vec<_>) =
            outbound.iter().map(|cells| self.sent(cells, target)).unzip();
        let last_at =
            inbound.iter().map(|cells| cells.last_at()).chain(outbound.iter().map(|cells| cells.last_at()));
        let now = last_at.fold(self.last_at.get(), u64::max);
        let Self { time, rtcp, chain, .. } = self;
        ConnectionStats {
            id: Arc::clone(&self.id),
            timestamp: time.wall(now),
            available_outgoing_bitrate: self.available_outgoing.get(),
            available_incoming_bitrate: self.available_incoming.get(),
            current_round_trip_time: self.rtt.get().map(Duration::from_nanos),
            rtcp_packets_sent: rtcp.sent.get(),
            rtcp_bytes_sent: rtcp.sent_bytes.get(),
            rtcp_packets_received: rtcp.received.get(),
            rtcp_bytes_received: rtcp.received_bytes.get(),
            unknown_ssrcs: rtcp.unknown_ssrcs.get(),
            malformed_datagrams: chain.malformed_datagrams.get(),
            malformed_rtcp_packets: chain.malformed_rtcp_packets.get(),
            foreign_datagrams: chain.foreign_datagrams.get(),
            unbound_packets_received: chain.unbound_read.get(),
            unbound_packets_sent: chain.unbound_written.get(),
            hook_errors: chain.hook_errors.get(),
            panics: chain.panics.get(),
            interceptor_errors: lock(&self.errors).clone(),
            inbound_rtp: inbound_rtp.into_iter().flatten().collect(),
            outbound_rtp: outbound_rtp.into_iter().flatten().collect(),
            remote_inbound_rtp: remote_inbound_rtp.into_iter().flatten().collect(),
            remote_outbound_rtp: remote_outbound_rtp.into_iter().flatten().collect(),
        }
    }

    /// The connection's target is that of a stream which was told no share only when there is no other.
    fn target_bitrate(&self, local_streams: usize) -> Option<u64> {
        self.available_outgoing.get().filter(|_| local_streams == 1)
    }

    fn streams(&self) -> MutexGuard<'_, StreamTable> {
        lock(&self.streams)
    }
}

/// No holder of these locks can leave what they guard half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
