//! Options out of range are refused when the factory is made.

use std::time::Duration;

use interceptor_pcap_dump::{Endpoints, PcapDumpFactory, PcapDumpOptions};

fn refused(change: impl FnOnce(PcapDumpOptions) -> PcapDumpOptions) -> String {
    PcapDumpFactory::new(change(PcapDumpOptions::default())).unwrap_err().to_string()
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
    assert_eq!(refused(|o| o.with_snaplen(11)), "snaplen is 11, must be 12..=65535 bytes");
    assert_eq!(refused(|o| o.with_queue_packets(15)), "queue_packets is 15, must be 16..=1048576 packets");
    assert_eq!(refused(|o| o.with_queue_bytes(1)), "queue_bytes is 1, must be at least 65536 bytes");
    assert_eq!(refused(|o| o.with_payload_types([96, 128])), "payload_types is 128, must be 0..=127");
    assert_eq!(refused(|o| o.with_rotate_bytes(4095)), "rotate_bytes is 4095, must be at least 4096 bytes");
    assert_eq!(
        refused(|o| o.with_flush_interval(Duration::ZERO)),
        "flush_interval is 0ns, must be 1 ms..=1 h"
    );
    assert_eq!(
        refused(|o| o.with_rotate_after(Duration::ZERO)),
        "rotate_after is 0ns, must be at least 1 ms"
    );
    assert_eq!(
        refused(|o| o.with_path("{x}")),
        "path is {x}, must be of the placeholders {id}, {n}, {start} and {ext} only"
    );
}

#[test]
fn refuses_what_does_not_fit_together() {
    assert!(refused(|o| o.with_ring_files(3)).starts_with("ring_files is 3, must be set together with"));
    assert!(refused(|o| o.with_rotate_bytes(5000).with_ring_files(1)).ends_with("must be 2..=1000000 files"));
    assert!(
        refused(|o| o.with_rotate_bytes(100_000).with_max_total_bytes(99_999)).starts_with("max_total_bytes")
    );
    assert!(
        refused(|o| o.with_close_timeout(Duration::from_secs(3601))).starts_with("close_timeout is 3601s")
    );
    let mixed = Endpoints::new("10.0.0.1:1".parse().unwrap(), "[2001:db8::1]:2".parse().unwrap());
    let text = refused(|o| o.with_endpoints(mixed));
    assert_eq!(text, "endpoints is 10.0.0.1:1 and [2001:db8::1]:2, must be two addresses of one family");
}
