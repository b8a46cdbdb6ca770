//! Which numbers of a local stream will never be sent, told in runs: a flood of drops is no flood of facts.

use interceptor_core::Abandoned;

/// Numbers in a row that were dropped and that nobody knows of yet. They are told when a packet of the stream passes, which is in time: a
/// receiver cannot miss them before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Run {
    first: u16,
    count: u16,
}

impl Run {
    pub(crate) const fn is_empty(self) -> bool {
        self.count == 0
    }

    /// Adds a number. Gives the run that it does not continue.
    pub(crate) fn add(&mut self, ssrc: u32, seq: u16) -> Option<Abandoned> {
        if self.place(seq).is_some() {
            return None;
        }
        let next = self.first.wrapping_add(self.count);
        if !self.is_empty() && seq == next && self.count < u16::MAX {
            self.count += 1;
            return None;
        }
        let before = self.take(ssrc);
        *self = Self { first: seq, count: 1 };
        before
    }

    /// Leaves out a number that is sent after all. Gives what of the run was before it.
    pub(crate) fn leave_out(&mut self, ssrc: u32, seq: u16) -> Option<Abandoned> {
        let place = self.place(seq)?;
        let mut before = Self { first: self.first, count: place };
        *self = Self { first: seq.wrapping_add(1), count: self.count - place - 1 };
        before.take(ssrc)
    }

    /// Where a number stands in the run.
    fn place(self, seq: u16) -> Option<u16> {
        Some(seq.wrapping_sub(self.first)).filter(|place| *place < self.count)
    }

    /// Takes the run, if there is one.
    pub(crate) fn take(&mut self, ssrc: u32) -> Option<Abandoned> {
        let Self { first, count } = std::mem::take(self);
        (count > 0).then_some(Abandoned { ssrc, first, count })
    }
}

/// Which of the last 64 numbers were sent, or will be when their turn comes: another copy of one of these may be dropped, but that
/// abandons nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    newest: u16,
    /// `newest` is the lowest bit.
    bits: u64,
}

impl Sent {
    #[inline(always)]
    pub(crate) fn add(&mut self, seq: u16) {
        if seq == self.newest.wrapping_add(1) {
            (self.newest, self.bits) = (seq, self.bits << 1 | 1);
        } else {
            self.add_out_of_order(seq);
        }
    }

    #[cold]
    fn add_out_of_order(&mut self, seq: u16) {
        let ahead = seq.wrapping_sub(self.newest);
        if ahead < 0x8000 || self.bits == 0 {
            (self.newest, self.bits) = (seq, self.bits.checked_shl(ahead.into()).unwrap_or(0) | 1);
        } else {
            self.bits |= self.bit(seq);
        }
    }

    pub(crate) fn has(self, seq: u16) -> bool {
        self.bits & self.bit(seq) != 0
    }

    /// One that was to be sent is not.
    pub(crate) fn remove(&mut self, seq: u16) {
        self.bits &= !self.bit(seq);
    }

    /// The bit of a number, or none.
    fn bit(self, seq: u16) -> u64 {
        1_u64.checked_shl(u32::from(self.newest.wrapping_sub(seq))).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn of_the_last_64_numbers_it_is_known_whether_they_were_sent(
            first in any::<u16>(),
            steps in prop::collection::vec((0..90_u16, any::<bool>()), 1..200),
        ) {
            let (mut newest, mut sent) = (first, Sent::default());
            sent.add(first);
            let mut naive = BTreeSet::from([first]);
            for (step, ahead) in steps {
                newest = if ahead { newest.wrapping_add(step) } else { newest };
                let seq = if ahead { newest } else { newest.wrapping_sub(step) };
                sent.add(seq);
                naive.insert(seq);
                for back in 0..64 {
                    let seq = newest.wrapping_sub(back);
                    prop_assert!(!sent.has(seq) || naive.contains(&seq));
                    // What came when it was older than that is not remembered.
                    prop_assert!(sent.has(seq) || !naive.contains(&seq) || step > 63 || back > 0);
                }
                prop_assert!(!sent.has(newest.wrapping_add(1)) && !sent.has(newest.wrapping_sub(64)));
                prop_assert!(sent.has(seq) || newest.wrapping_sub(seq) > 63);
            }
        }
    }

    #[test]
    fn numbers_in_a_row_are_one_run_over_the_wrap() {
        let mut run = Run::default();
        let told: Vec<_> = [65_534, 65_535, 0, 1, 5].into_iter().filter_map(|seq| run.add(7, seq)).collect();
        assert_eq!(told, [Abandoned { ssrc: 7, first: 65_534, count: 4 }]);
        assert_eq!(run.take(7), Some(Abandoned { ssrc: 7, first: 5, count: 1 }));
        assert_eq!(run.take(7), None);
    }

    #[test]
    fn a_lap_of_numbers_is_more_than_one_run() {
        let mut run = Run::default();
        let told: Vec<_> = (0..70_000_u32).filter_map(|seq| run.add(7, seq as u16)).collect();
        assert_eq!(told, [Abandoned { ssrc: 7, first: 0, count: u16::MAX }]);
    }
}
