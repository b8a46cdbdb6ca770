//! One outgoing stream made of several sources.

mod numbering;
mod turns;

use std::collections::VecDeque;
use std::time::Instant;

use interceptor_packet::{NtpTime, RtpPacket};

use crate::names::{Header, LeftOut, Numbers, OutgoingStream, SourceId};
use crate::reports::Reports;
use crate::segment::Segment;
use crate::timeline::Timeline;
use crate::waiting::Waiting;
use crate::{Refusal, RewriterCounters, RewriterOptions, RewriterOptionsError};

/// Turns packets of several sources into one stream, continuous over any switch from one source to another.
///
/// One for each stream that a forwarder sends to a subscriber. It reads no clock and keeps no packets; see the crate's documentation
/// for what it does.
#[derive(Debug)]
pub struct Rewriter {
    ssrc: u32,
    /// The source that is sent.
    pub(crate) current: Option<Segment>,
    /// The source that is to be sent as soon as a key frame of it begins.
    pending: Option<Waiting>,
    /// The outgoing number of what comes next, while nothing is sent.
    next: i64,
    timeline: Timeline,
    counters: RewriterCounters,
    /// What was sent before, the newest at the end.
    past: VecDeque<Segment>,
    reports: Reports,
    options: RewriterOptions,
}

impl Rewriter {
    /// A rewriter that sends nothing yet.
    ///
    /// # Errors
    /// An option that is out of its range.
    pub fn new(stream: OutgoingStream, options: RewriterOptions) -> Result<Self, RewriterOptionsError> {
        options.check()?;
        Ok(Self {
            ssrc: stream.ssrc,
            current: None,
            pending: None,
            next: i64::from(stream.sequence_number),
            timeline: Timeline::new(stream.clock_rate, stream.timestamp),
            counters: RewriterCounters::default(),
            past: VecDeque::with_capacity(usize::from(options.past_sources) + 1),
            reports: Reports::new(usize::from(options.reports)),
            options,
        })
    }

    /// Sends `source` from its next key frame on. Until then the one before goes on; one that waited before does not any more. Nothing
    /// changes if it is sent already, but that no other waits.
    pub fn switch_to(&mut self, source: SourceId) {
        if self.selected() == Some(source) {
            self.pending = None;
        } else if self.waiting_for() != Some(source) {
            let last = self.past.iter().rev().find(|segment| segment.source == source);
            self.pending = Some(Waiting::new(source, last.and_then(|segment| segment.last_sent)));
        }
    }

    /// Sends nothing any more, until [`switch_to`](Self::switch_to) says what, and a key frame of it begins. Numbers go on where they
    /// were, timestamps as far on as the pause was long.
    pub fn pause(&mut self) {
        self.pending = None;
        self.next = self.next_number();
        drop(self.retire());
    }

    /// Rewrites a packet of `source`: SSRC, sequence number and timestamp. A packet that is refused stays as it is.
    ///
    /// `starts_key_frame`: from this packet on a decoder can go on (see `interceptor-keyframe`, module `detect`). With sound each packet does.
    ///
    /// # Errors
    /// Why it is not sent, which leaves no gap. A packet that [`leave_padding_out`](RewriterOptions::leave_padding_out) concerns is one.
    pub fn rewrite(
        &mut self,
        source: SourceId,
        packet: &mut RtpPacket,
        starts_key_frame: bool,
        now: Instant,
    ) -> Result<(), Refusal> {
        let padding = self.options.leave_padding_out && packet.payload_len() == 0;
        let passed = padding.then(|| self.pass_over(source, packet.sequence_number()));
        let placed = match passed {
            Some(Ok(LeftOut::WithoutGap)) => Err(Refusal::Padding),
            Some(Err(refusal)) => Err(refusal),
            Some(Ok(LeftOut::NumberStands)) | None => {
                self.number(source, Header::of(packet, starts_key_frame), now)
            }
        };
        let numbers = self.count(placed)?;
        self.write(numbers, packet);
        Ok(())
    }

    /// A packet of `source` is not to be sent, unless that left a gap: it is left out as by [`leave_out`](Self::leave_out), or where its number
    /// stands it is rewritten, and to be sent.
    ///
    /// # Errors
    /// It would not have been sent in any case, and why.
    pub fn leave_out_or_rewrite(
        &mut self,
        source: SourceId,
        packet: &mut RtpPacket,
        now: Instant,
    ) -> Result<LeftOut, Refusal> {
        let passed = self.pass_over(source, packet.sequence_number());
        if passed != Ok(LeftOut::NumberStands) {
            return self.count_passed(passed);
        }
        let placed = self.number(source, Header::of(packet, false), now);
        let numbers = self.count(placed)?;
        self.write(numbers, packet);
        Ok(LeftOut::NumberStands)
    }

    /// What [`rewrite`](Self::rewrite) does, for whoever has packets of another kind: what the header is to say. Padding is not looked for.
    ///
    /// # Errors
    /// Why it is not sent, which leaves no gap.
    pub fn place(&mut self, source: SourceId, header: Header, now: Instant) -> Result<Numbers, Refusal> {
        let placed = self.number(source, header, now);
        self.count(placed)
    }

    /// A packet of `source` is not sent: of a layer that the subscriber does not get, for example. The packet after it takes its
    /// number; if that has been sent already the number stands, and the subscriber misses it
    /// ([`leave_out_or_rewrite`](Self::leave_out_or_rewrite) prevents that).
    ///
    /// # Errors
    /// It would not have been sent in any case, and why.
    pub fn leave_out(&mut self, source: SourceId, sequence_number: u16) -> Result<LeftOut, Refusal> {
        let passed = self.pass_over(source, sequence_number);
        self.count_passed(passed)
    }

    /// A sender report of `source` has come: at `ntp` its clock stood at `rtp`. With reports of both, a switch is exact.
    pub fn sender_report(&mut self, source: SourceId, ntp: NtpTime, rtp: u32) {
        let needed = [self.selected(), self.waiting_for()];
        self.reports.note(source, ntp, rtp, |known| needed.contains(&Some(known)));
    }

    /// The SSRC that packets leave with.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The source that is sent.
    #[must_use]
    pub fn selected(&self) -> Option<SourceId> {
        self.current.as_ref().map(|segment| segment.source)
    }

    /// The source that is to be sent as soon as a key frame of it begins.
    #[must_use]
    pub fn waiting_for(&self) -> Option<SourceId> {
        self.pending.as_ref().map(|waiting| waiting.source)
    }

    /// The sequence number that the next packet in order will have.
    #[must_use]
    pub fn next_sequence_number(&self) -> u16 {
        self.next_number() as u16
    }

    /// What it has counted.
    #[must_use]
    pub const fn counters(&self) -> &RewriterCounters {
        &self.counters
    }

    /// Bytes on the heap: at most `(past_sources + 2) · (window / 8 + 128) + 32 · reports`, and the first only once packets are left out.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let windows: usize = self.segments().map(Segment::bytes).sum();
        windows + self.past.capacity() * size_of::<Segment>() + self.reports.bytes()
    }

    #[inline]
    pub(crate) fn next_number(&self) -> i64 {
        self.current.as_ref().map_or(self.next, Segment::end)
    }

    /// What was sent, the newest first.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.current.iter().chain(self.past.iter().rev())
    }
}
