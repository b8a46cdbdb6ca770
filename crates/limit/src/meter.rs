//! Two buckets as one: packets and bytes are taken together or not at all.

use std::time::Instant;

use interceptor_token_bucket::{Denied, Rate, TokenBucket};

use crate::Rates;

/// What may still pass. Times are nanoseconds since the connection's start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    packets: Option<TokenBucket>,
    bytes: Option<TokenBucket>,
}

impl Meter {
    /// Buckets that begin at `now`.
    pub(crate) fn new(rates: Rates, start: Instant, now: u64) -> Self {
        let bucket = |rate: Rate| TokenBucket::new_at(rate, start, now);
        Self { packets: rates.packets.map(bucket), bytes: rates.bytes.map(bucket) }
    }

    /// Takes a packet of so many bytes, or nothing.
    #[inline(always)]
    pub(crate) fn take(&mut self, bytes: u64, now: u64) -> Result<(), Denied<u64>> {
        if let Some(packets) = &mut self.packets {
            packets.take_at(1, now)?;
        }
        if let Some(bucket) = &mut self.bytes
            && let Err(denied) = bucket.take_at(bytes, now)
        {
            return Err(self.undo(denied));
        }
        Ok(())
    }

    /// More bytes than ever come together, whatever else it waits for.
    pub(crate) fn is_oversize(&self, bytes: u64) -> bool {
        self.bytes.is_some_and(|bucket| bytes > bucket.burst())
    }

    #[cold]
    fn undo(&mut self, denied: Denied<u64>) -> Denied<u64> {
        if let Some(packets) = &mut self.packets {
            packets.give_back(1);
        }
        denied
    }

    /// A packet that was taken did not pass.
    pub(crate) fn give_back(&mut self, bytes: u64) {
        if let Some(packets) = &mut self.packets {
            packets.give_back(1);
        }
        if let Some(bucket) = &mut self.bytes {
            bucket.give_back(bytes);
        }
    }

    /// Goes on at other rates. What is in stays in, up to the new bursts.
    pub(crate) fn set(&mut self, rates: Rates, start: Instant, now: u64) {
        let set = |bucket: &mut Option<TokenBucket>, rate: Option<Rate>| match (bucket.as_mut(), rate) {
            (Some(bucket), Some(rate)) => bucket.set_rate_at(rate, now),
            (_, rate) => *bucket = rate.map(|rate| TokenBucket::new_at(rate, start, now)),
        };
        set(&mut self.packets, rates.packets);
        set(&mut self.bytes, rates.bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use interceptor_test::Clock;

    use super::*;

    #[test]
    fn nothing_is_spent_on_what_does_not_pass() {
        let start = Clock::new().now();
        let rate = |burst| Rate::new(1, Duration::from_secs(1), burst).unwrap();
        let rates = Rates::default().with_packets(rate(2)).with_bytes(rate(1000));
        let mut meter = Meter::new(rates, start, 0);
        // Too many bytes, again and again: both packets are still there.
        (0..5).for_each(|_| assert_eq!(meter.take(1001, 0), Err(Denied::Never)));
        assert_eq!((meter.take(500, 0), meter.take(500, 0)), (Ok(()), Ok(())));
        // No packet left: the bytes that came in are not taken.
        assert_eq!(meter.take(1, 0), Err(Denied::Until(1_000_000_000)));
        meter.give_back(500);
        assert_eq!(meter.take(500, 0), Ok(()));
    }
}
