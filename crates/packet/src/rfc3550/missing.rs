//! Which of the newest sequence numbers of a source are missing.

use std::fmt;

/// Numbers, the newest included, of which it is known whether they have come. Divides 65 536, so that a number keeps its bit
/// when numbers wrap.
pub(super) const WINDOW: u16 = 4096;
const WORDS: usize = WINDOW as usize / 64;

/// A bit for each of the newest [`WINDOW`] numbers: set while the number has not come.
///
/// A packet that simply follows the one before changes nothing here: what came in order is noted when the next irregular one
/// comes. So it costs nothing to have this, and nothing to not have it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Missing {
    bits: [u64; WORDS],
    /// The extended number up to which the bits are right; everything after it came in order.
    noted: u64,
}

impl Missing {
    /// For a source that has sent everything from `base` to `highest` in order, and nothing before.
    pub(super) fn new(base: u64, highest: u64) -> Self {
        let mut missing = Self { bits: [u64::MAX; WORDS], noted: base };
        missing.assign(base, 1, false);
        missing.note(highest);
        missing
    }

    /// Everything up to `highest` that is not noted yet came in order.
    fn note(&mut self, highest: u64) {
        self.assign(self.noted.wrapping_add(1), highest.saturating_sub(self.noted), false);
        self.noted = highest;
    }

    /// The source goes on from `highest` with the number `ahead` of it; what lies between is missing.
    pub(super) fn skip(&mut self, highest: u64, ahead: u16) {
        let newest = highest + u64::from(ahead);
        self.note(newest);
        let skipped = ahead.saturating_sub(1).min(WINDOW - 1);
        self.assign(newest - u64::from(skipped), skipped.into(), true);
    }

    /// A number at most [`WINDOW`] − 1 behind `highest` has come. Whether it was missing.
    pub(super) fn take(&mut self, seq: u16, highest: u64) -> bool {
        self.note(highest);
        let (word, bit) = place(u64::from(seq));
        let Some(word) = self.bits.get_mut(word) else { return false };
        let missing = *word >> bit & 1 == 1;
        *word &= !(1 << bit);
        missing
    }

    /// Sets or clears the bits of `count` numbers from `first` on, a word at a time.
    fn assign(&mut self, first: u64, count: u64, missing: bool) {
        let (mut at, mut left) = (first, count.min(u64::from(WINDOW)));
        while left > 0 {
            let (word, bit) = place(at);
            let step = left.min(64 - bit);
            let ones = u64::MAX >> (64 - step) << bit;
            if let Some(word) = self.bits.get_mut(word) {
                *word = if missing { *word | ones } else { *word & !ones };
            }
            (at, left) = (at.wrapping_add(step), left - step);
        }
    }
}

/// Word and bit of a number.
const fn place(number: u64) -> (usize, u64) {
    let at = number % WINDOW as u64;
    ((at / 64) as usize, at % 64)
}

impl fmt::Debug for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Missing").field("noted", &self.noted).finish_non_exhaustive()
    }
}
