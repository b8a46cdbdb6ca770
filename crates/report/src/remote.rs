//! What this end receives: one remote stream and its sources, each with the state of its report block.

use std::time::{Duration, Instant};

use interceptor_core::{ClockRates, StreamInfo};
use interceptor_packet::rfc3550::{Arrival, Jitter, Mark, SourceState};
use interceptor_packet::{NtpTime, ReportBlockData, RtpPacket, duration_to_short};

use crate::ReportOptions;
use crate::departed::STRAGGLER_TIME;

/// No network queue holds packets back for longer than a second or two. A jitter above this means that timestamps jump by
/// minutes, since a sixteenth of each jump counts (RFC 3550 A.8).
const ABSURD_JITTER: Duration = Duration::from_secs(10);

/// No packet has it: seven bits carry a payload type.
const NO_PAYLOAD_TYPE: u8 = u8::MAX;

/// One SSRC that the peer sends with. What a packet touches stands first: in the cache line that the chain looks at anyway.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct RemoteSource {
    ssrc: u32,
    /// A packet has counted since the last report block.
    heard: bool,
    /// It has said BYE, and what has come since may be stragglers.
    departed: bool,
    /// Of the last packet: while it stays the same, so does the clock.
    payload_type: u8,
    jitter: Jitter,
    /// But for its last eight bytes.
    state: SourceState,

    // From here on once a report.
    mark: Mark,
    last_sr: Option<(u32, Instant)>,
    /// When it said BYE, counted from the connection's first instant.
    departed_at: Duration,
    /// [`progress`](Self::progress) when the timer last fired, and when it was first seen that nothing more had come.
    last_progress: u64,
    silent_since: Option<Instant>,
    /// The [`report_order`](crate::Report::report_order) of its last block; 0 before any.
    pub(crate) last_report_order: u64,
}

const _: () = assert!(
    std::mem::offset_of!(RemoteSource, mark) <= 64,
    "all but the end of the state is within 56 bytes"
);

impl RemoteSource {
    fn new(ssrc: u32, options: &ReportOptions) -> Self {
        Self {
            ssrc,
            heard: false,
            departed: false,
            payload_type: NO_PAYLOAD_TYPE,
            state: SourceState::with_probation(options.probation),
            jitter: Jitter::new(options.jitter, 0),
            mark: Mark::default(),
            last_sr: None,
            departed_at: Duration::ZERO,
            last_progress: 0,
            silent_since: None,
            last_report_order: 0,
        }
    }

    pub(crate) const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// A packet has arrived, `arrival` nanoseconds after the connection's first instant.
    #[inline]
    pub(crate) fn receive(&mut self, packet: &RtpPacket, arrival: u64, clocks: &ClockRates) -> Arrival {
        if packet.payload_type() != self.payload_type {
            self.change_payload_type(packet.payload_type(), clocks);
        }
        let (seq, timestamp, arrival) =
            (packet.sequence_number(), packet.timestamp(), Duration::from_nanos(arrival));
        let kind = self.state.update(seq, timestamp, arrival, self.jitter.clock_rate());
        if !kind.counts() {
            return kind;
        }
        if kind == Arrival::Restarted {
            self.jitter.resync();
        }
        self.heard = true;
        self.jitter.update(arrival, timestamp, kind.is_newest());
        if self.departed {
            self.receive_after_bye(arrival);
        }
        kind
    }

    /// RFC 7160: each payload type runs on its own clock. One that nobody has described runs on that of those before it.
    #[cold]
    fn change_payload_type(&mut self, payload_type: u8, clocks: &ClockRates) {
        self.payload_type = payload_type;
        if let Some(rate) = clocks.rate(payload_type) {
            self.jitter.set_clock_rate(rate);
        }
    }

    /// RFC 3550 §6.2.1: a packet that comes late does not make the source a member again.
    #[cold]
    fn receive_after_bye(&mut self, arrival: Duration) {
        if arrival.saturating_sub(self.departed_at) < STRAGGLER_TIME {
            self.last_progress = self.progress();
        } else {
            self.departed = false;
        }
    }

    /// The source has told its clock in a sender report.
    pub(crate) const fn sender_report(&mut self, ntp: NtpTime, at: Instant) {
        self.last_sr = Some((ntp.middle_32(), at));
    }

    /// The source has said BYE, `at` after the connection's first instant. What it sent before no longer makes it a
    /// member, and it gets no block until it is heard again.
    pub(crate) fn goodbye(&mut self, at: Duration) {
        self.heard = false;
        self.jitter.resync();
        self.departed = true;
        self.departed_at = at;
        self.last_progress = self.progress();
    }

    /// Whether the jitter is longer than any network's, so that the timestamps must jump.
    pub(crate) fn has_absurd_jitter(&self) -> bool {
        self.jitter.duration() > ABSURD_JITTER
    }

    /// Whether a block has something to tell.
    pub(crate) const fn is_due(&self) -> bool {
        self.heard
    }

    /// Whether any packet has counted, ever.
    pub(crate) fn is_known(&self) -> bool {
        self.state.is_valid()
    }

    /// Whether the source has sent anything since the last call, not counting stragglers after its BYE. After a silence of
    /// `forget_after` its next packet adds no jitter.
    pub(crate) fn has_sent_since_last_check(&mut self, now: Instant, forget_after: Duration) -> bool {
        let progress = self.progress();
        if progress != self.last_progress {
            self.last_progress = progress;
            self.silent_since = None;
            return true;
        }
        let since = *self.silent_since.get_or_insert(now);
        if now.saturating_duration_since(since) >= forget_after {
            self.jitter.resync();
        }
        false
    }

    /// Changes with each packet that counts. It does not always grow, because sums start again when the sender restarts.
    fn progress(&self) -> u64 {
        self.state.received() ^ u64::from(self.state.restarts()) << 32
    }

    /// The report block of this moment (RFC 3550 §6.4.1), the `report_order`-th report of the connection. The next fraction
    /// counts from here.
    pub(crate) fn block(&mut self, now: Instant, report_order: u64) -> ReportBlockData {
        let fraction_lost = self.state.since(self.mark).fraction();
        self.mark = self.state.mark();
        self.heard = false;
        self.last_report_order = report_order;
        // A clock of zero cannot be told from "no report yet": both fields are 0 then.
        let (last_sr, delay_since_last_sr) = match self.last_sr {
            Some((last_sr, at)) if last_sr != 0 => {
                (last_sr, duration_to_short(now.saturating_duration_since(at)))
            }
            _ => (0, 0),
        };
        ReportBlockData {
            ssrc: self.ssrc,
            fraction_lost,
            cumulative_lost: self.state.cumulative_lost(),
            extended_sequence_number: self.state.extended_highest(),
            jitter: self.jitter.units(),
            last_sr,
            delay_since_last_sr,
        }
    }
}

/// A remote stream: its media source and, if they are reported on, its RTX and FEC sources.
#[derive(Debug)]
#[repr(C)]
pub struct RemoteStream {
    media: RemoteSource,
    repair: Box<[RemoteSource]>,
    clocks: Box<ClockRates>,
}

const _: () = assert!(size_of::<RemoteStream>() <= 184, "the crate's documentation says so");

impl RemoteStream {
    pub(crate) fn new(stream: &StreamInfo, options: &ReportOptions) -> Self {
        let source = |ssrc| RemoteSource::new(ssrc, options);
        Self {
            media: source(stream.ssrc),
            repair: repair_ssrcs(stream, options).into_iter().map(source).collect(),
            clocks: Box::new(ClockRates::of(stream)),
        }
    }

    /// The stream is described anew: repair sources that it goes on naming keep what was counted of them.
    pub(crate) fn amend(&mut self, stream: &StreamInfo, options: &ReportOptions) {
        let mut before = std::mem::take(&mut self.repair).into_vec();
        let keep = |ssrc| match before.iter().position(|source| source.ssrc == ssrc) {
            Some(at) => before.swap_remove(at),
            None => RemoteSource::new(ssrc, options),
        };
        self.repair = repair_ssrcs(stream, options).into_iter().map(keep).collect();
        *self.clocks = ClockRates::of(stream);
        // The same payload type may run on another clock.
        self.sources().for_each(|source| source.payload_type = NO_PAYLOAD_TYPE);
    }

    #[inline]
    pub(crate) fn source(&mut self, ssrc: u32) -> Option<&mut RemoteSource> {
        self.source_and_clocks(ssrc).map(|(source, _)| source)
    }

    #[inline]
    pub(crate) fn source_and_clocks(&mut self, ssrc: u32) -> Option<(&mut RemoteSource, &ClockRates)> {
        if self.media.ssrc == ssrc {
            return Some((&mut self.media, &self.clocks));
        }
        let source = self.repair.iter_mut().find(|source| source.ssrc == ssrc);
        source.map(|source| (source, &*self.clocks))
    }

    pub(crate) fn sources(&mut self) -> impl Iterator<Item = &mut RemoteSource> {
        std::iter::once(&mut self.media).chain(&mut self.repair)
    }
}

/// The SSRCs of a stream besides its media SSRC, as far as they are reported on.
pub(crate) fn repair_ssrcs(stream: &StreamInfo, options: &ReportOptions) -> Vec<u32> {
    if !options.repair_streams {
        return Vec::new();
    }
    let mut ssrcs: Vec<u32> = stream.ssrcs().skip(1).filter(|ssrc| *ssrc != stream.ssrc).collect();
    ssrcs.dedup();
    ssrcs
}
