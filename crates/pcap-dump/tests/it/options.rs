//! Options out of range are refused when the factory is made.

use std::time::Duration;

use interceptor_pcap_dump::{Endpoints, PcapDumpFactory, PcapDumpOptions};

fn refused(change: impl FnOnce(PcapDumpOptions) -> PcapDumpOptions) -> String {
    PcapDumpFactory::new(change(PcapDumpOptions::default())).unwrap_err().to_string()
}

/// The error's text.
fn refusal(field: &str, value: &str, range: &str) -> String {
    format!("PcapDumpOptions::{field} is {value}, it has to be {range}")
}

#[test]
fn accepts_the_defaults_and_touches_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("never/{id}.pcapng");
    PcapDumpFactory::new(PcapDumpOptions::new(&path)).unwrap();
    assert!(!directory.path().join("never").exists());
    PcapDumpFactory::new(PcapDumpOptions::default()).unwrap();
}

#[test]
fn names_field_value_and_range() {
    assert_eq!(refused(|o| o.with_snaplen(11)), refusal("snaplen", "11", "in 12..=65535"));
    assert_eq!(refused(|o| o.with_queue_packets(15)), refusal("queue_packets", "15", "in 16..=1048576"));
    assert_eq!(refused(|o| o.with_queue_bytes(1)), refusal("queue_bytes", "1", "at least 65536"));
    assert_eq!(refused(|o| o.with_payload_types([96, 128])), refusal("payload_types", "128", "in 0..=127"));
    assert_eq!(refused(|o| o.with_rotate_bytes(4095)), refusal("rotate_bytes", "4095", "at least 4096"));
    assert_eq!(
        refused(|o| o.with_flush_interval(Duration::ZERO)),
        refusal("flush_interval", "0ns", "in 1ms..=1h")
    );
    assert_eq!(
        refused(|o| o.with_rotate_after(Duration::ZERO)),
        refusal("rotate_after", "0ns", "at least 1ms")
    );
    assert_eq!(
        refused(|o| o.with_path("{x}")),
        refusal("path", "\"{x}\"", "of the placeholders {id}, {n}, {start} and {ext} only")
    );
}

#[test]
fn refuses_what_does_not_fit_together() {
    assert!(refused(|o| o.with_ring_files(3)).contains("ring_files is 3, it has to be set together with"));
    assert!(refused(|o| o.with_rotate_bytes(5000).with_ring_files(1)).ends_with("has to be in 2..=1000000"));
    assert!(
        refused(|o| o.with_rotate_bytes(100_000).with_max_total_bytes(99_999))
            .contains("::max_total_bytes is 99999,")
    );
    assert!(refused(|o| o.with_close_timeout(Duration::from_secs(3601))).contains("close_timeout is 3601s"));
    let mixed = Endpoints::new("10.0.0.1:1".parse().unwrap(), "[2001:db8::1]:2".parse().unwrap());
    let text = refused(|o| o.with_endpoints(mixed));
    assert_eq!(text, refusal("endpoints", "10.0.0.1:1 and [2001:db8::1]:2", "two addresses of one family"));
}
