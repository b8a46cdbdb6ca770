//! Options are checked once, with an error that says what is wrong.

use std::time::Duration;

use interceptor_twcc::{TwccFactory, TwccOptions};

use crate::kit::ms;

#[test]
fn the_defaults_are_in_range() {
    let factory = TwccFactory::new(TwccOptions::default()).unwrap();
    assert_eq!(factory.options(), TwccFactory::default().options());
}

#[test]
fn both_ends_of_each_range_are_accepted() {
    let low = TwccOptions::default()
        .with_min_interval(ms(10))
        .with_first_interval(ms(10))
        .with_max_interval(ms(10))
        .with_bandwidth_share(0.001)
        .with_max_feedback_bytes(128)
        .with_late_packets(0)
        .with_late_time(Duration::ZERO)
        .with_max_arrivals(1024);
    let high = TwccOptions::default()
        .with_min_interval(ms(1000))
        .with_first_interval(ms(10_000))
        .with_max_interval(ms(10_000))
        .with_bandwidth_share(1.0)
        .with_max_feedback_bytes(65_507)
        .with_late_packets(1024)
        .with_late_time(ms(10_000))
        .with_max_arrivals(32_768);
    assert!(TwccFactory::new(low).is_ok() && TwccFactory::new(high).is_ok());
}

#[test]
fn an_option_outside_its_range_is_named() {
    let options = TwccOptions::default;
    let cases = [
        (options().with_min_interval(ms(9)), "min_interval is 9ms, it has to be in 10ms..=1s"),
        (options().with_max_interval(ms(49)), "max_interval is 49ms, it has to be in min_interval..=10s"),
        (
            options().with_first_interval(ms(251)),
            "first_interval is 251ms, it has to be in min_interval..=max_interval",
        ),
        (options().with_bandwidth_share(f64::NAN), "bandwidth_share is NaN, it has to be in 0.001..=1.0"),
        (options().with_max_feedback_bytes(127), "max_feedback_bytes is 127, it has to be in 128..=65507"),
        (options().with_late_packets(1025), "late_packets is 1025, it has to be in 0..=1024"),
        (options().with_late_time(ms(10_001)), "late_time is 10.001s, it has to be at most 10s"),
        (options().with_max_arrivals(32_769), "max_arrivals is 32769, it has to be in 1024..=32768"),
    ];
    for (options, expected) in cases {
        let error = TwccFactory::new(options).unwrap_err();
        assert_eq!(error.to_string(), format!("TwccOptions::{expected}"));
    }
}
