//! Tests of the bounds that options have.

use super::SessionOptions;

#[test]
fn an_error_names_field_value_and_range() {
    assert!(SessionOptions::default().validate().is_ok());
    let error = SessionOptions::default().with_send_queue(0).validate().unwrap_err();
    assert_eq!(error.to_string(), "SessionOptions::send_queue is 0, it has to be in 1..=65536");
    let error = SessionOptions::default().with_receive_queue(63).validate().unwrap_err();
    assert_eq!(
        error.to_string(),
        "SessionOptions::receive_queue is 63, it has to be at least pending_packets"
    );
    let error = SessionOptions::default().with_pending_streams(1025).validate().unwrap_err();
    assert_eq!(error.field, "pending_streams");
}

#[test]
fn caps_hold_a_datagram_and_what_was_kept() {
    let options = SessionOptions::default();
    for (options, text) in [
        (
            options.clone().with_send_queue_bytes(1),
            "SessionOptions::send_queue_bytes is 1, it has to be in 65536..=1073741824",
        ),
        (
            options.clone().with_probation_packets(0),
            "SessionOptions::probation_packets is 0, it has to be in 1..=16",
        ),
        (
            options.clone().with_probation_streams(65_537),
            "SessionOptions::probation_streams is 65537, it has to be in 1..=65536",
        ),
        (
            options.clone().with_receive_queue_bytes(65_535),
            "SessionOptions::receive_queue_bytes is 65535, it has to be in 65536..=1073741824",
        ),
        (
            options.clone().with_rtcp_queue_bytes(0),
            "SessionOptions::rtcp_queue_bytes is 0, it has to be in 65536..=1073741824",
        ),
        (
            options.clone().with_raw_queue_bytes(1 << 31),
            "SessionOptions::raw_queue_bytes is 2147483648, it has to be in 65536..=1073741824",
        ),
        (
            options.clone().with_stranger_queue(65_537),
            "SessionOptions::stranger_queue is 65537, it has to be in 0..=65536",
        ),
        (
            options.clone().with_pending_bytes(1000),
            "SessionOptions::pending_bytes is 1000, it has to be in 65536..=1073741824",
        ),
        (
            options.clone().with_pending_bytes(2 << 20),
            "SessionOptions::pending_total_bytes is 1048576, it has to be at least pending_bytes",
        ),
        (
            options.with_receive_queue_bytes(65_536),
            "SessionOptions::receive_queue_bytes is 65536, it has to be at least pending_bytes",
        ),
    ] {
        assert_eq!(options.validate().unwrap_err().to_string(), text);
    }
}
