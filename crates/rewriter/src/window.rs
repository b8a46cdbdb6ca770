//! Which of the last numbers of a source were left out on purpose.

/// Bits of a word.
const BITS: i64 = 64;

/// A bit for each of the last numbers of a line without end. Its memory is there from the first mark on.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// By number, modulo their bits; empty until something is marked.
    words: Vec<u64>,
    /// How many numbers: a power of two, 64 at least.
    len: i64,
    /// The newest number that was marked.
    last_mark: Option<i64>,
}

impl Window {
    pub(crate) const fn new(len: u16) -> Self {
        Self { words: Vec::new(), len: len as i64, last_mark: None }
    }

    pub(crate) const fn len(&self) -> i64 {
        self.len
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }

    /// Forgets all marks and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
        self.last_mark = None;
    }

    /// The newest number was `from` and is `to`: numbers between have no mark.
    #[inline]
    pub(crate) fn advance(&mut self, from: i64, to: i64) {
        if self.has_marks(from) {
            self.unmark(from + 1, to);
        }
    }

    /// Marks `number`, which is the newest.
    pub(crate) fn mark(&mut self, number: i64) {
        if self.words.is_empty() {
            self.words.resize((self.len / BITS) as usize, 0);
        }
        self.last_mark = Some(number);
        if let (index, Some(word)) = self.word_mut(number) {
            *word |= index;
        }
    }

    /// Is `number` marked, of the last ones up to `newest`?
    #[inline]
    pub(crate) fn is_marked(&self, number: i64, newest: i64) -> bool {
        self.has_marks(newest) && self.word(number) & (1 << number.rem_euclid(BITS)) != 0
    }

    /// How many are marked behind `number`, up to `newest`.
    #[inline]
    pub(crate) fn marked_behind(&self, number: i64, newest: i64) -> i64 {
        if !self.has_marks(newest) {
            return 0;
        }
        spans(number + 1, newest).map(|(at, mask)| i64::from((self.word(at) & mask).count_ones())).sum()
    }

    /// The number of those down from `newest` that has `behind` others without a mark between itself and the end, and has none
    /// itself; not below `floor`.
    pub(crate) fn unmarked_from_end(&self, newest: i64, mut behind: i64, floor: i64) -> Option<i64> {
        if !self.has_marks(newest) {
            return Some(newest.saturating_sub(behind)).filter(|number| *number >= floor);
        }
        let mut last = newest;
        while last >= floor {
            let first = floor.max(last - last.rem_euclid(BITS));
            let mut free = !self.word(last) & mask(first, last);
            let count = i64::from(free.count_ones());
            if behind < count {
                for _ in 0..behind {
                    free ^= 1 << (BITS - 1 - i64::from(free.leading_zeros()));
                }
                let bit = BITS - 1 - i64::from(free.leading_zeros());
                return Some(last - last.rem_euclid(BITS) + bit);
            }
            behind -= count;
            last = first - 1;
        }
        None
    }

    /// Might any of the last numbers be marked? Streams of which nothing is left out never look at the bits.
    #[inline]
    fn has_marks(&self, newest: i64) -> bool {
        self.last_mark.is_some_and(|mark| newest - mark < self.len)
    }

    fn unmark(&mut self, first: i64, last: i64) {
        if last - first >= self.len {
            return self.clear();
        }
        for (at, mask) in spans(first, last) {
            if let (_, Some(word)) = self.word_mut(at) {
                *word &= !mask;
            }
        }
    }

    fn word(&self, number: i64) -> u64 {
        self.words.get(self.index(number)).copied().unwrap_or(0)
    }

    /// The number's bit, and the word that it stands in.
    fn word_mut(&mut self, number: i64) -> (u64, Option<&mut u64>) {
        let index = self.index(number);
        (1 << number.rem_euclid(BITS), self.words.get_mut(index))
    }

    const fn index(&self, number: i64) -> usize {
        (number & (self.len - 1)) as usize / BITS as usize
    }
}

/// The bits of the numbers `first..=last`, which stand in one word.
const fn mask(first: i64, last: i64) -> u64 {
    let (low, high) = (first.rem_euclid(BITS), last.rem_euclid(BITS));
    (u64::MAX << low) & (u64::MAX >> (BITS - 1 - high))
}

/// The words that `first..=last` stand in: a number in each, and the bits.
fn spans(first: i64, last: i64) -> impl Iterator<Item = (i64, u64)> {
    let mut next = first;
    std::iter::from_fn(move || {
        let at = next;
        if at > last {
            return None;
        }
        let end = last.min(at - at.rem_euclid(BITS) + BITS - 1);
        next = end + 1;
        Some((at, mask(at, end)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_a_set_of_all_marks(
            start in prop_oneof![Just(-100_i64), Just(0), 0..100_000_i64],
            steps in prop::collection::vec((prop_oneof![9 => 1..4_i64, 1 => 1..300_i64], any::<bool>()), 1..300),
            behind in 0..300_i64,
        ) {
            let (mut window, mut newest) = (Window::new(128), start);
            let mut marks = BTreeSet::new();
            for (step, mark) in steps {
                window.advance(newest, newest + step);
                newest += step;
                if mark {
                    window.mark(newest);
                    marks.insert(newest);
                }
                let floor = newest - 127;
                for number in floor..=newest {
                    prop_assert_eq!(window.is_marked(number, newest), marks.contains(&number));
                    let count = marks.iter().filter(|mark| **mark > number).count() as i64;
                    prop_assert_eq!(window.marked_behind(number, newest), count);
                }
                let naive = (floor..=newest).rev().filter(|number| !marks.contains(number)).nth(behind as usize);
                prop_assert_eq!(window.unmarked_from_end(newest, behind, floor), naive);
            }
        }
    }

    #[test]
    fn takes_no_memory_until_something_is_left_out() {
        let mut window = Window::new(1024);
        window.advance(0, 5000);
        assert_eq!((window.bytes(), window.marked_behind(4000, 5000)), (0, 0));
        window.mark(5000);
        assert_eq!((window.bytes(), window.marked_behind(4999, 5000)), (128, 1));
    }
}
