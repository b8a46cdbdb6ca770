//! What became of the packets that did not come when they were first sent: back by RTX, by FEC, by being sent again, or gone.
//!
//! Sequence numbers only, no payload is put together: a capture that holds headers and the start of each payload will do.
//! Of each stream the newest [`WINDOW`] numbers are open, those before are settled as they stand.
//!
//! | what comes | of a number that | what follows |
//! |---|---|---|
//! | newer packet | | the numbers in between are missing, the loss shows |
//! | late packet | is missing, nobody was seen to ask for it | reordered: not lost. Without any request in the capture: see [`lateness`] |
//! | | is missing and was asked for | back by repeat |
//! | | came by RTX and was not asked for again | the original was overtaken by its copy: not lost, a copy too many |
//! | | can be recovered | not lost; if asked for and not by RTX: a copy too many |
//! | one more copy | came late, more often than it was asked for | the late one was the original: not lost |
//! | | came | a copy too many |
//! | retransmission | is missing | back by RTX |
//! | | came | a copy too many |
//! | repair packet | is the only one that is missing of those protected | back by FEC, which may make another the only one |

pub(super) mod fec;
mod lateness;
mod matching;
mod requests;
mod spans;
mod tally;
mod times;

use std::time::Duration;

use interceptor_packet::rfc3550::Arrival;

pub(super) use self::requests::Requests;
use self::spans::{Asked, Fate, Span, Spans};
pub(super) use self::tally::{Relation, Tally};
use super::header::Header;
use super::related::{Evidence, Recent};

/// Time since the start of the capture, less than a thousand years.
type Micros = u64;

/// The numbers of a stream that are open, counted from the newest: as many as figures and receivers keep.
const WINDOW: u64 = 4096;
/// How far ahead of the newest packet a retransmission or a repair packet may be.
const AHEAD: u64 = 512;
/// Two copies as close as this are one that a mirrored port shows twice.
const TWIN: Micros = 2000;

/// The losses of one stream, and their repair.
///
/// 48 bytes and, from the first loss or copy on, a few hundred; a gap takes 90 bytes, whatever its length, and a number in
/// it of which more is known as much again: 400 KB for a stream of which every second packet came back or was asked for.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// The first and the newest number, counted on over wraps; the low 16 bits are those on the wire. 0: nothing came yet.
    first: u64,
    newest: u64,
    /// The newest packet's.
    timestamp: u32,
    /// A bit each.
    payload_types: u128,
    open: Option<Box<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    spans: Spans,
    /// Numbers ahead of the newest that came by other ways.
    ahead: usize,
    tally: Tally,
}

/// What is known of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    There,
    /// Missing, or yet to come.
    Wanted,
    /// From before the first packet, settled, or too far ahead.
    Unknown,
}

impl Losses {
    /// A packet of the stream came; `arrival` is what it is to its sequence.
    #[inline]
    pub(super) fn receive(&mut self, arrival: Arrival, header: &Header, at: Duration) {
        self.payload_types |= 1 << header.payload_type();
        match arrival {
            Arrival::Newest { skipped: 0 } if self.open.as_ref().is_none_or(|open| open.ahead == 0) => {
                self.newest += 1;
                self.timestamp = header.timestamp();
            }
            _ => self.irregular(arrival, header, micros(at)),
        }
    }

    #[cold]
    fn irregular(&mut self, arrival: Arrival, header: &Header, at: Micros) {
        let number = self.number(header.seq());
        match arrival {
            Arrival::First | Arrival::Restarted => self.restart(header),
            Arrival::Newest { skipped } => self.advance(skipped, header.timestamp(), at),
            Arrival::Resumed { lost, skipped } => {
                self.advance(lost, header.timestamp(), at);
                self.advance(skipped, header.timestamp(), at);
            }
            Arrival::Late => self.late(number, at),
            Arrival::Duplicate => self.copy(number, at),
            Arrival::Stray | Arrival::Probation => {}
        }
    }

    fn restart(&mut self, header: &Header) {
        // A cycle ahead of 0, so that numbers from before the first packet are numbers.
        self.first = 1 << 16 | u64::from(header.seq());
        self.newest = self.first;
        self.timestamp = header.timestamp();
        if let Some(open) = &mut self.open {
            open.spans.clear();
            open.ahead = 0;
        }
    }

    fn advance(&mut self, skipped: u16, timestamp: u32, at: Micros) {
        let from = self.newest + 1;
        self.newest = from + u64::from(skipped);
        let around = (self.timestamp, timestamp);
        self.timestamp = timestamp;
        if skipped > 0 || self.open.is_some() {
            let newest = self.newest;
            self.open().gap(from, newest, around, at);
        }
    }

    /// A number came that had not come in the stream, behind the newest.
    fn late(&mut self, number: u64, at: Micros) {
        let (is_open, behind) = (self.is_open(number), self.newest.saturating_sub(number));
        if is_open {
            self.open().late(number, behind, at);
        }
    }

    /// A number came again.
    fn copy(&mut self, number: u64, at: Micros) {
        let missing = self.span(number).is_some_and(|span| span.fate == Fate::Missing);
        if missing {
            return self.late(number, at);
        }
        self.open().copy(number, at);
    }

    /// A request for a number, in a flow between ports `by`.
    pub(super) fn asked(&mut self, seq: u16, by: u32) {
        if self.newest == 0 {
            return;
        }
        let number = self.number(seq);
        let open = self.open();
        open.tally.heard_requests = true;
        let Some(span) = open.spans.single(number) else { return };
        if span.asked.times == 0 {
            span.asked.by = by;
        }
        span.asked.times = span.asked.times.saturating_add(u16::from(span.asked.by == by));
        span.asked.since |= span.fate != Fate::Missing;
    }

    /// Takes in a packet of stream `source` that is a retransmission of this stream's `seq`, if it fits, and says if it
    /// does. `is_known`: the stream is known for that.
    pub(super) fn retransmission(
        &mut self,
        source: u32,
        packet: Copied,
        recent: Option<&Recent>,
        is_known: bool,
    ) -> Evidence {
        let number = self.number(packet.seq);
        if number > self.newest && self.newest > 0 {
            if is_known && number - self.newest <= AHEAD {
                self.open().ahead(number, source, packet.at, true);
            }
            return Evidence::None;
        }
        if !self.is_open(number) {
            return Evidence::None;
        }
        let fits = match self.span(number) {
            Some(span) => Some(is_around(span.around, packet.timestamp)),
            None => {
                recent.and_then(|recent| recent.timestamp(packet.seq)).map(|known| known == packet.timestamp)
            }
        };
        if fits.unwrap_or(is_known) {
            self.open().retransmitted(number, source, packet.at);
        }
        match fits {
            Some(true) => Evidence::For,
            Some(false) => Evidence::Against,
            None => Evidence::None,
        }
    }

    /// A number can be recovered from the packets that came, the last of them of stream `source`.
    fn recovered(&mut self, seq: u16, source: u32, at: Micros) {
        let number = self.number(seq);
        if number > self.newest {
            self.open().ahead(number, source, at, false);
        } else {
            self.open().recovered(number, source, at);
        }
    }

    /// Whether a number came, by whatever way.
    pub(super) fn presence(&self, seq: u16) -> Presence {
        let number = self.number(seq);
        let missing = self.span(number).map(|span| span.fate == Fate::Missing);
        match missing {
            _ if self.newest == 0 => Presence::Unknown,
            None if number > self.newest && number - self.newest <= AHEAD => Presence::Wanted,
            None if number <= self.newest && self.is_open(number) => Presence::There,
            None => Presence::Unknown,
            Some(true) => Presence::Wanted,
            Some(false) => Presence::There,
        }
    }

    /// Whether any packet of the stream had this payload type.
    pub(super) const fn has_payload_type(&self, number: u8) -> bool {
        self.payload_types >> (number & 0x7f) & 1 == 1
    }

    /// What there is to say if the stream ended here. What other streams have brought back from behind its end was sent,
    /// and so was what lies before that.
    pub(super) fn tally(&self) -> Tally {
        let Some(open) = &self.open else { return Tally::default() };
        let mut tally = open.tally.clone();
        let mut next = self.newest + 1;
        for (number, span) in open.spans.from(next).filter(|_| open.ahead > 0) {
            tally.missing += number - next;
            tally.came_back(span.fate, 0);
            next = number + 1;
        }
        tally
    }

    fn open(&mut self) -> &mut Open {
        self.open.get_or_insert_default()
    }

    fn span(&self, number: u64) -> Option<&Span> {
        self.open.as_ref()?.spans.find(number).map(|(_, span)| span)
    }

    /// The number nearest to the newest that has these low bits.
    fn number(&self, seq: u16) -> u64 {
        let distance = seq.wrapping_sub(self.newest as u16).cast_signed();
        self.newest.saturating_add_signed(distance.into())
    }

    fn is_open(&self, number: u64) -> bool {
        number >= self.first.max(self.newest.saturating_sub(WINDOW)) && self.newest > 0
    }
}

/// A packet of another stream that may be a retransmission.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copied {
    /// The number of what it repeats.
    pub(super) seq: u16,
    pub(super) timestamp: u32,
    pub(super) at: Micros,
}

impl Open {
    /// The numbers from `from` on were skipped, `newest` came.
    fn gap(&mut self, from: u64, newest: u64, around: (u32, u32), at: Micros) {
        self.spans.forget_before(newest.saturating_sub(WINDOW));
        let mut next = from;
        while let Some((number, span)) = self.spans.first_in(next..newest) {
            // It came before it could be missed.
            span.around = around;
            self.tally.came_back(span.fate, 0);
            self.ahead = self.ahead.saturating_sub(1);
            self.miss(next, number, around, at);
            next = number + 1;
        }
        self.miss(next, newest, around, at);
        if self.ahead > 0
            && let Some(span) = self.spans.remove(newest)
        {
            self.ahead -= 1;
            if let Fate::Retransmitted { source, .. } = span.fate {
                self.tally.repeated_by(source);
            }
        }
    }

    fn miss(&mut self, from: u64, to: u64, around: (u32, u32), at: Micros) {
        let len = to - from;
        self.tally.missing += len;
        self.spans
            .insert(from, Span { len, shown: at, around, asked: Asked::default(), fate: Fate::Missing });
    }

    fn ahead(&mut self, number: u64, source: u32, at: Micros, retransmitted: bool) {
        let Some(source) = self.tally.source(source) else { return };
        if let Some((_, span)) = self.spans.find(number) {
            if retransmitted && matches!(span.fate, Fate::Retransmitted { .. } | Fate::Recovered { .. }) {
                self.tally.repeated_by(source);
            }
            return;
        }
        let fate =
            if retransmitted { Fate::Retransmitted { source, at } } else { Fate::Recovered { source, at } };
        self.spans.insert(number, Span { len: 1, shown: at, around: (0, 0), asked: Asked::default(), fate });
        self.ahead += 1;
    }

    fn late(&mut self, number: u64, behind: u64, at: Micros) {
        let Some(&mut Span { shown, asked, fate, .. }) = self.spans.single(number) else { return };
        match fate {
            Fate::Missing if asked.times > 0 => {
                self.tally.missing -= 1;
                self.tally.by_repeat += 1;
                self.tally.repeat_times.add(at.saturating_sub(shown));
                if let Some(span) = self.spans.single(number) {
                    span.fate = Fate::Repeated { copies: 1, at, latest: at };
                }
                return;
            }
            Fate::Missing => {
                self.tally.missing -= 1;
                self.tally.lateness.add(at.saturating_sub(shown), behind);
            }
            Fate::Retransmitted { source, at: back } => {
                if asked.since {
                    self.tally.repeats += 1;
                    return;
                }
                self.tally.not_retransmitted(source, back.saturating_sub(shown));
            }
            Fate::Recovered { source, at: back } => {
                if asked.times > 0 && !self.tally.has_retransmissions() {
                    self.tally.repeats += 1;
                    return;
                }
                self.tally.not_recovered(source, back.saturating_sub(shown));
            }
            Fate::Repeated { .. } => return self.copy(number, at),
        }
        self.spans.remove(number);
    }

    fn copy(&mut self, number: u64, at: Micros) {
        self.tally.repeats += 1;
        let Some((_, span)) = self.spans.find(number) else { return };
        let Fate::Repeated { copies, at: back, latest } = span.fate else { return };
        let is_twin = at.saturating_sub(latest) < TWIN;
        let copies = copies.saturating_add(u16::from(!is_twin));
        let Span { shown, asked, .. } = *span;
        if copies > asked.times {
            return self.not_repeated(number, back.saturating_sub(shown));
        }
        if let Some(span) = self.spans.single(number) {
            span.fate = Fate::Repeated { copies, at: back, latest: at };
        }
    }

    /// What came late was the original: this is the answer to the request for it.
    fn not_repeated(&mut self, number: u64, took: Micros) {
        self.tally.by_repeat -= 1;
        self.tally.repeat_times.remove(took);
        self.spans.remove(number);
    }

    fn retransmitted(&mut self, number: u64, source: u32, at: Micros) {
        let Some(source) = self.tally.source(source) else { return };
        let Some((_, &Span { shown, fate, .. })) = self.spans.find(number) else {
            return self.tally.repeated_by(source);
        };
        match fate {
            Fate::Missing => {
                self.tally.missing -= 1;
                self.tally.retransmitted(source, at.saturating_sub(shown));
                if let Some(span) = self.spans.single(number) {
                    span.fate = Fate::Retransmitted { source, at };
                }
            }
            Fate::Repeated { at: back, .. } => {
                self.tally.repeated_by(source);
                self.not_repeated(number, back.saturating_sub(shown));
            }
            Fate::Retransmitted { .. } | Fate::Recovered { .. } => self.tally.repeated_by(source),
        }
    }

    fn recovered(&mut self, number: u64, source: u32, at: Micros) {
        let Some(source) = self.tally.source(source) else { return };
        let Some(span) = self.spans.single(number).filter(|span| span.fate == Fate::Missing) else { return };
        span.fate = Fate::Recovered { source, at };
        let took = at.saturating_sub(span.shown);
        self.tally.missing -= 1;
        self.tally.recovered(source, took);
    }
}

/// Whether a packet of this timestamp may stand between two others. Frames that are sent out of order have the timestamps of
/// their neighbours, or of others near to them.
const fn is_around((before, after): (u32, u32), timestamp: u32) -> bool {
    const NEAR: i64 = 8;
    let step = after.wrapping_sub(before).cast_signed() as i64;
    let steps = timestamp.wrapping_sub(before).cast_signed() as i64;
    if step >= 0 { 0 <= steps && steps <= step } else { steps.abs() <= NEAR * step.abs() }
}

/// Times are bounded before they come here, so nothing is cut off.
pub(super) const fn micros(at: Duration) -> Micros {
    at.as_micros() as Micros
}
