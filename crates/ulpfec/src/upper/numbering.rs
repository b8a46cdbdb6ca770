//! The application's numbers, and those on the wire among which repair packets have theirs.

use std::collections::VecDeque;

use interceptor_core::packet::Unwrapper;

/// By so many numbers packets may be written late; what is farther back is a sender that has begun anew (RFC 3550 A.1, `MAX_MISORDER`).
const MAX_MISORDER: i64 = 100;
/// Steps that are remembered: as many as there can be between the newest number and the latest that may come.
const MOST_STEPS: usize = MAX_MISORDER as usize + 2;

/// From an application's number on the wire's are ahead by so many.
#[derive(Clone, Copy, Debug)]
struct Step {
    from: i64,
    ahead: u16,
}

/// Numbers of a stream into which repair packets are put: the wire's are the application's and as many more as there were repair
/// packets before.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    unwrapper: Unwrapper,
    newest: i64,
    /// So many they are ahead in front of the first step.
    before: u16,
    /// Ascending.
    steps: VecDeque<Step>,
}

impl Numbering {
    /// The number on the wire that the application's packet would have, and whether a newer one has been written before.
    #[inline]
    pub(super) fn peek(&self, seq: u16) -> (u16, bool) {
        let at = self.unwrapper.peek(seq);
        let late = self.unwrapper.last().is_some() && (0..=MAX_MISORDER).contains(&(self.newest - at));
        let step = if late {
            self.steps.iter().rev().find(|step| step.from <= at)
        } else {
            // Behind all repair packets, also where the sender has begun anew.
            self.steps.back()
        };
        (seq.wrapping_add(step.map_or(self.before, |step| step.ahead)), late)
    }

    /// The number on the wire of the application's packet, which is written now.
    #[inline]
    pub(super) fn media(&mut self, seq: u16) -> u16 {
        let (number, late) = self.peek(seq);
        let at = self.unwrapper.unwrap(seq);
        if late {
            return number;
        }
        if at < self.newest {
            self.before = self.steps.back().map_or(self.before, |step| step.ahead);
            self.steps.clear();
        }
        self.newest = at;
        number
    }

    /// The number of a repair packet behind the newest media packet.
    pub(super) fn repair(&mut self) -> u16 {
        let from = self.newest + 1;
        let ahead = self.steps.back().map_or(self.before, |step| step.ahead);
        let (number, ahead) = ((from as u16).wrapping_add(ahead), ahead.wrapping_add(1));
        match self.steps.back_mut() {
            Some(step) if step.from == from => step.ahead = ahead,
            _ => {
                if self.steps.len() == MOST_STEPS
                    && let Some(oldest) = self.steps.pop_front()
                {
                    self.before = oldest.ahead;
                }
                self.steps.push_back(Step { from, ahead });
            }
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repair_packets_take_numbers_and_media_moves_on() {
        let mut numbering = Numbering::default();
        assert_eq!([65_534, 65_535].map(|seq| numbering.media(seq)), [65_534, 65_535]);
        assert_eq!([numbering.repair(), numbering.repair()], [0, 1]);
        assert_eq!([0, 1].map(|seq| numbering.media(seq)), [2, 3]);
        assert_eq!(numbering.repair(), 4);
        assert_eq!(numbering.media(2), 5);
        // Late: each has the number that it would have had.
        assert!(numbering.peek(1).1 && !numbering.peek(3).1);
        assert_eq!([1, 65_535, 0].map(|seq| numbering.media(seq)), [3, 65_535, 2]);
        assert_eq!(numbering.media(3), 6);
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let mut numbering = Numbering::default();
        numbering.media(10);
        assert_eq!(numbering.repair(), 11);
        assert_eq!(numbering.media(20), 21);
        assert_eq!(numbering.media(11), 12);
    }

    #[test]
    fn what_is_late_never_has_the_number_of_another() {
        let mut numbering = Numbering::default();
        let mut used = std::collections::BTreeSet::new();
        for seq in (0..400_u16).filter(|seq| seq % 7 != 3) {
            assert!(used.insert(numbering.media(seq)));
            assert!(used.insert(numbering.repair()));
            // As late as may be.
            if let Some(late) = seq.checked_sub(100).filter(|late| late % 7 == 3) {
                assert!(used.insert(numbering.media(late)), "{late}");
            }
        }
    }

    #[test]
    fn a_sender_that_begins_anew_goes_on_from_there() {
        let mut numbering = Numbering::default();
        numbering.media(1000);
        assert_eq!(numbering.repair(), 1001);
        assert!(numbering.peek(900).1 && !numbering.peek(899).1);
        assert_eq!([numbering.media(500), numbering.repair(), numbering.media(501)], [501, 502, 503]);
        assert_eq!(numbering.media(499), 500, "late, and in front of the first step");
    }

    #[test]
    fn only_so_many_steps_are_remembered() {
        let mut numbering = Numbering::default();
        for seq in 0..1000_u16 {
            assert_eq!(numbering.media(seq), 2 * seq);
            assert_eq!(numbering.repair(), 2 * seq + 1);
        }
        assert_eq!(numbering.steps.len(), MOST_STEPS);
        assert_eq!(numbering.media(940), 2 * 940);
    }
}
