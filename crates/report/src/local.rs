//! What this end sends: one local stream and its sources, each with the sums of its sender reports.

use std::time::Instant;

use interceptor_core::{ClockRates, Loss, StreamInfo};
use interceptor_packet::rfc3550::MAX_DROPOUT;
use interceptor_packet::{NtpTime, Origin, RtpClock, RtpPacket, SequenceNumber};

use crate::ReportOptions;
use crate::path_loss::PathLoss;
use crate::remote::repair_ssrcs;

/// RFC 3550 §6.4: a source still makes this many sender reports after its last packet.
const REPORTS_AS_SENDER: u8 = 2;

/// The instant that an RTP timestamp belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Anchor {
    at: Instant,
    timestamp: u32,
    /// Tells the clock that the timestamp runs on (RFC 7160).
    payload_type: u8,
}

/// What a sender report says besides its blocks (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SenderInfo {
    pub(crate) ssrc: u32,
    pub(crate) ntp: NtpTime,
    pub(crate) rtp_timestamp: u32,
    pub(crate) packets: u32,
    pub(crate) octets: u32,
}

/// One SSRC that this end sends with.
#[derive(Debug)]
pub(crate) struct LocalSource {
    anchor: Option<Anchor>,
    ssrc: u32,
    packets: u32,
    octets: u32,
    highest: SequenceNumber,
    /// Sender reports still to be made after the last packet.
    reports_due: u8,
    /// The [`report_order`](crate::Report::report_order) of its last sender report; 0 before any.
    pub(crate) last_report_order: u64,
}

const _: () = assert!(size_of::<LocalSource>() <= 48, "as documented");

impl LocalSource {
    const fn new(ssrc: u32) -> Self {
        Self {
            anchor: None,
            ssrc,
            packets: 0,
            octets: 0,
            highest: SequenceNumber(0),
            reports_due: 0,
            last_report_order: 0,
        }
    }

    pub(crate) const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Whether it is a sender: has sent RTP within the last two rounds of reports.
    pub(crate) const fn is_sender(&self) -> bool {
        self.reports_due > 0
    }

    /// Whether it has sent anything, ever.
    pub(crate) const fn has_sent(&self) -> bool {
        self.anchor.is_some()
    }

    /// Is it the first?
    #[inline]
    fn count_packet(&mut self, packet: &RtpPacket, now: Instant) -> bool {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(packet.payload_len() as u32);
        self.reports_due = REPORTS_AS_SENDER;
        let seq = SequenceNumber(packet.sequence_number());
        let timestamp = packet.timestamp();
        let Some(anchor) = &mut self.anchor else {
            self.highest = seq;
            self.anchor = Some(Anchor { at: now, timestamp, payload_type: packet.payload_type() });
            return true;
        };
        if packet.info().origin == Origin::Retransmission || !follows(seq, self.highest) {
            return false;
        }
        self.highest = seq;
        // The first packet of a frame tells when the frame was; the rest may have waited behind it.
        if timestamp != anchor.timestamp {
            *anchor = Anchor { at: now, timestamp, payload_type: packet.payload_type() };
        }
        false
    }
}

/// Whether `seq` is in order behind `highest`: ahead of it, or so far away that numbering has started again.
const fn follows(seq: SequenceNumber, highest: SequenceNumber) -> bool {
    let ahead = seq.distance(highest);
    ahead > 0 || ahead.unsigned_abs() >= MAX_DROPOUT
}

/// A local stream: its media source and, if they are reported on, its RTX and FEC sources. A packet touches the media source only, which
/// stands first: in the cache line that the chain looks at anyway.
#[derive(Debug)]
#[repr(C)]
pub struct LocalStream {
    media: LocalSource,
    repair: Box<[LocalSource]>,
    clocks: Box<ClockRates>,
    /// The clock of payload types that nobody has described.
    clock_rate: u32,
    /// Retransmissions carry the timestamps of the media (RFC 4588 §4).
    rtx: Option<u32>,
    /// From the first word about it on.
    path_loss: Option<Box<PathLoss>>,
}

const _: () = assert!(size_of::<LocalStream>() <= 96, "the crate's documentation says so");

impl LocalStream {
    pub(crate) fn new(stream: &StreamInfo, options: &ReportOptions) -> Self {
        Self {
            media: LocalSource::new(stream.ssrc),
            repair: repair_ssrcs(stream, options).into_iter().map(LocalSource::new).collect(),
            clocks: Box::new(ClockRates::of(stream)),
            clock_rate: stream.primary().map_or(0, |codec| codec.clock_rate),
            rtx: stream.rtx.as_ref().map(|rtx| rtx.ssrc),
            path_loss: None,
        }
    }

    /// The stream is described anew: repair sources that it goes on naming keep what was counted of them.
    pub(crate) fn amend(&mut self, stream: &StreamInfo, options: &ReportOptions) {
        let mut before = std::mem::take(&mut self.repair).into_vec();
        let amended = Self::new(stream, options);
        let keep = |source: LocalSource| match before.iter().position(|kept| kept.ssrc == source.ssrc) {
            Some(at) => before.swap_remove(at),
            None => source,
        };
        self.repair = amended.repair.into_iter().map(keep).collect();
        (self.clocks, self.clock_rate, self.rtx) = (amended.clocks, amended.clock_rate, amended.rtx);
    }

    /// Counts a packet that goes out, unless its SSRC is not reported on. Is it that one's first?
    #[inline]
    pub(crate) fn count_packet(&mut self, packet: &RtpPacket, now: Instant) -> bool {
        let ssrc = packet.ssrc();
        if self.media.ssrc == ssrc {
            self.media.count_packet(packet, now)
        } else if let Some(source) = self.repair.iter_mut().find(|source| source.ssrc == ssrc) {
            source.count_packet(packet, now)
        } else {
            false
        }
    }

    pub(crate) const fn media_ssrc(&self) -> u32 {
        self.media.ssrc
    }

    /// What its receivers say is lost of the media; `known` is what is published of that.
    pub(crate) fn path_loss(&mut self, known: Option<Loss>, now: u64) -> &mut PathLoss {
        self.path_loss.get_or_insert_with(|| Box::new(PathLoss::new(known, now)))
    }

    pub(crate) fn sources(&mut self) -> impl Iterator<Item = &mut LocalSource> {
        std::iter::once(&mut self.media).chain(&mut self.repair)
    }

    /// The sender report of this moment (RFC 3550 §6.4.1); `None` before the first packet.
    pub(crate) fn sender_info(&mut self, ssrc: u32, ntp: NtpTime, now: Instant) -> Option<SenderInfo> {
        let media = self.media.anchor;
        let is_rtx = self.rtx == Some(ssrc);
        let own = self.sources().find(|source| source.ssrc == ssrc)?.anchor?;
        let anchor = if is_rtx { media.unwrap_or(own) } else { own };
        let clock = RtpClock::new(self.clocks.rate(anchor.payload_type).unwrap_or(self.clock_rate));
        let source = self.sources().find(|source| source.ssrc == ssrc)?;
        let rtp_timestamp = clock.advance(anchor.timestamp, now.saturating_duration_since(anchor.at));
        let LocalSource { packets, octets, .. } = *source;
        Some(SenderInfo { ssrc, ntp, rtp_timestamp, packets, octets })
    }

    /// A sender report of this source leaves, as the `report_order`-th report of the connection.
    pub(crate) fn reported(&mut self, ssrc: u32, report_order: u64) {
        if let Some(source) = self.sources().find(|source| source.ssrc == ssrc) {
            source.reports_due = source.reports_due.saturating_sub(1);
            source.last_report_order = report_order;
        }
    }
}
