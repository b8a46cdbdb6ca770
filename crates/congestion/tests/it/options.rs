//! Options: defaults hold, and what is out of range is refused.

use interceptor_congestion::{AdaptiveOptions, CongestionFactory, CongestionOptions};

#[test]
fn defaults_are_within_their_ranges() {
    let factory = CongestionFactory::new(CongestionOptions::default()).unwrap();
    assert_eq!(factory.options(), &CongestionOptions::default());
    assert_eq!(CongestionFactory::default().options(), &CongestionOptions::default());
}

#[test]
fn what_is_out_of_range_is_refused_by_name() {
    let options = CongestionOptions::default;
    let cases = [
        (options().with_max_bitrate(10_000_000_001), "max_bitrate"),
        (options().with_min_bitrate(4999), "min_bitrate"),
        (options().with_min_bitrate(50_000_001), "min_bitrate"),
        (options().with_start_bitrate(29_999), "start_bitrate"),
        (options().with_start_bitrate(50_000_001), "start_bitrate"),
        (options().with_datagram_overhead(19), "datagram_overhead"),
        (options().with_datagram_overhead(257), "datagram_overhead"),
        (options().with_max_packets(1024), "max_packets"),
        (options().with_max_packets(3000), "max_packets"),
        (options().with_max_packets(65_536), "max_packets"),
        (options().with_max_tmmbr_owners(0), "max_tmmbr_owners"),
        (options().with_max_tmmbr_owners(65), "max_tmmbr_owners"),
    ];
    for (options, field) in cases {
        let error = CongestionFactory::new(options).unwrap_err();
        assert_eq!((error.options, error.field), ("CongestionOptions", field));
    }
}

#[test]
fn rates_of_the_controller_are_those_of_the_interceptor() {
    let options = CongestionOptions::default().with_start_bitrate(700_000).with_max_bitrate(800_000);
    let adaptive = AdaptiveOptions::default().with_start(1).with_max(2).with_probing(false);
    let factory = CongestionFactory::adaptive(options, adaptive).unwrap();
    assert_eq!(factory.options().start_bitrate, 700_000);
}
