//! Which of the newest sequence numbers of a stream have come.

use interceptor_packet::SequenceNumber;

const WORDS: usize = 64;

/// The newest [`SIZE`](Self::SIZE) sequence numbers of a stream, a bit each: came, or is missing.
///
/// Bounded, without allocation; a step forward touches one word.
#[derive(Clone, Debug)]
pub(crate) struct SequenceWindow {
    bits: [u64; WORDS],
    highest: u16,
    /// Numbers behind the highest that are known to have been sent.
    span: u64,
}

/// Where a number that is not newest falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It had not come before.
    Missing,
    /// It had come before.
    Present,
    /// Ahead of the highest, or too far behind to know.
    Outside,
}

impl SequenceWindow {
    /// Divides 65 536, so that a number keeps its bit when numbers wrap.
    pub(crate) const SIZE: u16 = 64 * WORDS as u16;

    pub(crate) const fn new() -> Self {
        Self { bits: [0; WORDS], highest: 0, span: 0 }
    }

    /// Forgets everything: the stream starts with `seq`.
    pub(crate) fn restart(&mut self, seq: u16) {
        *self = Self { highest: seq, ..Self::new() };
        self.set(seq);
    }

    /// Takes in a number ahead of the highest. Those between are missing.
    #[inline]
    pub(crate) fn advance(&mut self, seq: u16) {
        let ahead = seq.wrapping_sub(self.highest);
        if ahead > 1 {
            self.clear_skipped(ahead - 1);
        }
        self.highest = seq;
        self.span += u64::from(ahead);
        self.set(seq);
    }

    /// Takes in a number that is not ahead, and says whether it had come before.
    pub(crate) fn mark(&mut self, seq: u16) -> Place {
        match self.behind(seq) {
            Some(_) if self.is_set(seq) => Place::Present,
            Some(_) => {
                self.set(seq);
                Place::Missing
            }
            None => Place::Outside,
        }
    }

    /// Fills a hole: `true` if the number is known to have been sent and had not come before.
    pub(crate) fn fill(&mut self, seq: u16) -> bool {
        let hole = self.behind(seq).is_some_and(|behind| u64::from(behind) <= self.span) && !self.is_set(seq);
        if hole {
            self.set(seq);
        }
        hole
    }

    /// Steps from the highest back to `seq`, `None` outside of the window.
    fn behind(&self, seq: u16) -> Option<u16> {
        let behind = SequenceNumber(self.highest).distance(SequenceNumber(seq));
        u16::try_from(behind).ok().filter(|behind| *behind < Self::SIZE)
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

    #[inline]
    fn is_set(&self, seq: u16) -> bool {
        let (word, bit) = place(seq);
        self.bits.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }
}

/// Word and bit of a number.
#[inline]
const fn place(seq: u16) -> (usize, u32) {
    let at = seq % SequenceWindow::SIZE;
    ((at / 64) as usize, at as u32 % 64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Every number that ever came, on a line that does not wrap.
    struct Oracle {
        came: BTreeSet<i64>,
        first: i64,
        highest: i64,
    }

    impl Oracle {
        fn step(&mut self, window: &mut SequenceWindow, step: Step) -> Result<(), TestCaseError> {
            let size = i64::from(SequenceWindow::SIZE);
            match step {
                Step::Ahead(by) => {
                    self.highest += i64::from(by);
                    self.came.insert(self.highest);
                    window.advance(self.highest as u16);
                }
                Step::Mark(behind) => {
                    let seq = self.highest - i64::from(behind);
                    let known = i64::from(behind) < size;
                    let expected = match (known, self.came.contains(&seq)) {
                        (false, _) => Place::Outside,
                        (true, true) => Place::Present,
                        (true, false) => Place::Missing,
                    };
                    prop_assert_eq!(window.mark(seq as u16), expected);
                    if known {
                        self.came.insert(seq);
                    }
                }
                Step::Fill(behind) => {
                    let seq = self.highest - i64::from(behind);
                    let hole = i64::from(behind) < size && seq >= self.first && !self.came.contains(&seq);
                    prop_assert_eq!(window.fill(seq as u16), hole);
                    if hole {
                        self.came.insert(seq);
                    }
                }
            }
            Ok(())
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Ahead(u16),
        Mark(u16),
        Fill(u16),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Ahead(1)),
            2 => (1u16..200).prop_map(Step::Ahead),
            1 => (1u16..9000).prop_map(Step::Ahead),
            3 => (0u16..300).prop_map(Step::Mark),
            1 => (0u16..20_000).prop_map(Step::Mark),
            3 => (0u16..300).prop_map(Step::Fill),
            1 => (0u16..20_000).prop_map(Step::Fill),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn agrees_with_a_set_of_all_numbers(first: u16, steps in prop::collection::vec(step(), 1..300)) {
            let mut window = SequenceWindow::new();
            window.restart(first);
            let first = i64::from(first);
            let mut oracle = Oracle { came: BTreeSet::from([first]), first, highest: first };
            for step in steps {
                oracle.step(&mut window, step)?;
            }
        }
    }

    #[test]
    fn numbers_before_the_first_are_no_holes() {
        let mut window = SequenceWindow::new();
        window.restart(0);
        assert!(!window.fill(65_535));
        assert_eq!(window.mark(65_535), Place::Missing);
        assert_eq!(window.mark(65_535), Place::Present);
    }
}
