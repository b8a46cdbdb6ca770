//! What may leave, as a bucket that may be overdrawn: a packet leaves when nothing is owed, however large it is.

use std::time::{Duration, Instant};

use interceptor_token_bucket::{Rate, TokenBucket};

/// The most bytes that can be owed: more than sixteen of the largest datagrams.
const MOST_OWED: u64 = 1 << 20;
/// Packets that did not ask may make this much of the pace owed (libwebrtc `kMaxDebtInTime`).
const OWED_TIME: Duration = Duration::from_millis(500);
/// Nobody paces faster: 100 Gbit/s.
const MOST_BITS: u64 = 100_000_000_000;

/// Bytes at a pace. A token bucket with a reserve of [`MOST_OWED`] below what it would hold: who finds the whole reserve there
/// owes nothing. So what leaves in any time is at most the pace, one burst and one packet; a packet larger than
/// the burst goes alone; and a timer that is late by less than the burst costs nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    bucket: TokenBucket,
    /// The most that packets that did not ask may leave owed.
    most_unasked: u64,
}

impl Budget {
    /// A full burst at `now` nanoseconds after `start`. `None` for a pace of zero.
    pub(crate) fn new(bits_per_second: u64, burst: Duration, start: Instant, now: u64) -> Option<Self> {
        let rate = rate(bits_per_second, burst)?;
        Some(Self { bucket: TokenBucket::new_at(rate, start, now), most_unasked: unasked(bits_per_second) })
    }

    /// From `now` on it is another pace; what is owed stays owed.
    pub(crate) fn set(&mut self, bits_per_second: u64, burst: Duration, now: u64) {
        if let Some(rate) = rate(bits_per_second, burst) {
            self.bucket.set_rate_at(rate, now);
            self.most_unasked = unasked(bits_per_second);
        }
    }

    /// Takes a packet if nothing is owed.
    ///
    /// # Errors
    /// When nothing will be owed any more.
    #[inline(always)]
    pub(crate) fn take(&mut self, bytes: u64, now: u64) -> Result<(), u64> {
        match self.bucket.take_at(MOST_OWED, now) {
            Ok(()) => {
                self.bucket.give_back(MOST_OWED.saturating_sub(bytes));
                Ok(())
            }
            Err(denied) => Err(denied.until().unwrap_or(u64::MAX)),
        }
    }

    /// Bytes that are owed.
    pub(crate) const fn owed(&self, now: u64) -> u64 {
        MOST_OWED.saturating_sub(self.bucket.available_at(now))
    }

    /// A packet leaves without asking: it is owed, up to half a second of the pace.
    pub(crate) fn debit(&mut self, bytes: u64, now: u64) {
        let most = self.bucket.available_at(now).saturating_sub(MOST_OWED - self.most_unasked);
        // Never more than there is.
        let _ = self.bucket.take_at(bytes.min(most), now);
    }
}

/// Bytes that come in at a pace within a time.
pub(crate) fn bytes_in(bits_per_second: u64, time: Duration) -> u64 {
    let bytes = u128::from(bits_per_second) * time.as_nanos() / 8_000_000_000;
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// A pace that can be counted.
pub(crate) fn countable(bits_per_second: u64) -> u64 {
    bits_per_second.min(MOST_BITS)
}

/// Bits a second are bytes in eight.
fn rate(bits_per_second: u64, burst: Duration) -> Option<Rate> {
    let bits = countable(bits_per_second);
    Rate::new(bits, Duration::from_secs(8), MOST_OWED + bytes_in(bits, burst)).ok()
}

fn unasked(bits_per_second: u64) -> u64 {
    bytes_in(bits_per_second, OWED_TIME).min(MOST_OWED)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    const BURST: Duration = Duration::from_millis(5);

    /// 8 Mbit/s: a byte in a microsecond, 5000 at once.
    fn budget() -> Budget {
        Budget::new(8_000_000, BURST, clock(), 0).unwrap()
    }

    fn clock() -> Instant {
        interceptor_test::Clock::new().now()
    }

    #[test]
    fn a_packet_leaves_when_nothing_is_owed_and_the_next_when_it_is_paid() {
        let mut budget = budget();
        assert_eq!([budget.take(4000, 0), budget.take(4000, 0)], [Ok(()), Ok(())]);
        assert_eq!(budget.take(1, 0), Err(3 * MS));
        assert_eq!((budget.take(1, 3 * MS - 1), budget.take(1, 3 * MS)), (Err(3 * MS), Ok(())));
    }

    #[test]
    fn a_packet_beyond_every_burst_goes_alone() {
        let mut budget = Budget::new(80_000, BURST, clock(), 0).unwrap();
        assert_eq!(budget.take(65_536, 0), Ok(()));
        // 50 bytes were there, ten come in a millisecond.
        assert_eq!(budget.take(1, 0), Err(65_486 * MS / 10));
    }

    #[test]
    fn who_does_not_ask_makes_half_a_second_owed_and_no_more() {
        let mut budget = budget();
        (0..1000).for_each(|_| budget.debit(1200, 0));
        assert_eq!(budget.take(1, 0), Err(500 * MS));
    }

    #[test]
    fn what_is_owed_stays_owed_at_another_pace() {
        let mut budget = budget();
        assert_eq!(budget.take(10_000, 0), Ok(()));
        budget.set(16_000_000, BURST, 0);
        assert_eq!(budget.take(1, 0), Err(2_500_000));
        budget.set(800_000, BURST, 0);
        assert_eq!(budget.take(1, 0), Err(50 * MS));
    }

    #[test]
    fn every_pace_can_be_counted_but_none() {
        assert!(Budget::new(0, BURST, clock(), 0).is_none());
        for bits in [1, 7, u64::MAX] {
            let mut budget = Budget::new(bits, Duration::from_millis(10), clock(), 0).unwrap();
            assert_eq!(budget.take(1200, 0), Ok(()));
        }
    }
}
