//! Taking tokens.

use std::time::Duration;

use interceptor_token_bucket::{Rate, TokenBucket};

use super::case;
use crate::contender::{Case, Role};
use crate::traffic::start;

const OURS: (Role, &str) = (Role::Subject, "this workspace");

/// 1 Gb/s in bytes, a burst of 100 packets.
const RATE: Rate = match Rate::new(125_000_000, Duration::from_secs(1), 120_000) {
    Ok(rate) => rate,
    Err(_) => panic!("out of range"),
};
/// A packet of 1200 bytes, and the time that it takes at that rate.
const PACKET: (u64, u64) = (1200, 9_600);

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("bucket, granted", OURS, || by_nanos(PACKET.1)),
        case("bucket, granted, Instant", OURS, by_instant),
        case("bucket, denied", OURS, || by_nanos(0)),
    ]
}

fn by_nanos(step: u64) -> impl FnMut(u64) -> u64 {
    let (mut bucket, mut nanos) = (TokenBucket::new(RATE, start()), 0);
    move |_| {
        nanos += step;
        u64::from(bucket.take_at(PACKET.0, nanos).is_ok())
    }
}

fn by_instant() -> impl FnMut(u64) -> u64 {
    let (mut bucket, mut now) = (TokenBucket::new(RATE, start()), start());
    move |_| {
        now += Duration::from_nanos(PACKET.1);
        u64::from(bucket.take(PACKET.0, now).is_ok())
    }
}
