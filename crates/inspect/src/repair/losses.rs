//! A stream's sequence, and where in it each packet that comes belongs.

use std::time::Duration;

use interceptor_packet::rfc3550::Arrival;

use super::open::Open;
use super::spans::{Fate, Span};
use super::tally::Tally;
use super::{Copied, Micros, Presence, WINDOW, micros};
use crate::header::Header;
use crate::related::{Evidence, Recent};

/// How far ahead of the newest packet a retransmission or a repair packet may be.
const AHEAD: u64 = 512;

/// The losses of one stream, and their repair.
///
/// 32 bytes and, from the first loss or copy on, a few hundred; a gap takes 90 bytes, whatever its length, and a number in
/// it of which more is known as much again: 400 KB for a stream of which every second packet came back or was asked for.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    /// The first and the newest number, counted on over wraps; the low 16 bits are those on the wire. 0: nothing came yet.
    first: u64,
    newest: u64,
    /// The newest packet's.
    timestamp: u32,
    open: Option<Box<Open>>,
}

impl Losses {
    /// A packet of the stream came; `arrival` is what it is to its sequence.
    #[inline]
    pub(crate) fn receive(&mut self, arrival: Arrival, header: &Header, at: Duration) {
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
    pub(crate) fn asked(&mut self, seq: u16, by: u32) {
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
    pub(crate) fn retransmission(
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
    pub(crate) fn recovered(&mut self, seq: u16, source: u32, at: Micros) {
        let number = self.number(seq);
        if number > self.newest {
            self.open().ahead(number, source, at, false);
        } else {
            self.open().recovered(number, source, at);
        }
    }

    /// Whether a number came, by whatever way.
    pub(crate) fn presence(&self, seq: u16) -> Presence {
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

    /// What there is to say if the stream ended here. What other streams have brought back from behind its end was sent,
    /// and so was what lies before that.
    pub(crate) fn tally(&self) -> Tally {
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

/// Whether a packet of this timestamp may stand between two others. Frames that are sent out of order have the timestamps of
/// their neighbours, or of others near to them.
const fn is_around((before, after): (u32, u32), timestamp: u32) -> bool {
    const NEAR: i64 = 8;
    let step = after.wrapping_sub(before).cast_signed() as i64;
    let steps = timestamp.wrapping_sub(before).cast_signed() as i64;
    if step >= 0 { 0 <= steps && steps <= step } else { steps.abs() <= NEAR * step.abs() }
}
