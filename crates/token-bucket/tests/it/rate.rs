//! Rates are checked when they are made, with an error that says what is wrong.

use std::time::Duration;

use interceptor_token_bucket::{Denied, Rate, RateError};

use crate::kit::{SECOND, bucket, rate};

#[test]
fn what_is_out_of_range_is_named() {
    let long = Duration::from_nanos(u64::MAX) + Duration::from_nanos(1);
    let second = Duration::from_secs(1);
    for (amount, per, burst, error) in [
        (0, second, 1, "Rate::amount is 0, it has to be in 1..=18446744073709551615"),
        (1, Duration::ZERO, 1, "Rate::per is 0ns, it has to be in 1ns..=18446744073709551615ns"),
        (1, long, 1, "Rate::per is 18446744073.709551616s, it has to be in 1ns..=18446744073709551615ns"),
        (1, second, 0, "Rate::burst is 0, at this rate it has to be in 1..=18446744073"),
        (
            7,
            second,
            18_446_744_074,
            "Rate::burst is 18446744074, at this rate it has to be in 1..=18446744073",
        ),
    ] {
        assert_eq!(Rate::new(amount, per, burst).unwrap_err().to_string(), error);
    }
    assert_eq!(Rate::per_second(0), Err(RateError::Amount));
}

#[test]
fn what_was_asked_for_can_be_read() {
    let rate = rate(6, SECOND, 4);
    assert_eq!((rate.amount(), rate.per(), rate.burst()), (6, Duration::from_secs(1), 4));
    assert!(!rate.starts_empty() && rate.starting_empty().starts_empty());
    assert_eq!(Rate::per_second(6).unwrap().burst(), 6);
}

#[test]
fn the_largest_burst_is_counted_to_the_last_token() {
    for (amount, per) in [(1, SECOND), (7, 3_600 * SECOND), (SECOND, SECOND), (u64::MAX, 1), (1, u64::MAX)] {
        let max = rate(amount, per, 1).max_burst();
        let mut bucket = bucket(rate(amount, per, max));
        assert_eq!(bucket.take_at(max, 0), Ok(()));
        let Err(Denied::Until(at)) = bucket.take_at(1, 0) else { panic!("{amount} in {per}: it is empty") };
        assert!(bucket.take_at(1, at - 1).is_err());
        assert_eq!(bucket.take_at(1, at), Ok(()), "{amount} in {per}");
    }
}

#[test]
fn the_documented_bursts_fit_at_any_amount() {
    for amount in [1, 999_999_937, 1 << 40, u64::MAX] {
        assert!(rate(amount, SECOND, 1).max_burst() >= 18_446_744_073);
        assert!(rate(amount, 3_600 * SECOND, 1).max_burst() >= 5_124_095);
    }
}
