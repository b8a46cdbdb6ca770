//! A local stream: what its packets add up to.

use std::sync::Arc;
use std::time::Duration;

use interceptor_core::{CounterCell, StreamInfo};
use interceptor_packet::rtcp::ReportBlock;
use interceptor_packet::{Ecn, Origin, RtpPacket, Unwrapper};

use super::remote::ReportedByReceiver;
use crate::cell::OptionCell;
use crate::identity::Described;
use crate::rate::RateWindow;
use crate::snapshot::OutboundRtp;
use crate::time::Timebase;

/// What readers share of a local stream. Each media packet writes the first cache line only.
#[derive(Debug)]
pub(crate) struct OutboundCells {
    hot: Hot,
    feedback: Feedback,
    pub(crate) receiver: ReportedByReceiver,
    pub(crate) rate: RateWindow,
    pub(crate) identity: Described,
}

/// What packets write: one cache line.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Hot {
    packets: CounterCell,
    payload_bytes: CounterCell,
    header_bytes: CounterCell,
    last_at: CounterCell,
    retransmitted: CounterCell,
    retransmitted_bytes: CounterCell,
    fec: CounterCell,
    fec_bytes: CounterCell,
}

/// What feedback and marks write.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Feedback {
    nacks: CounterCell,
    plis: CounterCell,
    firs: CounterCell,
    ect1: CounterCell,
    target: OptionCell,
}

impl OutboundCells {
    pub(crate) fn new(stream: &StreamInfo) -> Self {
        Self {
            hot: Hot::default(),
            feedback: Feedback::default(),
            receiver: ReportedByReceiver::default(),
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

    /// Congestion control has told the stream its share.
    pub(crate) fn set_target(&self, bits_per_second: u64) {
        self.feedback.target.set(bits_per_second);
    }

    /// A rate window that began at `begun_at` or later ends. Says whether anything came in it.
    pub(crate) fn roll(&self, begun_at: u64, now: u64) -> bool {
        self.rate.roll(begun_at, now, self.hot.packets.get(), self.hot.payload_bytes.get())
    }

    /// When the stream last sent or was reported on.
    pub(crate) fn last_at(&self) -> u64 {
        self.hot.last_at.get().max(self.receiver.last_at())
    }

    /// `target_bitrate` is what holds while the stream has not been told a share of its own.
    pub(crate) fn snapshot(&self, now: u64, target_bitrate: Option<u64>, time: &Timebase) -> OutboundRtp {
        let Self { hot, feedback, receiver, rate, identity } = self;
        let of = identity.get();
        let packets_sent = hot.packets.get();
        let rates = rate.rates();
        OutboundRtp {
            id: format!("O{}", of.ssrc),
            timestamp: time.wall(now),
            ssrc: of.ssrc,
            kind: of.kind,
            name: Arc::clone(&of.name),
            rtx_ssrc: of.rtx_ssrc,
            fec_ssrc: of.fec_ssrc,
            remote_id: receiver.is_known().then(|| format!("RI{}", of.ssrc)),
            packets_sent,
            bytes_sent: hot.payload_bytes.get(),
            header_bytes_sent: hot.header_bytes.get(),
            retransmitted_packets_sent: hot.retransmitted.get(),
            retransmitted_bytes_sent: hot.retransmitted_bytes.get(),
            fec_packets_sent: hot.fec.get(),
            fec_bytes_sent: hot.fec_bytes.get(),
            nack_count: feedback.nacks.get(),
            pli_count: feedback.plis.get(),
            fir_count: feedback.firs.get(),
            target_bitrate: feedback.target.get().or(target_bitrate),
            last_packet_sent_timestamp: (packets_sent > 0).then(|| time.wall(hot.last_at.get())),
            packets_sent_with_ect1: feedback.ect1.get(),
            packets_per_second: rates.map(|rates| rates.packets_per_second),
            bits_per_second: rates.map(|rates| rates.bits_per_second),
        }
    }
}

/// A local stream on the chain's side: the shared numbers, and where its sequence numbers stand.
#[derive(Debug)]
pub struct LocalStream {
    pub(crate) cells: Arc<OutboundCells>,
    unwrapper: Unwrapper,
    /// The lowest number sent, unwrapped; meaningless before the first.
    first: i64,
    /// The end of a rate window is asked for.
    pub(crate) armed: bool,
}

const _: () = assert!(size_of::<LocalStream>() <= 56, "in one cache line with what the chain puts before it");

impl LocalStream {
    pub(crate) fn new(cells: Arc<OutboundCells>) -> Self {
        Self { cells, unwrapper: Unwrapper::new(), first: i64::MAX, armed: false }
    }

    /// A packet of any of the stream's SSRCs leaves, `now` after the connection's start.
    #[inline]
    pub(crate) fn send(&mut self, packet: &RtpPacket, now: u64) {
        let payload = packet.payload_len();
        let hot = &self.cells.hot;
        hot.packets.increment();
        hot.payload_bytes.add(payload as u64);
        hot.header_bytes.add((packet.total_len() - payload) as u64);
        hot.last_at.set(now);
        if packet.info().ecn == Some(Ecn::Ect1) {
            self.cells.feedback.ect1.increment();
        }
        match packet.info().origin {
            Origin::Retransmission => {
                hot.retransmitted.increment();
                hot.retransmitted_bytes.add(payload as u64);
            }
            Origin::FecRepair => {
                hot.fec.increment();
                hot.fec_bytes.add(payload as u64);
            }
            // Padding on the media SSRC has media sequence numbers.
            _ => self.first = self.first.min(self.unwrapper.unwrap(packet.sequence_number())),
        }
    }

    /// A report block about the media SSRC came.
    pub(crate) fn reported(&self, block: &ReportBlock<'_>, rtt: Option<Duration>, now: u64) {
        self.cells.receiver.report(block, self.sent_up_to(block.extended_sequence_number() as u16), rtt, now);
    }

    /// Numbers from the first sent to `seq`, which is near the last sent.
    fn sent_up_to(&self, seq: u16) -> u64 {
        if self.unwrapper.last().is_none() {
            return 0;
        }
        u64::try_from(self.unwrapper.peek(seq) - self.first + 1).unwrap_or(0)
    }
}
