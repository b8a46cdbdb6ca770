//! A rate that changes while the bucket runs.

use interceptor_token_bucket::Denied;
use proptest::prelude::*;

use crate::kit::{SECOND, bucket, origin, rate};

#[test]
fn what_came_in_before_came_at_the_old_rate() {
    let mut bucket = bucket(rate(10, SECOND, 100).starting_empty());
    bucket.set_rate_at(rate(1000, SECOND, 100), SECOND);
    assert_eq!(bucket.available_at(SECOND), 10);
    assert_eq!(bucket.available_at(SECOND + SECOND / 100), 20);
}

#[test]
fn who_waits_waits_by_the_new_rate() {
    // In debt: a whole burst has just been taken.
    let mut bucket = bucket(rate(10, SECOND, 10));
    assert_eq!(bucket.take_at(10, 0), Ok(()));
    assert_eq!(bucket.take_at(5, 0), Err(Denied::Until(SECOND / 2)));
    bucket.set_rate_at(rate(100, SECOND, 10), SECOND / 10);
    assert_eq!(bucket.take_at(5, SECOND / 10), Err(Denied::Until(SECOND / 10 + SECOND / 25)));
    bucket.set_rate_at(rate(1, SECOND, 10), SECOND / 10);
    assert_eq!(bucket.take_at(5, SECOND / 10), Err(Denied::Until(SECOND / 10 + 4 * SECOND)));
}

#[test]
fn a_smaller_burst_caps_what_is_in_and_a_larger_one_fills_nothing() {
    let mut bucket = bucket(rate(1, SECOND, 10));
    bucket.set_rate_at(rate(1, SECOND, 4), 0);
    assert_eq!(bucket.available_at(0), 4);
    assert_eq!(bucket.take_at(5, 0), Err(Denied::Never));
    bucket.set_rate_at(rate(1, SECOND, 10), 0);
    assert_eq!(bucket.available_at(0), 4);
    assert_eq!(bucket.available_at(6 * SECOND), 10);
}

#[test]
fn starting_empty_is_about_the_start() {
    let origin = origin();
    let mut bucket = interceptor_token_bucket::TokenBucket::new(rate(1, SECOND, 10), origin);
    bucket.set_rate(rate(2, SECOND, 10).starting_empty(), origin);
    assert_eq!(bucket.available(origin), 10);
}

proptest! {
    #[test]
    fn a_new_rate_makes_no_tokens_and_loses_less_than_a_unit(
        (amount, per, burst) in (1..u64::MAX, 1..10 * SECOND, 1..1_000_000_u64),
        (new_amount, new_per, new_burst) in (1..u64::MAX, 1..10 * SECOND, 1..1_000_000_u64),
        taken in 0..1_000_000_u64,
        at in 0..100 * SECOND,
    ) {
        let mut before = bucket(rate(amount, per, burst));
        prop_assume!(before.take_at(taken.min(burst), 0).is_ok());
        let mut after = before;
        after.set_rate_at(rate(new_amount, new_per, new_burst), at);
        let kept = before.available_at(at).min(new_burst);
        prop_assert_eq!(after.available_at(at), kept);
        // And it fills at the new rate from here: a whole burst later it is full.
        let full = (u128::from(new_burst) * u128::from(new_per)).div_ceil(u128::from(new_amount));
        prop_assert_eq!(after.available_at(at + u64::try_from(full).unwrap()), new_burst);
    }
}
