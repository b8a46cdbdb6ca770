//! Clocks that stand still, go back, or jump by decades.

use std::time::Duration;

use interceptor_token_bucket::{Denied, TokenBucket};

use crate::kit::{SECOND, bucket, origin, rate};

const YEAR: u64 = 365 * 86_400 * SECOND;

#[test]
fn while_the_clock_stands_still_nothing_comes_in() {
    let mut bucket = bucket(rate(1_000_000, SECOND, 3));
    assert_eq!(bucket.take_at(3, 5), Ok(()));
    assert!((0..1000).all(|_| bucket.take_at(1, 5) == Err(Denied::Until(1005))));
}

#[test]
fn a_clock_that_goes_back_stands_still() {
    let mut bucket = bucket(rate(1, SECOND, 1));
    assert_eq!(bucket.take_at(1, 10 * SECOND), Ok(()));
    for back in [9 * SECOND, 0, 10 * SECOND - 1] {
        assert_eq!(bucket.take_at(1, back), Err(Denied::Until(11 * SECOND)));
        assert_eq!(bucket.available_at(back), 0);
    }
    // It has not been filled twice for the second that went by twice.
    assert_eq!(bucket.take_at(1, 11 * SECOND), Ok(()));
    assert_eq!(bucket.take_at(1, 11 * SECOND), Err(Denied::Until(12 * SECOND)));
}

#[test]
fn an_instant_before_the_origin_is_the_origin() {
    let origin = origin();
    let mut bucket = TokenBucket::new(rate(1, SECOND, 1), origin + Duration::from_secs(5));
    assert_eq!(bucket.take(1, origin), Ok(()));
    assert_eq!(bucket.take(1, origin), Err(Denied::Until(origin + Duration::from_secs(6))));
}

#[test]
fn after_thirty_years_the_bucket_is_full_and_no_fuller() {
    for rate in [rate(1, SECOND, 7), rate(u64::MAX, 1, 7), rate(7, 30 * YEAR, 7)] {
        let mut bucket = bucket(rate);
        assert_eq!(bucket.take_at(7, 3), Ok(()));
        let later = 3 + 30 * YEAR;
        assert_eq!(bucket.available_at(later), 7);
        assert_eq!(bucket.take_at(7, later), Ok(()));
        assert!(bucket.take_at(7, later).is_err());
    }
}

#[test]
fn instants_thirty_years_ahead_are_told_apart_to_the_nanosecond() {
    let origin = origin();
    let later = origin + Duration::from_nanos(30 * YEAR);
    let mut bucket = TokenBucket::new(rate(3, SECOND, 1), origin);
    assert_eq!(bucket.take(1, later), Ok(()));
    let until = later + Duration::from_nanos(333_333_334);
    assert_eq!(bucket.take(1, later), Err(Denied::Until(until)));
    assert_eq!(bucket.take(1, until - Duration::from_nanos(1)), Err(Denied::Until(until)));
    assert_eq!(bucket.take(1, until), Ok(()));
}

#[test]
fn at_the_end_of_time_what_is_not_there_never_comes() {
    let mut bucket = bucket(rate(1, SECOND, 2));
    assert_eq!(bucket.take_at(2, u64::MAX), Ok(()));
    assert_eq!(bucket.take_at(1, u64::MAX), Err(Denied::Never));
    assert_eq!(bucket.available_at(u64::MAX), 0);
}
