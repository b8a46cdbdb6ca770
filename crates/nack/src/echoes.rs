//! Copies of answers: the same packet once more a little later, when what took the first may be over.

use std::collections::VecDeque;

use crate::copies::SPACING;

/// The copies of one stream's answers that have not left, by number: their packets stay in the history. In order of time, as all wait alike.
#[derive(Debug, Default)]
pub(crate) struct Echoes {
    waiting: VecDeque<Echo>,
}

#[derive(Clone, Copy, Debug)]
struct Echo {
    /// In microseconds since the epoch.
    at: u64,
    seq: u16,
    /// Copies to come, this one included.
    left: u8,
}

impl Echoes {
    /// An answer leaves at `now`, the first of `copies`.
    #[inline]
    pub(crate) fn answered(&mut self, seq: u16, copies: u8, now: u64) {
        if copies > 1 {
            self.waiting.push_back(Echo { at: now + SPACING, seq, left: copies - 1 });
        }
    }

    /// The next number of which a copy is due.
    pub(crate) fn take(&mut self, now: u64) -> Option<u16> {
        let echo = *self.waiting.front().filter(|echo| echo.at <= now)?;
        self.waiting.pop_front();
        if echo.left > 1 {
            self.waiting.push_back(Echo { at: now + SPACING, left: echo.left - 1, ..echo });
        }
        Some(echo.seq)
    }

    /// When the next copy is due.
    #[inline]
    pub(crate) fn next(&self) -> Option<u64> {
        self.waiting.front().map(|echo| echo.at)
    }

    /// Nothing waits any more; gives how many copies did.
    pub(crate) fn clear(&mut self) -> u64 {
        self.waiting.drain(..).map(|echo| u64::from(echo.left)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_leave_in_order_and_as_many_as_were_asked_for() {
        let mut echoes = Echoes::default();
        echoes.answered(1, 1, 0);
        assert_eq!(echoes.next(), None, "an answer alone has no copies");
        echoes.answered(2, 3, 100);
        echoes.answered(3, 2, 150);
        assert_eq!((echoes.next(), echoes.take(8_099)), (Some(8_100), None));
        assert_eq!([echoes.take(8_200), echoes.take(8_200), echoes.take(8_200)], [Some(2), Some(3), None]);
        assert_eq!((echoes.next(), echoes.take(16_200), echoes.next()), (Some(16_200), Some(2), None));
        echoes.answered(4, 4, 0);
        assert_eq!((echoes.clear(), echoes.next()), (3, None));
    }
}
