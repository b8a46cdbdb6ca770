//! Where a packet's number lies on a line that does not end, and whether the sender has begun anew.

use std::time::Duration;

use interceptor_core::packet::rfc3550::{Arrival, SourceState};

/// From the newest number to the first after a restart: more than lies between any two of one life, so order holds.
const LIFE: i64 = 1 << 17;
/// In place of the newest, before the first.
const NONE: i64 = i64::MIN;

/// What is to be done with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is of the stream as it goes on, with this number.
    At(i64),
    /// Its number has come before.
    Duplicate,
    /// Far from all others: the next shows what it is (RFC 3550 A.1).
    Stray,
    /// The stream goes on after an outage; the stray before belongs to it as well.
    Resumed(i64),
    /// The sender has begun anew, with the stray before this one if that is its predecessor.
    Restarted(i64),
}

/// Unwraps numbers. What is late, duplicate or a restart is for [`SourceState`] to say, so that reports, statistics and playout
/// agree.
#[derive(Debug)]
pub(crate) struct Numbers {
    source: SourceState,
    newest: i64,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { source: SourceState::default(), newest: NONE }
    }
}

impl Numbers {
    /// Takes in a packet that came off the wire.
    #[inline]
    pub(crate) fn place(&mut self, seq: u16, timestamp: u32, arrival: Duration, rate: u32) -> Place {
        match self.source.update(seq, timestamp, arrival, rate) {
            Arrival::Newest { skipped } => {
                self.newest += i64::from(skipped) + 1;
                Place::At(self.newest)
            }
            other => self.place_irregular(seq, other),
        }
    }

    #[cold]
    fn place_irregular(&mut self, seq: u16, arrival: Arrival) -> Place {
        match arrival {
            Arrival::First => {
                // Something may have been brought back before it.
                self.newest = self.near(seq);
                Place::At(self.newest)
            }
            Arrival::Resumed { lost, skipped } => {
                self.newest += i64::from(lost) + i64::from(skipped) + 2;
                Place::Resumed(self.near(seq))
            }
            Arrival::Restarted => {
                // The low bits stay the number on the wire.
                self.newest = ((self.newest >> 16) << 16) + LIFE + i64::from(seq);
                Place::Restarted(self.newest)
            }
            Arrival::Duplicate => Place::Duplicate,
            Arrival::Late | Arrival::Newest { .. } => Place::At(self.near(seq)),
            Arrival::Stray | Arrival::Probation => Place::Stray,
        }
    }

    /// Takes in a packet that was brought back some other way; `None` if it had come.
    pub(crate) fn recover(&mut self, seq: u16) -> Option<i64> {
        let number = self.near(seq);
        if !self.source.is_valid() {
            self.newest = self.newest.max(number);
            return Some(number);
        }
        // Newer than the newest it can be only from repair that overtook it.
        (self.source.recover(seq) || number > self.newest).then_some(number)
    }

    /// The number that lies nearest to the newest.
    pub(crate) const fn near(&self, seq: u16) -> i64 {
        if self.newest == NONE {
            return seq as i64;
        }
        self.newest + seq.wrapping_sub(self.newest as u16).cast_signed() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(numbers: &mut Numbers, seq: u16, millis: u64) -> Place {
        numbers.place(seq, (millis * 8) as u32, Duration::from_millis(millis), 8000)
    }

    #[test]
    fn numbers_go_on_over_wraps() {
        let mut numbers = Numbers::default();
        for step in 0..200_000_u32 {
            let place = feed(&mut numbers, step as u16, u64::from(step) * 20);
            assert_eq!(place, Place::At(i64::from(step)));
        }
        assert_eq!(feed(&mut numbers, 199_990_u32 as u16, 4_000_000), Place::Duplicate);
    }

    #[test]
    fn late_numbers_and_those_before_the_first_lie_behind() {
        let mut numbers = Numbers::default();
        assert_eq!(feed(&mut numbers, 1, 0), Place::At(1));
        assert_eq!(feed(&mut numbers, 65_535, 1), Place::At(-1));
        assert_eq!(feed(&mut numbers, 4, 40), Place::At(4));
        assert_eq!(numbers.recover(3), Some(3));
        assert_eq!(numbers.recover(3), None);
        assert_eq!(feed(&mut numbers, 3, 45), Place::Duplicate);
        assert_eq!(feed(&mut numbers, 2, 50), Place::At(2));
    }

    #[test]
    fn what_is_brought_back_before_all_others_lies_near_them() {
        let mut numbers = Numbers::default();
        assert_eq!([65_535, 65_534, 0].map(|seq| numbers.recover(seq)), [65_535, 65_534, 65_536].map(Some));
        assert_eq!(feed(&mut numbers, 2, 0), Place::At(65_538));
        assert_eq!(feed(&mut numbers, 3, 20), Place::At(65_539));
    }

    #[test]
    fn a_restart_lies_ahead_of_everything_and_keeps_the_numbers_on_the_wire() {
        let mut numbers = Numbers::default();
        for seq in 0..100 {
            feed(&mut numbers, 40_000 + seq, u64::from(seq) * 20);
        }
        // Its clock is another, too: otherwise this might be the end of an outage.
        let mut feed = |seq| numbers.place(seq, 900_000_000, Duration::from_secs(2), 8000);
        assert_eq!(feed(7), Place::Stray);
        let Place::Restarted(number) = feed(8) else { panic!("two in sequence") };
        assert_eq!((number as u16, number > 65_536), (8, true));
        assert_eq!(feed(9), Place::At(number + 1));
    }
}
