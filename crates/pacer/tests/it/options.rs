//! Options are checked when the factory is made.

use std::time::Duration;

use interceptor_pacer::{PacerFactory, PacerOptions};

use crate::kit::{HEADERS, MS, Rig, SECOND, at, packet};

#[test]
fn the_first_option_outside_its_range_is_named() {
    let options = PacerOptions::default;
    let cases = [
        (options().with_rate(Some(999)), "rate"),
        (options().with_rate(Some(100_000_000_001)), "rate"),
        (options().with_burst(Duration::from_micros(10_001)), "burst"),
        (options().with_max_queue_time(99 * MS), "max_queue_time"),
        (options().with_max_queue_time(2001 * MS), "max_queue_time"),
        (options().with_queue_bytes((64 << 10) - 1), "queue_bytes"),
        (options().with_queue_bytes((64 << 20) + 1), "queue_bytes"),
        (options().with_max_queue_packets(63), "max_queue_packets"),
        (options().with_max_queue_packets(65_537), "max_queue_packets"),
        (options().with_repeats_percent(0), "repeats_percent"),
        (options().with_repeats_percent(101), "repeats_percent"),
        (options().with_datagram_overhead(19), "datagram_overhead"),
        (options().with_datagram_overhead(257), "datagram_overhead"),
    ];
    for (options, field) in cases {
        let error = PacerFactory::new(options).unwrap_err();
        assert!(error.to_string().starts_with(&format!("PacerOptions::{field} is ")), "{error}");
    }
    let edges = [
        options().with_rate(Some(1000)).with_burst(Duration::ZERO).with_max_queue_time(100 * MS),
        options().with_rate(Some(100_000_000_000)).with_burst(10 * MS).with_max_queue_time(2 * SECOND),
        options()
            .with_queue_bytes(64 << 10)
            .with_max_queue_packets(64)
            .with_repeats_percent(1)
            .with_datagram_overhead(20),
        options()
            .with_queue_bytes(64 << 20)
            .with_max_queue_packets(65_536)
            .with_repeats_percent(100)
            .with_datagram_overhead(256),
    ];
    for options in edges {
        assert_eq!(PacerFactory::new(options.clone()).unwrap().options(), &options);
    }
}

#[test]
fn the_overhead_of_the_transport_counts() {
    // With 48 bytes of IPv6 and UDP instead of 28, a packet takes 20 more.
    let mut rig = Rig::video(at(1_000_000).with_datagram_overhead(48).with_burst(Duration::ZERO), &[1]);
    rig.give(packet(1, 0, 1230));
    assert_eq!(rig.totals().all().passed_bytes, 1250);
    rig.give(packet(1, 1, HEADERS));
    rig.pass(SECOND);
    // A burst is one of a millisecond at least.
    assert_eq!(rig.out[1].0, 9 * MS);
}

#[test]
fn a_longer_queue_is_hastened_later() {
    let mut rig = Rig::video(at(1_000_000).with_max_queue_time(2 * SECOND).with_queue_bytes(1 << 20), &[1]);
    rig.give_all(1, 0..100, 1250);
    rig.pass(2 * SECOND);
    assert_eq!((rig.out.len(), rig.out[99].0), (100, 985 * MS));
}
