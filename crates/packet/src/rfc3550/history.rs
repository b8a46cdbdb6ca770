//! What a source keeps for packets that do not simply follow the one before.

use super::missing::{Missing, WINDOW};

/// A packet, as far as it matters to its source's state.
#[derive(Clone, Copy)]
pub(super) struct Packet {
    pub(super) seq: u16,
    pub(super) timestamp: u32,
    /// In ticks.
    pub(super) arrival: u32,
    /// 0: not known.
    pub(super) clock_rate: u32,
}

/// What a valid source keeps besides its highest number and its loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct History {
    /// The first number that counted, and when it came.
    pub(super) base: u16,
    pub(super) started: u32,
    pub(super) restarts: u32,
    /// What was expected and lost before the last restart.
    pub(super) expected_before: u64,
    pub(super) lost_before: i64,
    pub(super) suspect: Option<Suspect>,
    /// From the first gap on. Before it everything from the first number on has come.
    missing: Option<Box<Missing>>,
}

/// Packets in sequence that do not go on where the newest was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Suspect {
    pub(super) first: u16,
    pub(super) packets: u16,
    /// How many of them, at the end, have no place in the stream as it was.
    pub(super) foreign: u16,
    /// How many of them have been counted as duplicates.
    pub(super) counted: u16,
    /// When the first of them came, and the highest number then.
    pub(super) since: u32,
    pub(super) highest: u64,
}

impl Suspect {
    pub(super) const fn next(&self) -> u16 {
        self.first.wrapping_add(self.packets)
    }
}

impl History {
    pub(super) const fn new(first: Packet) -> Self {
        Self {
            base: first.seq,
            started: first.arrival,
            restarts: 0,
            expected_before: 0,
            lost_before: 0,
            suspect: None,
            missing: None,
        }
    }

    /// Begins again with `first`; what was expected and lost since the last restart goes to what was before.
    pub(super) fn restart(&mut self, first: Packet, expected: u64, lost: i64) {
        // What was taken for repeats was none.
        let counted = self.suspect.map_or(0, |suspect| suspect.counted);
        *self = Self {
            restarts: self.restarts.wrapping_add(1),
            expected_before: self.expected_before + expected,
            lost_before: self.lost_before + lost + i64::from(counted),
            ..Self::new(first)
        };
    }

    /// Numbers from the first to `highest`, the first not counted.
    pub(super) const fn span(&self, highest: u64) -> u64 {
        highest - self.base as u64
    }

    /// The source goes on from `highest` with the number `ahead` of it.
    pub(super) fn skip(&mut self, highest: u64, ahead: u16) {
        let base = u64::from(self.base);
        self.missing.get_or_insert_with(|| Box::new(Missing::new(base, highest))).skip(highest, ahead);
    }

    /// The number `behind` the highest, less than [`WINDOW`], has come. Whether it had not come before.
    pub(super) fn take(&mut self, behind: u16, highest: u64) -> bool {
        let base = u64::from(self.base);
        if self.missing.is_none() && u64::from(behind) <= self.span(highest) {
            return false;
        }
        let missing = self.missing.get_or_insert_with(|| Box::new(Missing::new(base, highest)));
        missing.take((highest as u16).wrapping_sub(behind), highest)
    }

    /// As [`take`](Self::take), of a number that is known to have been sent.
    pub(super) fn recover(&mut self, seq: u16, highest: u64) -> bool {
        let behind = (highest as u16).wrapping_sub(seq);
        behind < WINDOW && u64::from(behind) <= self.span(highest) && self.take(behind, highest)
    }

    /// The packets in sequence that this one continues, or itself alone.
    pub(super) fn follow(&self, packet: Packet, highest: u64, max_between: u64) -> Suspect {
        let Packet { seq, arrival, .. } = packet;
        let followed =
            self.suspect.filter(|suspect| suspect.next() == seq && highest - suspect.highest <= max_between);
        let alone = Suspect { first: seq, packets: 0, foreign: 0, counted: 0, since: arrival, highest };
        let mut suspect = followed.unwrap_or(alone);
        suspect.packets = suspect.packets.saturating_add(1);
        suspect
    }
}
