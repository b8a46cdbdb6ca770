//! Which of the newest sequence numbers of a stream have come.

use interceptor_packet::SequenceNumber;

const WORDS: usize = 64;

/// The newest [`SIZE`](Self::SIZE) sequence numbers of a stream, a bit each: came, or did not.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    bits: [u64; WORDS],
    highest: u16,
}

/// Where a number that is not newest falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It had not come before.
    Missing,
    /// It had come before.
    Present,
    /// Ahead of the highest, or too far behind to know.
    Outside,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { bits: [0; WORDS], highest: 0 }
    }
}

impl Numbers {
    /// Divides 65 536, so that a number keeps its bit when numbers wrap.
    const SIZE: u16 = 64 * WORDS as u16;

    /// Forgets everything: the stream starts with `seq`.
    pub(super) fn restart(&mut self, seq: u16) {
        *self = Self { highest: seq, ..Self::default() };
        self.set(seq);
    }

    /// Takes in a number ahead of the highest. Those between have not come.
    #[inline]
    pub(super) fn advance(&mut self, seq: u16) {
        let ahead = seq.wrapping_sub(self.highest);
        if ahead > 1 {
            self.clear_skipped(ahead - 1);
        }
        self.highest = seq;
        self.set(seq);
    }

    /// Takes in a number that is not ahead, and says whether it had come before.
    pub(super) fn mark(&mut self, seq: u16) -> Place {
        let behind = SequenceNumber(self.highest).distance(SequenceNumber(seq));
        if !(0..i32::from(Self::SIZE)).contains(&i32::from(behind)) {
            return Place::Outside;
        }
        if self.is_set(seq) {
            return Place::Present;
        }
        self.set(seq);
        Place::Missing
    }

    /// Clears the bits of the `skipped` numbers after the highest, a word at a time.
    #[cold]
    fn clear_skipped(&mut self, skipped: u16) {
        if skipped >= Self::SIZE {
            self.bits = [0; WORDS];
            return;
        }
        let mut at = self.highest.wrapping_add(1);
        let mut left = u32::from(skipped);
        while left > 0 {
            let (word, bit) = place(at);
            let count = left.min(64 - bit);
            let ones = if count == 64 { u64::MAX } else { (1 << count) - 1 };
            if let Some(word) = self.bits.get_mut(word) {
                *word &= !(ones << bit);
            }
            at = at.wrapping_add(count as u16);
            left -= count;
        }
    }

    #[inline]
    fn set(&mut self, seq: u16) {
        let (word, bit) = place(seq);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    fn is_set(&self, seq: u16) -> bool {
        let (word, bit) = place(seq);
        self.bits.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }
}

/// Word and bit of a number.
#[inline]
const fn place(seq: u16) -> (usize, u32) {
    let at = seq % Numbers::SIZE;
    ((at / 64) as usize, at as u32 % 64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Ahead(u16),
        Behind(u16),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Ahead(1)),
            2 => (1u16..200).prop_map(Step::Ahead),
            1 => (1u16..9000).prop_map(Step::Ahead),
            3 => (0u16..300).prop_map(Step::Behind),
            1 => (0u16..20_000).prop_map(Step::Behind),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn agrees_with_a_set_of_all_numbers(first: u16, steps in prop::collection::vec(step(), 1..300)) {
            let mut numbers = Numbers::default();
            numbers.restart(first);
            let mut highest = i64::from(first);
            let mut came = BTreeSet::from([highest]);
            for step in steps {
                match step {
                    Step::Ahead(by) => {
                        highest += i64::from(by);
                        came.insert(highest);
                        numbers.advance(highest as u16);
                    }
                    Step::Behind(by) => {
                        let number = highest - i64::from(by);
                        let expected = match by < Numbers::SIZE {
                            false => Place::Outside,
                            true if came.insert(number) => Place::Missing,
                            true => Place::Present,
                        };
                        prop_assert_eq!(numbers.mark(number as u16), expected);
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_before_the_first_and_across_the_wrap_have_their_place() {
        let mut numbers = Numbers::default();
        numbers.restart(0);
        assert_eq!(
            [0, 65_535, 65_535, 1].map(|seq| numbers.mark(seq)),
            [Place::Present, Place::Missing, Place::Present, Place::Outside,]
        );
    }
}
