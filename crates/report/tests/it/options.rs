//! Options are checked once, when the factory is made.

use std::time::Duration;

use interceptor_core::{Chain, ChainConfig};
use interceptor_packet::NtpTime;
use interceptor_report::{ReportFactory, ReportOptions, RtcpInterval};
use interceptor_test::Clock;

fn refused(options: ReportOptions) -> String {
    ReportFactory::new(options).expect_err("out of range").to_string()
}

/// The error's text.
fn refusal(field: &str, value: &str, range: &str) -> String {
    format!("ReportOptions::{field} is {value}, it has to be {range}")
}

fn accepted(options: ReportOptions) {
    ReportFactory::new(options).expect("in range");
}

#[test]
fn the_defaults_are_valid() {
    accepted(ReportOptions::default());
}

#[test]
fn each_option_has_bounds_and_an_error_that_names_them() {
    let with = ReportOptions::default;
    let interval = |interval| with().with_interval(interval);
    let fixed = |millis| interval(RtcpInterval::Fixed(Duration::from_millis(millis)));
    accepted(fixed(10));
    accepted(fixed(3_600_000));
    assert_eq!(refused(fixed(9)), refusal("interval", "9ms", "in 10ms..=1h"));
    assert_eq!(refused(fixed(3_600_001)), refusal("interval", "3600.001s", "in 10ms..=1h"));
    accepted(interval(RtcpInterval::rfc3550(1000)));
    accepted(interval(RtcpInterval::rfc3550(1_000_000_000_000)));
    let bandwidth = refused(interval(RtcpInterval::rfc3550(999)));
    assert_eq!(bandwidth, refusal("session_bandwidth", "999", "in 1000..=10^12"));
    refused(interval(RtcpInterval::rfc3550(1_000_000_000_001)));
    accepted(with().with_probation(100));
    assert_eq!(refused(with().with_probation(101)), refusal("probation", "101", "in 0..=100"));
    accepted(with().with_cname("x".repeat(255)));
    assert_eq!(refused(with().with_cname("")), refusal("cname", "0", "in 1..=255 bytes"));
    assert_eq!(refused(with().with_cname("x".repeat(256))), refusal("cname", "256", "in 1..=255 bytes"));
    accepted(with().with_forget_after(Duration::from_millis(100)));
    accepted(with().with_forget_after(Duration::from_secs(3600)));
    let forget = refused(with().with_forget_after(Duration::from_millis(99)));
    assert_eq!(forget, refusal("forget_after", "99ms", "in 100ms..=1h"));
    accepted(with().with_max_datagrams(1024));
    assert_eq!(refused(with().with_max_datagrams(0)), refusal("max_datagrams", "0", "in 1..=1024"));
    refused(with().with_max_datagrams(1025));
}

#[test]
fn a_connection_without_a_name_cannot_be_built_unless_the_options_have_one() {
    let unnamed =
        || Chain::new(ChainConfig::new("call", Clock::new().now(), NtpTime::default(), 1).with_cname(""));
    let insert = |options| {
        let mut chain = unnamed();
        let now = chain.config().now;
        chain.insert_with(&ReportFactory::new(options).unwrap(), now)
    };
    let error = insert(ReportOptions::default()).expect_err("no name").to_string();
    assert_eq!(error, "building interceptor `report` failed: the CNAME has 0 bytes, outside 1..=255");
    assert!(insert(ReportOptions::default().with_cname("somebody")).is_ok());
}
