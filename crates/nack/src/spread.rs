//! Answers that wait: what is asked for at once leaves over a round trip.

use std::collections::VecDeque;

/// So much faster than its media a stream's answers leave in any case; libwebrtc's pacer sends everything at 2.5 times.
const MEDIA_RATES: u64 = 4;
/// Media of so long may leave at once, in microseconds …
const BURST: u64 = 40_000;
/// … and so many bytes in any case: what any queue takes.
const MIN_BURST_BYTES: u64 = 3_000;
const SECOND: u64 = 1_000_000;

/// The answers of one stream that wait, by number: their packets stay in the history. Bytes leave as a bucket fills.
#[derive(Debug)]
pub(crate) struct Spread {
    waiting: VecDeque<u16>,
    /// Bytes of these.
    bytes: u64,
    /// Bytes that may leave at once, at [`at`](Self::at); the last answer may take it below zero.
    credit: i64,
    /// In microseconds.
    at: u64,
    /// Bytes a second, while anything waits.
    rate: u64,
}

impl Default for Spread {
    /// The bucket is full.
    fn default() -> Self {
        Self { waiting: VecDeque::new(), bytes: 0, credit: i64::MAX, at: 0, rate: 0 }
    }
}

impl Spread {
    /// It is `now`, in microseconds, and the stream has sent `media` bytes over the last second.
    pub(crate) fn pass_to(&mut self, now: u64, media: u64) {
        let most = (media * BURST / SECOND).max(MIN_BURST_BYTES).cast_signed();
        self.rate = self.rate.max(MEDIA_RATES * media);
        // What fills the bucket from as low as it gets is enough.
        let passed = now.saturating_sub(self.at).min(SECOND);
        // Where that does not fit, the bucket is full many times over.
        let filled = self.rate.saturating_mul(passed) / SECOND;
        self.credit = self.credit.saturating_add(filled.cast_signed()).min(most);
        self.at = now;
    }

    /// Bytes that wait.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// May an answer leave at once?
    pub(crate) fn is_open(&self) -> bool {
        self.credit > 0 && self.waiting.is_empty()
    }

    /// So many bytes leave.
    pub(crate) const fn spend(&mut self, bytes: usize) {
        self.credit -= bytes as i64;
    }

    /// The answer for a number waits.
    pub(crate) fn hold(&mut self, seq: u16, bytes: usize) {
        self.waiting.push_back(seq);
        self.bytes += bytes as u64;
    }

    /// All that wait shall have left within a round trip, in microseconds.
    pub(crate) fn within(&mut self, round_trip: u64) {
        if !self.waiting.is_empty() {
            self.rate = self.rate.max(self.bytes * SECOND / round_trip.max(1));
        }
    }

    /// The next number whose answer may leave now.
    pub(crate) fn take(&mut self) -> Option<u16> {
        if self.credit <= 0 {
            return None;
        }
        let next = self.waiting.pop_front();
        if self.waiting.is_empty() {
            // Packets that were written anew since may have another length.
            (self.bytes, self.rate) = (0, 0);
        }
        next
    }

    /// An answer that waited leaves, or will not.
    pub(crate) const fn release(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes as u64);
    }

    /// When the next one may leave, in microseconds.
    pub(crate) fn next(&self) -> Option<u64> {
        let lacking = (1 - self.credit).max(0).unsigned_abs();
        (!self.waiting.is_empty()).then(|| self.at + (lacking * SECOND).div_ceil(self.rate.max(1)))
    }

    /// Nothing waits any more; gives how many did.
    pub(crate) fn clear(&mut self) -> u64 {
        let waiting = self.waiting.len() as u64;
        *self = Self::default();
        waiting
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is asked for whenever: it leaves in order, within a round trip of the last request, and never faster than
        /// the media allow or the round trip demands.
        #[test]
        fn everything_leaves_in_order_within_a_round_trip(
            media in 1_000_u64..10_000_000,
            round_trip in 1_000_u64..1_000_000,
            batches in prop::collection::vec((0_u64..300_000, 1_usize..100), 1..10),
        ) {
            const BYTES: usize = 1_200;
            let mut spread = Spread::default();
            let (mut now, mut number, mut left, mut deadline) = (1_000_000, 0_u16, 0_u16, 0);
            for (pause, count) in batches {
                let until = now + pause;
                while let Some(at) = spread.next().filter(|at| *at <= until) {
                    prop_assert!(at <= deadline + 1_000, "{} {}", at, deadline);
                    now = now.max(at);
                    spread.pass_to(now, media);
                    while let Some(seq) = spread.take() {
                        prop_assert_eq!(seq, left);
                        left += 1;
                        spread.spend(BYTES);
                        spread.release(BYTES);
                    }
                }
                now = until;
                spread.pass_to(now, media);
                for _ in 0..count {
                    if spread.is_open() {
                        prop_assert_eq!(number, left);
                        left += 1;
                        spread.spend(BYTES);
                    } else {
                        spread.hold(number, BYTES);
                    }
                    number += 1;
                }
                spread.within(round_trip);
                // The bucket may have to fill up first.
                deadline = now + round_trip + BYTES as u64 * SECOND / (MEDIA_RATES * media);
            }
            prop_assert_eq!(u64::from(number - left), spread.clear());
            prop_assert_eq!(spread.next(), None);
        }

        /// As much as a history may hold, over a path that claims to take no time, looked at late.
        #[test]
        fn nothing_overflows(
            media in prop_oneof![Just(0), 0..1_u64 << 32],
            round_trip in prop_oneof![0..10_u64, any::<u64>()],
            held in prop::collection::vec(0_usize..1 << 30, 1..10),
            pauses in prop::collection::vec(0_u64..1 << 40, 1..10),
        ) {
            let (mut spread, mut now) = (Spread::default(), 0);
            spread.pass_to(now, media);
            held.iter().for_each(|bytes| spread.hold(1, *bytes));
            spread.within(round_trip);
            for pause in pauses {
                now += pause;
                spread.pass_to(now, media);
                prop_assert!(spread.next().is_none_or(|at| at >= now));
                if spread.take().is_some() {
                    spread.spend(65_535);
                    spread.release(65_535);
                }
            }
        }
    }
}
