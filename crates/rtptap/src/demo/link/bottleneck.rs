//! The narrowest place of a path: sends one datagram after the other, and drops what it would have to keep too long.

use std::time::Duration;

use super::RateSchedule;
use super::rate::NanoBits;

/// The longest wait: what would leave later finds the queue full. A usual size in tests of congestion control (RFC 8867 §4.3).
const LONGEST_WAIT: Duration = Duration::from_millis(300);

/// IPv4 and UDP headers (RFC 791 §3.1, RFC 768), which cross the link with each datagram.
pub(in crate::demo) const HEADER_BYTES: usize = 28;

/// A drop-tail queue before a link of limited rate; no clock.
///
/// When a datagram leaves is settled as it comes: by where its bits lie on the line of all that can pass since the start.
#[derive(Clone, Debug)]
pub(super) struct Bottleneck {
    rate: RateSchedule,
    /// Where on that line the last datagram ends.
    taken: NanoBits,
}

/// A datagram's way through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    /// How long it waits for those before it.
    pub(super) waits: Duration,
    /// When its last bit has left.
    pub(super) leaves: Duration,
}

impl Bottleneck {
    /// Idle.
    pub(super) fn new(rate: RateSchedule) -> Self {
        Self { rate, taken: 0 }
    }

    /// Takes a datagram with `bytes` of UDP payload at `now`, which may not go back; `None` when the queue is full.
    pub(super) fn pass(&mut self, bytes: usize, now: Duration) -> Option<Passage> {
        let begins = self.taken.max(self.rate.passes_by(now));
        let waits = self.rate.when_passed(begins).saturating_sub(now);
        if waits > LONGEST_WAIT {
            return None;
        }
        self.taken = begins + (bytes + HEADER_BYTES) as NanoBits * 8 * 1_000_000_000;
        Some(Passage { waits, leaves: self.rate.when_passed(self.taken) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 1000 bytes on the link.
    const KILOBYTE: usize = 1000 - HEADER_BYTES;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn bottleneck(rate: &str) -> Bottleneck {
        Bottleneck::new(rate.parse().unwrap())
    }

    fn passage(waits: Duration, leaves: Duration) -> Option<Passage> {
        Some(Passage { waits, leaves })
    }

    #[test]
    fn an_idle_link_takes_the_time_that_the_bits_take() {
        let mut link = bottleneck("1");
        assert_eq!(link.pass(KILOBYTE, ms(0)), passage(ms(0), ms(8)));
        assert_eq!(link.pass(KILOBYTE, ms(100)), passage(ms(0), ms(108)));
    }

    #[test]
    fn what_comes_at_once_waits_for_those_before_it() {
        let mut link = bottleneck("1");
        for i in 0..5 {
            assert_eq!(link.pass(KILOBYTE, ms(50)), passage(ms(8 * i), ms(50 + 8 * (i + 1))));
        }
    }

    #[test]
    fn what_would_wait_too_long_is_dropped_and_takes_no_room() {
        let mut link = bottleneck("1");
        let passed = (0..100).filter(|_| link.pass(KILOBYTE, ms(0)).is_some()).count();
        assert_eq!(passed, 38, "the last waits for 37 others, 296 ms");
        assert_eq!(link.pass(KILOBYTE, ms(3)), None, "301 ms ahead of it");
        assert_eq!(link.pass(KILOBYTE, ms(4)), passage(ms(300), ms(312)));
    }

    #[test]
    fn a_step_counts_for_what_is_in_the_queue() {
        let mut link = bottleneck("1,0.5@0.1");
        assert_eq!(link.pass(KILOBYTE, ms(96)), passage(ms(0), ms(108)), "half of it at each rate");
        assert_eq!(link.pass(KILOBYTE, ms(97)), passage(ms(11), ms(124)));
    }

    #[test]
    fn a_full_link_carries_its_rate_to_the_bit() {
        // 3.000001 Mbit/s: no datagram takes a whole number of nanoseconds.
        let mut link = bottleneck("3.000001");
        let mut passed = 0;
        let mut last = Duration::ZERO;
        for tenth in 0..100_000 {
            if let Some(passage) = link.pass(KILOBYTE, Duration::from_micros(100 * tenth)) {
                passed += 1;
                last = passage.leaves;
            }
        }
        let bits = f64::from(passed) * 8000.0;
        assert!((bits / last.as_secs_f64() - 3_000_001.0).abs() < 0.01, "{}", bits / last.as_secs_f64());
    }

    proptest! {
        #[test]
        fn nothing_overtakes_and_no_more_passes_than_fits(
            datagrams in proptest::collection::vec((0_u64..20_000, 0_usize..1500), 1..200),
        ) {
            let mut link = bottleneck("0.8,3@0.4,0.2@0.9");
            let (mut now, mut last, mut bits) = (Duration::ZERO, Duration::ZERO, 0_u128);
            for (gap, bytes) in datagrams {
                now += Duration::from_micros(gap);
                let Some(Passage { waits, leaves }) = link.pass(bytes, now) else { continue };
                bits += (bytes + HEADER_BYTES) as u128 * 8;
                prop_assert!(waits <= LONGEST_WAIT);
                prop_assert!(leaves > now + waits && leaves > last);
                prop_assert!(link.rate.passes_by(leaves) >= bits * 1_000_000_000);
                last = leaves;
            }
        }
    }
}
