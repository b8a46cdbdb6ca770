//! Options are checked once, with an error that says what is wrong.

use interceptor_rfc8888::{Rfc8888Factory, Rfc8888Options};

use crate::kit::ms;

#[test]
fn the_defaults_are_in_range() {
    let factory = Rfc8888Factory::new(Rfc8888Options::default()).unwrap();
    assert_eq!(factory.options(), Rfc8888Factory::default().options());
}

#[test]
fn both_ends_of_each_range_are_accepted() {
    let low = Rfc8888Options::default()
        .with_min_interval(ms(5))
        .with_max_interval(ms(5))
        .with_bandwidth_share(0.001)
        .with_min_bitrate(10_000)
        .with_max_report_bytes(128)
        .with_late_packets(0)
        .with_max_arrivals(1024);
    let high = Rfc8888Options::default()
        .with_min_interval(ms(1000))
        .with_max_interval(ms(10_000))
        .with_bandwidth_share(1.0)
        .with_min_bitrate(1_000_000_000)
        .with_max_report_bytes(65_507)
        .with_late_packets(1024)
        .with_max_arrivals(16_384);
    assert!(Rfc8888Factory::new(low).is_ok() && Rfc8888Factory::new(high).is_ok());
}

#[test]
fn an_option_outside_its_range_is_named() {
    let options = Rfc8888Options::default;
    let cases = [
        (options().with_min_interval(ms(4)), "min_interval is 4ms, it has to be in 5ms..=1s"),
        (options().with_max_interval(ms(24)), "max_interval is 24ms, it has to be in min_interval..=10s"),
        (options().with_bandwidth_share(f64::NAN), "bandwidth_share is NaN, it has to be in 0.001..=1.0"),
        (options().with_min_bitrate(9999), "min_bitrate is 9999, it has to be in 10000..=1000000000"),
        (options().with_max_report_bytes(127), "max_report_bytes is 127, it has to be in 128..=65507"),
        (options().with_late_packets(1025), "late_packets is 1025, it has to be in 0..=1024"),
        (options().with_max_arrivals(16_385), "max_arrivals is 16385, it has to be in 1024..=16384"),
    ];
    for (options, expected) in cases {
        let error = Rfc8888Factory::new(options).unwrap_err();
        assert_eq!(error.to_string(), format!("Rfc8888Options::{expected}"));
    }
}
