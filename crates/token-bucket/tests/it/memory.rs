//! What a bucket takes.

use interceptor_token_bucket::{Denied, TokenBucket};

use crate::kit::{SECOND, bucket, origin, rate};

#[test]
fn a_bucket_is_small_and_copied() {
    const fn is_copy<T: Copy + Send + Sync>() {}
    is_copy::<TokenBucket>();
    assert!(size_of::<TokenBucket>() <= 64);
}

#[test]
fn nothing_allocates() {
    let (origin, rate) = (origin(), rate(3, SECOND, 5));
    let mut granted = 0;
    let info = allocation_counter::measure(|| {
        let mut bucket = bucket(rate);
        for nanos in (0..10 * SECOND).step_by(1_000_000) {
            granted += u64::from(bucket.take_at(1, nanos).is_ok());
            assert_eq!(bucket.take(6, origin), Err(Denied::Never));
        }
        bucket.give_back(1);
        bucket.set_rate_at(rate, 0);
    });
    assert_eq!((info.count_total, granted), (0, 5 + 29));
}
