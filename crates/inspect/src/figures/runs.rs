//! Runs of packets lost one after the other, after late ones have had their chance.

/// A number this many times 64 behind the newest is settled: it came or it is lost.
const WORDS: usize = 64;
const SIZE: u64 = 64 * WORDS as u64;

/// Runs of losses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RunFigures {
    pub(crate) count: u64,
    pub(crate) longest: u64,
    /// Packets in all runs together.
    pub(crate) lost: u64,
}

/// The newest [`SIZE`] numbers, a bit each, and what became of those before them.
#[derive(Clone, Debug)]
pub(super) struct Runs {
    bits: [u64; WORDS],
    /// The newest number, counted on from the first; the first number lies at [`SIZE`].
    newest: u64,
    /// Numbers before this one are settled.
    settled: u64,
    run: u64,
    done: RunFigures,
}

impl Default for Runs {
    fn default() -> Self {
        Self { bits: [0; WORDS], newest: 0, settled: 0, run: 0, done: RunFigures::default() }
    }
}

impl Runs {
    /// The stream begins, or begins again, with `seq`.
    pub(super) fn restart(&mut self, seq: u16) {
        let done = self.settle_all();
        // A multiple of the window plus the number on the wire, so that a late number's place follows from its distance.
        let first = SIZE * 16 + u64::from(seq);
        *self = Self { newest: first, settled: first, done, ..Self::default() };
        self.set(first);
    }

    /// The next number after `skipped` others came.
    #[inline]
    pub(super) fn advance(&mut self, skipped: u16) {
        self.newest += u64::from(skipped) + 1;
        while self.newest / 64 - self.settled / 64 >= WORDS as u64 {
            self.settle_word();
        }
        self.set(self.newest);
    }

    /// A number that is not newest came.
    pub(super) fn fill(&mut self, seq: u16) {
        let behind = u64::from((self.newest as u16).wrapping_sub(seq));
        if let Some(number) = self.newest.checked_sub(behind).filter(|number| *number >= self.settled) {
            self.set(number);
        }
    }

    #[inline]
    fn set(&mut self, number: u64) {
        if let Some(word) = self.bits.get_mut((number / 64) as usize % WORDS) {
            *word |= 1 << (number % 64);
        }
    }

    /// Settles numbers up to the end of the oldest word.
    fn settle_word(&mut self) {
        let end = (self.settled / 64 + 1) * 64;
        let Some(word) = self.bits.get_mut((self.settled / 64) as usize % WORDS) else { return };
        let word = std::mem::take(word);
        if word != u64::MAX || self.run > 0 {
            for number in self.settled..end {
                self.settle(word >> (number % 64) & 1 == 1);
            }
        }
        self.settled = end;
    }

    fn settle(&mut self, came: bool) {
        if !came {
            self.run += 1;
            return;
        }
        self.done.lost += self.run;
        self.done.count += u64::from(self.run > 0);
        self.done.longest = self.done.longest.max(self.run);
        self.run = 0;
    }

    fn settle_all(&mut self) -> RunFigures {
        while self.settled <= self.newest && self.newest > 0 {
            let came = self.bits.get((self.settled / 64) as usize % WORDS);
            let came = came.is_some_and(|word| word >> (self.settled % 64) & 1 == 1);
            self.settle(came);
            self.settled += 1;
        }
        self.done
    }

    /// What there would be if the stream ended here.
    pub(super) fn figures(&self) -> RunFigures {
        self.clone().settle_all()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn naive(numbers: &BTreeSet<u64>) -> RunFigures {
        let gaps = numbers.iter().zip(numbers.iter().skip(1)).map(|(low, high)| high - low - 1);
        let gaps: Vec<u64> = gaps.filter(|gap| *gap > 0).collect();
        RunFigures {
            count: gaps.len() as u64,
            longest: gaps.iter().copied().max().unwrap_or(0),
            lost: gaps.iter().sum(),
        }
    }

    proptest! {
        #[test]
        fn agree_with_a_set_of_all_numbers(
            first: u16,
            steps in prop::collection::vec(prop_oneof![5 => Just((0u16, 0u16)), 1 => (0u16..3000, 0u16..99)], 0..400),
        ) {
            let mut runs = Runs::default();
            runs.restart(first);
            let start = 1_000_000 + u64::from(first);
            let (mut newest, mut came) = (start, BTreeSet::from([start]));
            for (skipped, late) in steps {
                newest += u64::from(skipped) + 1;
                runs.advance(skipped);
                came.insert(newest);
                if late > 0 && newest - u64::from(late) >= start {
                    let number = newest - u64::from(late);
                    runs.fill((number - 1_000_000) as u16);
                    came.insert(number);
                }
            }
            prop_assert_eq!(runs.figures(), naive(&came));
        }
    }

    #[test]
    fn a_restart_ends_the_run_and_goes_on_counting() {
        let mut runs = Runs::default();
        runs.restart(5);
        runs.advance(3);
        runs.restart(50_000);
        runs.advance(1);
        runs.fill(49_999);
        assert_eq!(runs.figures(), RunFigures { count: 2, longest: 3, lost: 4 });
        assert_eq!(Runs::default().figures(), RunFigures::default());
    }
}
