//! What is sent of one source from a switch on: its numbers, and what they are called in the outgoing stream.

use interceptor_packet::{Place, Placing};

use crate::SourceId;
use crate::names::Header;
use crate::waiting::Heard;
use crate::window::Window;

/// More numbers than may be missing at once: what jumps further begins anew (RFC 3550 A.1, `MAX_DROPOUT`).
const MAX_JUMP: i64 = 3000;

/// Numbers of a source and of the outgoing stream run side by side on lines without end, a fixed distance apart but for what is
/// left out between them.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) source: SourceId,
    /// What a timestamp of the source is short of in the outgoing stream, modulo 2^32; known from the first packet that is sent.
    pub(crate) offset: Option<u32>,
    /// The newest packet that was sent.
    pub(crate) last_sent: Option<Heard>,
    placing: Placing,
    first: i64,
    newest: i64,
    /// From an outgoing number to the source's, behind the newest.
    shift: i64,
    first_out: i64,
    left_out: Window,
}

/// Where a number of the source falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ahead of all; those between are missing, for now.
    Ahead(i64),
    /// Among the last ones.
    Late(i64),
    /// Behind those that are remembered, or behind the first.
    Behind,
    /// The source counts anew, or has jumped too far.
    Anew,
}

impl Segment {
    /// Begins with the source's number `first`, which is `first_out` if it is sent.
    pub(crate) fn new(source: SourceId, first: u16, first_out: i64, left_out: Window) -> Self {
        let mut placing = Placing::default();
        let first = match placing.place(first, i64::MIN) {
            Place::Here(first) | Place::Restart(first) => first,
            Place::Behind => i64::from(first),
        };
        // Nothing has come yet: the first step leads to the first number.
        let (newest, shift) = (first - 1, first - first_out);
        Self { source, offset: None, last_sent: None, placing, first, newest, shift, first_out, left_out }
    }

    /// Where a number falls. Nothing moves before [`advance`](Self::advance).
    #[inline]
    pub(crate) fn step(&mut self, number: u16) -> Step {
        match self.placing.place(number, self.floor()) {
            Place::Here(place) if place - self.newest > MAX_JUMP => Step::Anew,
            Place::Here(place) if place > self.newest => Step::Ahead(place),
            Place::Here(place) => Step::Late(place),
            Place::Behind => Step::Behind,
            Place::Restart(_) => Step::Anew,
        }
    }

    /// `to` has come, which is ahead.
    #[inline]
    pub(crate) fn advance(&mut self, to: i64) {
        self.left_out.advance(self.newest, to);
        self.newest = to;
    }

    /// The newest is left out: what follows takes its number.
    pub(crate) fn leave_newest_out(&mut self) {
        self.left_out.mark(self.newest);
        self.shift += 1;
    }

    pub(crate) fn is_left_out(&self, number: i64) -> bool {
        self.left_out.is_marked(number, self.newest)
    }

    /// What one of the last numbers is called, if it has not been left out.
    #[inline]
    pub(crate) fn outgoing(&self, number: i64) -> i64 {
        number - self.shift + self.left_out.marked_behind(number, self.newest)
    }

    /// The outgoing number of what comes next.
    #[inline]
    pub(crate) const fn end(&self) -> i64 {
        self.newest - self.shift + 1
    }

    /// A packet is sent. Is it the newest of those that were?
    #[inline]
    pub(crate) fn note_sent(&mut self, header: &Header) -> bool {
        let newest = self.last_sent.is_none_or(|last| last.is_before(header.sequence_number));
        if newest {
            self.last_sent = Some(Heard::sent(header));
        }
        newest
    }

    /// What one of the last numbers on the wire is called.
    pub(crate) fn look_up(&self, number: u16) -> Option<i64> {
        let steps = number.wrapping_sub(self.newest as u16).cast_signed();
        let number = self.newest + i64::from(steps);
        let known = steps <= 0 && number >= self.floor() && !self.is_left_out(number);
        known.then(|| self.outgoing(number))
    }

    /// The source's number on the wire of an outgoing one.
    pub(crate) fn source_number(&self, outgoing: i64) -> Option<u16> {
        let known = outgoing >= self.first_out && outgoing < self.end();
        let behind = self.end() - 1 - outgoing;
        let number = known.then(|| self.left_out.unmarked_from_end(self.newest, behind, self.floor()))?;
        number.map(|number| number as u16)
    }

    /// What it remembers is of no use any more: its memory is.
    pub(crate) fn into_window(mut self) -> Window {
        self.left_out.clear();
        self.left_out
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.left_out.bytes()
    }

    /// The oldest number that is remembered.
    #[inline]
    fn floor(&self) -> i64 {
        self.first.max(self.newest - self.left_out.len() + 1)
    }
}
