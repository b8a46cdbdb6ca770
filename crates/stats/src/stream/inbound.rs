//! A remote stream: what its packets add up to.

use std::sync::Arc;
use std::time::Duration;

use interceptor_core::{ClockRates, CounterCell, StreamInfo};
use interceptor_packet::rfc3550::{Arrival, Jitter, JitterRule, SourceState};
use interceptor_packet::{Ecn, Origin, Recovery, RtpPacket};

use super::playout::PlayoutCells;
use super::remote::ReportedBySender;
use crate::identity::Described;
use crate::rate::RateWindow;
use crate::snapshot::InboundRtp;
use crate::time::{Timebase, units_time};

/// What readers share of a remote stream. Each media packet writes the first cache line only.
#[derive(Debug)]
pub(crate) struct InboundCells {
    hot: Hot,
    repair: Repair,
    feedback: Feedback,
    pub(crate) playout: PlayoutCells,
    pub(crate) sender: ReportedBySender,
    pub(crate) rate: RateWindow,
    pub(crate) identity: Described,
}

/// What each packet writes: one cache line.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Hot {
    packets: CounterCell,
    payload_bytes: CounterCell,
    header_bytes: CounterCell,
    last_at: CounterCell,
    lost: CounterCell,
    /// In sixteenths of a unit of the clock that the newest packet runs on.
    jitter: CounterCell,
    /// That clock, in Hz.
    clock_rate: CounterCell,
}

/// What packets off the straight way write.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Repair {
    retransmitted: CounterCell,
    retransmitted_bytes: CounterCell,
    fec: CounterCell,
    fec_bytes: CounterCell,
    duplicated: CounterCell,
    reordered: CounterCell,
    recovered_by_rtx: CounterCell,
    recovered_by_fec: CounterCell,
}

/// What feedback and marks write.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Feedback {
    nacks: CounterCell,
    plis: CounterCell,
    firs: CounterCell,
    ect0: CounterCell,
    ect1: CounterCell,
    ce: CounterCell,
    /// Written by readers.
    discarded: CounterCell,
}

impl InboundCells {
    pub(crate) fn new(stream: &StreamInfo) -> Self {
        Self {
            hot: Hot::default(),
            repair: Repair::default(),
            feedback: Feedback::default(),
            playout: PlayoutCells::default(),
            sender: ReportedBySender::default(),
            rate: RateWindow::default(),
            identity: Described::by(stream),
        }
    }

    pub(crate) fn count_nack(&self) {
        self.feedback.nacks.increment();
    }

    pub(crate) fn count_pli(&self) {
        self.feedback.plis.increment();
    }

    pub(crate) fn count_fir(&self) {
        self.feedback.firs.increment();
    }

    /// From any thread.
    pub(crate) fn add_discarded(&self, packets: u64) {
        self.feedback.discarded.add_shared(packets);
    }

    /// A rate window that began at `begun_at` or later ends. Says whether anything came in it.
    pub(crate) fn roll(&self, begun_at: u64, now: u64) -> bool {
        self.rate.roll(begun_at, now, self.hot.packets.get(), self.hot.payload_bytes.get())
    }

    /// When the stream was last heard of.
    pub(crate) fn last_at(&self) -> u64 {
        self.hot.last_at.get().max(self.sender.last_at())
    }

    pub(crate) fn snapshot(&self, now: u64, time: &Timebase) -> InboundRtp {
        let Self { hot, repair, feedback, playout, sender: _, rate, identity } = self;
        let [jitter_buffer_delay, jitter_buffer_target_delay, jitter_buffer_minimum_delay] = playout.sums();
        let of = identity.get();
        let packets_received = hot.packets.get();
        let rates = rate.rates();
        InboundRtp {
            id: format!("I{}", of.ssrc),
            timestamp: time.wall(now),
            ssrc: of.ssrc,
            kind: of.kind,
            name: Arc::clone(&of.name),
            rtx_ssrc: of.rtx_ssrc,
            fec_ssrc: of.fec_ssrc,
            remote_id: self.sender.is_known().then(|| format!("RO{}", of.ssrc)),
            packets_received,
            bytes_received: hot.payload_bytes.get(),
            header_bytes_received: hot.header_bytes.get(),
            packets_lost: hot.lost.get().cast_signed(),
            jitter: units_time(hot.jitter.get(), hot.clock_rate.get() as u32),
            packets_discarded: feedback.discarded.get().saturating_add(playout.discarded.get()),
            jitter_buffer_delay,
            jitter_buffer_target_delay,
            jitter_buffer_minimum_delay,
            jitter_buffer_emitted_count: playout.emitted(),
            packets_duplicated: repair.duplicated.get(),
            packets_reordered: repair.reordered.get(),
            last_packet_received_timestamp: (packets_received > 0).then(|| time.wall(hot.last_at.get())),
            retransmitted_packets_received: repair.retransmitted.get(),
            retransmitted_bytes_received: repair.retransmitted_bytes.get(),
            fec_packets_received: repair.fec.get(),
            fec_bytes_received: repair.fec_bytes.get(),
            packets_recovered_by_rtx: repair.recovered_by_rtx.get(),
            packets_recovered_by_fec: repair.recovered_by_fec.get(),
            nack_count: feedback.nacks.get(),
            pli_count: feedback.plis.get(),
            fir_count: feedback.firs.get(),
            packets_received_with_ect0: feedback.ect0.get(),
            packets_received_with_ect1: feedback.ect1.get(),
            packets_received_with_ce: feedback.ce.get(),
            packets_per_second: rates.map(|rates| rates.packets_per_second),
            bits_per_second: rates.map(|rates| rates.bits_per_second),
        }
    }
}

/// A remote stream on the chain's side: the shared numbers, and the receive state behind them. What a packet touches stands first.
#[derive(Debug)]
#[repr(C)]
pub struct RemoteStream {
    pub(crate) cells: Arc<InboundCells>,
    jitter: Jitter,
    source: SourceState,
    /// Of the last media packet: while it stays the same, so does the clock.
    payload_type: u8,
    /// The end of a rate window is asked for.
    pub(crate) armed: bool,
    clocks: ClockRates,
    /// The SSRC under which this end last reported on the stream.
    pub(crate) reporter: Option<u32>,
}

const _: () = assert!(
    std::mem::offset_of!(RemoteStream, payload_type) <= 64,
    "in one cache line with what the chain puts before it, but for the end of the source and the payload type"
);

impl RemoteStream {
    pub(crate) fn new(cells: Arc<InboundCells>, stream: &StreamInfo, rule: JitterRule) -> Self {
        let clock_rate = cells.identity.get().clock_rate;
        let jitter = Jitter::new(rule, clock_rate);
        cells.hot.clock_rate.set(clock_rate.into());
        let clocks = ClockRates::of(stream);
        Self {
            cells,
            source: SourceState::default(),
            jitter,
            payload_type: u8::MAX,
            armed: false,
            clocks,
            reporter: None,
        }
    }

    /// The stream is described anew.
    pub(crate) fn amend(&mut self, stream: &StreamInfo) {
        self.cells.identity.amend(stream);
        self.clocks = ClockRates::of(stream);
        self.payload_type = u8::MAX;
    }

    /// RFC 7160: each payload type runs on its own clock. One that nobody has described runs on that of those before it.
    #[cold]
    fn change_payload_type(&mut self, payload_type: u8) {
        self.payload_type = payload_type;
        if let Some(rate) = self.clocks.rate(payload_type) {
            self.jitter.set_clock_rate(rate);
            self.cells.hot.clock_rate.set(rate.into());
        }
    }

    /// A packet of any of the stream's SSRCs came `arrival` nanoseconds after the connection's start.
    #[inline]
    pub(crate) fn receive(&mut self, packet: &RtpPacket, arrival: u64) {
        let payload = packet.payload_len();
        let hot = &self.cells.hot;
        hot.packets.increment();
        hot.payload_bytes.add(payload as u64);
        hot.header_bytes.add((packet.total_len() - payload) as u64);
        hot.last_at.set(arrival);
        let info = packet.info();
        if let Some(ecn) = info.ecn {
            self.marked(ecn);
        }
        match info.origin {
            Origin::Retransmission | Origin::FecRepair => self.receive_repair(packet, payload as u64),
            _ if info.recovered_by.is_some() => self.receive_repair(packet, payload as u64),
            _ => self.receive_media(packet, arrival),
        }
    }

    #[inline]
    fn receive_media(&mut self, packet: &RtpPacket, arrival: u64) {
        if packet.payload_type() != self.payload_type {
            self.change_payload_type(packet.payload_type());
        }
        let (seq, timestamp, arrival) =
            (packet.sequence_number(), packet.timestamp(), Duration::from_nanos(arrival));
        let verdict = self.source.update(seq, timestamp, arrival, self.jitter.clock_rate());
        if verdict != (Arrival::Newest { skipped: 0 }) {
            self.off_order(verdict);
        }
        if verdict.counts() {
            self.jitter.update(arrival, timestamp, verdict.is_newest());
        }
        self.cells.hot.jitter.set(self.jitter.sixteenths());
    }

    /// Any packet but one that follows the one before.
    #[cold]
    fn off_order(&mut self, verdict: Arrival) {
        match verdict {
            Arrival::Restarted => self.jitter.resync(),
            Arrival::Late => self.cells.repair.reordered.increment(),
            Arrival::Duplicate => self.cells.repair.duplicated.increment(),
            _ => {}
        }
        self.cells.hot.lost.set(self.source.total_lost().cast_unsigned());
    }

    /// A retransmission or a repair packet; or, for an interceptor that stands above RTX or FEC, what these have
    /// brought back.
    #[cold]
    fn receive_repair(&mut self, packet: &RtpPacket, payload: u64) {
        let repair = &self.cells.repair;
        let recovery = packet.info().recovered_by;
        if packet.info().origin == Origin::FecRepair {
            repair.fec.increment();
            repair.fec_bytes.add(payload);
            return;
        }
        if recovery == Some(Recovery::Fec) {
            if self.source.recover(packet.sequence_number()) {
                repair.recovered_by_fec.increment();
            }
            return;
        }
        repair.retransmitted.increment();
        repair.retransmitted_bytes.add(payload);
        // RFC 4588 §4: the payload starts with the original sequence number; without it, it is padding.
        let original = match (recovery, packet.payload()) {
            (Some(Recovery::Rtx), _) => Some(packet.sequence_number()),
            (_, [high, low, ..]) => Some(u16::from_be_bytes([*high, *low])),
            _ => None,
        };
        if original.is_some_and(|seq| self.source.recover(seq)) {
            repair.recovered_by_rtx.increment();
        }
    }

    fn marked(&self, ecn: Ecn) {
        let feedback = &self.cells.feedback;
        match ecn {
            Ecn::NotEct => {}
            Ecn::Ect0 => feedback.ect0.increment(),
            Ecn::Ect1 => feedback.ect1.increment(),
            Ecn::Ce => feedback.ce.increment(),
        }
    }
}
