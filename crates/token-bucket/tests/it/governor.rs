//! Beside `governor`: the same decisions at the same instants, for rates of which a token takes whole nanoseconds (it rounds the others).

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::FakeRelativeClock;
use governor::{Quota, RateLimiter};
use proptest::prelude::*;

use crate::kit::{SECOND, bucket, rate};

/// A second in whole nanoseconds a token.
fn divisors() -> impl Strategy<Value = u32> {
    (0..=9_u32, 0..=9_u32).prop_map(|(twos, fives)| 2_u32.pow(twos) * 5_u32.pow(fives))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn agrees_with_governor(
        amount in divisors(),
        burst in 1..=50_u32,
        takes in prop::collection::vec((1..=52_u32, prop_oneof![Just(0_u64), 0..=100_u64]), 1..60),
    ) {
        let clock = FakeRelativeClock::default();
        let burst_size = NonZeroU32::new(burst).unwrap();
        let quota = Quota::per_second(NonZeroU32::new(amount).unwrap()).allow_burst(burst_size);
        let limiter = RateLimiter::direct_with_clock(quota, clock.clone());
        let mut bucket = bucket(rate(amount.into(), SECOND, burst.into()));
        // Pauses in quarters of a token's time, and a nanosecond less or more in between.
        let token = SECOND / u64::from(amount);
        let mut now = 0;
        for (at, (n, pause)) in takes.into_iter().enumerate() {
            let pause = (pause * token / 4 + at as u64 % 3).saturating_sub(1);
            clock.advance(Duration::from_nanos(pause));
            now += pause;
            let theirs = limiter.check_n(NonZeroU32::new(n).unwrap());
            let theirs = theirs.is_ok_and(|now| now.is_ok());
            prop_assert_eq!(bucket.take_at(n.into(), now).is_ok(), theirs, "{} at {}", n, now);
        }
    }
}
