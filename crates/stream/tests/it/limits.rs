//! Bounds, defaults and presets of the limits.

use std::time::Duration;

use interceptor_stream::{Excess, Pace, StreamLimits};

#[test]
fn what_is_out_of_range_is_named_with_its_value_and_what_would_be_right() {
    let limits = StreamLimits::default();
    let zero = Duration::ZERO;
    let no_wait = Pace::default().with_max_wait(zero);
    let rows = [
        (limits.with_max_messages(0), "max_messages is 0, it has to be at least 1"),
        (limits.with_max_bytes(0), "max_bytes is 0, it has to be at least 1"),
        (limits.with_max_message_bytes(0), "max_message_bytes is 0, it has to be at least 1"),
        (limits.with_warn_message_bytes(0), "warn_message_bytes is 0, it has to be at least 1"),
        (limits.with_max_held_bytes(0), "max_held_bytes is 0, it has to be at least 1"),
        (limits.with_max_duration(zero), "max_duration is 0ns, it has to be at least 1ns"),
        (limits.with_max_idle(zero), "max_idle is 0ns, it has to be at least 1ns"),
        (limits.with_received(no_wait), "received.max_wait is 0ns, it has to be at least 1ns"),
        (limits.with_sent(no_wait), "sent.max_wait is 0ns, it has to be at least 1ns"),
        (limits.with_both(no_wait), "both.max_wait is 0ns, it has to be at least 1ns"),
    ];
    for (limits, expected) in rows {
        assert_eq!(limits.check().unwrap_err().to_string(), format!("StreamLimits::{expected}"));
    }
}

#[test]
fn the_smallest_values_and_the_presets_are_in_range() {
    let least = StreamLimits::default()
        .with_max_messages(1)
        .with_max_bytes(1)
        .with_max_message_bytes(1)
        .with_warn_message_bytes(1)
        .with_max_held_bytes(1)
        .with_max_duration(Duration::from_nanos(1))
        .with_max_idle(Duration::from_nanos(1));
    for limits in [least, StreamLimits::default(), StreamLimits::control(), StreamLimits::bulk()] {
        assert_eq!(limits.check(), Ok(()));
    }
}

#[test]
fn presets_end_streams_whose_peer_has_vanished_and_bound_what_a_peer_makes_large() {
    for limits in [StreamLimits::control(), StreamLimits::bulk()] {
        assert!(limits.max_idle.is_some() && limits.max_message_bytes.is_some());
        assert!(limits.max_held_bytes >= limits.max_message_bytes, "else what may pass could never wait");
    }
}

#[test]
fn without_limits_only_what_is_held_back_has_one() {
    let limits = StreamLimits::default();
    assert_eq!(limits.max_held_bytes, Some(4 << 20));
    assert!(limits.received.is_unlimited() && limits.sent.is_unlimited() && limits.both.is_unlimited());
    assert_eq!(limits.received.excess, Excess::Wait);
    assert_eq!((limits.max_messages, limits.max_idle, limits.max_duration), (None, None, None));
}
