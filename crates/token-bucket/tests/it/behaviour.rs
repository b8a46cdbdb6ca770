//! What is granted, what is denied, and until when.

use std::time::Duration;

use interceptor_token_bucket::{Denied, TokenBucket};

use crate::kit::{SECOND, bucket, origin, rate};

#[test]
fn a_burst_passes_at_once_and_what_follows_at_the_rate() {
    let mut bucket = bucket(rate(50, SECOND, 10));
    assert!((0..10).all(|_| bucket.take_at(1, 0).is_ok()));
    for n in 1..=100 {
        let at = n * SECOND / 50;
        assert_eq!(bucket.take_at(1, at - 1), Err(Denied::Until(at)));
        assert_eq!(bucket.take_at(1, at), Ok(()));
    }
}

#[test]
fn a_denied_take_takes_nothing() {
    let mut bucket = bucket(rate(1000, SECOND, 1500));
    assert_eq!(bucket.take_at(1400, 0), Ok(()));
    assert_eq!(bucket.take_at(101, 0), Err(Denied::Until(SECOND / 1000)));
    assert_eq!(bucket.available_at(0), 100);
    assert_eq!(bucket.take_at(100, 0), Ok(()));
}

#[test]
fn nothing_costs_nothing_and_more_than_the_burst_never_fits() {
    let mut bucket = bucket(rate(3, 7, 5));
    assert_eq!(bucket.take_at(6, 0), Err(Denied::Never));
    assert_eq!(bucket.take_at(u64::MAX, 0), Err(Denied::Never));
    assert_eq!(bucket.take_at(5, 0), Ok(()));
    assert_eq!(bucket.take_at(0, 0), Ok(()));
    assert_eq!(bucket.take_at(6, 0), Err(Denied::Never), "an empty bucket says so as well");
}

/// Two messages a second, three sends in a row, each as soon as it is granted.
fn three_sends(mut bucket: TokenBucket) -> [u64; 3] {
    let mut now = 0;
    [(); 3].map(|()| {
        if let Err(Denied::Until(at)) = bucket.take_at(1, now) {
            now = at;
            assert_eq!(bucket.take_at(1, now), Ok(()));
        }
        now
    })
}

#[test]
fn an_empty_bucket_throttles_the_first_message_too() {
    let rate = rate(2, SECOND, 1);
    assert_eq!(three_sends(bucket(rate.starting_empty())), [SECOND / 2, SECOND, 3 * SECOND / 2]);
}

#[test]
fn a_full_bucket_lets_the_first_message_pass() {
    assert_eq!(three_sends(bucket(rate(2, SECOND, 1))), [0, SECOND / 2, SECOND]);
}

#[test]
fn packets_and_bytes_are_taken_together_or_not_at_all() {
    let (mut packets, mut bytes) = (bucket(rate(10, SECOND, 2)), bucket(rate(1000, SECOND, 1500)));
    let mut both = |size, at| {
        packets.take_at(1, at)?;
        bytes.take_at(size, at).inspect_err(|_| packets.give_back(1))
    };
    assert_eq!(both(1200, 0), Ok(()));
    assert_eq!(both(1200, 0), Err(Denied::Until(9 * SECOND / 10)));
    assert_eq!(both(300, 0), Ok(()), "the packet that was denied for its bytes has left its token");
    assert_eq!(both(0, 0), Err(Denied::Until(SECOND / 10)));
}

#[test]
fn what_is_given_back_can_be_taken_again_but_no_more_than_fits() {
    let mut bucket = bucket(rate(1, SECOND, 4));
    assert_eq!(bucket.take_at(3, 0), Ok(()));
    bucket.give_back(2);
    assert_eq!(bucket.available_at(0), 3);
    for too_many in [2, 4, u64::MAX] {
        bucket.give_back(too_many);
        assert_eq!(bucket.available_at(0), 4);
    }
}

#[test]
fn instants_and_nanoseconds_are_one_clock() {
    let origin = origin();
    let mut bucket = TokenBucket::new_at(rate(3, SECOND, 1), origin, SECOND);
    assert_eq!(bucket.take(1, origin + Duration::from_secs(1)), Ok(()));
    let until = origin + Duration::from_nanos(1_333_333_334);
    assert_eq!(bucket.take(1, origin + Duration::from_secs(1)), Err(Denied::Until(until)));
    assert_eq!(bucket.take_at(1, SECOND), Err(Denied::Until(1_333_333_334)));
    assert_eq!(bucket.available(until), 1);
    assert_eq!(bucket.take(1, until), Ok(()));
}

#[test]
fn a_bucket_that_starts_empty_starts_when_it_is_made() {
    let bucket = TokenBucket::new_at(rate(1, SECOND, 9).starting_empty(), origin(), 60 * SECOND);
    assert_eq!(bucket.available_at(60 * SECOND), 0, "the minute before was not its own");
    assert_eq!(bucket.available_at(62 * SECOND), 2);
}

#[test]
fn denials_say_why_and_when() {
    let denied = Denied::Until(origin());
    assert_eq!(denied.to_string(), "not enough tokens yet");
    assert!(denied.until().is_some());
    assert_eq!(Denied::<u64>::Never.to_string(), "more tokens than the bucket can hold");
    assert_eq!(Denied::<u64>::Never.until(), None);
}

#[test]
fn the_burst_is_known_at_any_rate_and_follows_a_new_one() {
    for (amount, per, burst) in [(1, 3600 * SECOND, 1), (3, SECOND, 7), (u64::MAX, SECOND, 1500)] {
        let mut bucket = bucket(rate(amount, per, burst));
        assert_eq!((bucket.burst(), bucket.available_at(0)), (burst, burst));
        bucket.set_rate_at(rate(7, SECOND, 2), 0);
        assert_eq!(bucket.burst(), 2);
    }
}
