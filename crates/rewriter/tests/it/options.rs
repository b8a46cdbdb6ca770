//! Options out of range are refused when a rewriter is made.

use std::time::Duration;

use interceptor_rewriter::{OutgoingStream, Rewriter, RewriterOptions};

#[test]
fn each_option_has_bounds_that_are_named() {
    let default = RewriterOptions::default;
    let make = |options| Rewriter::new(OutgoingStream::new(1, 90_000), options);
    let wrong = [
        (default().with_window(63), "RewriterOptions::window is 63, it has to be in 64..=16384"),
        (default().with_window(16_385), "RewriterOptions::window is 16385, it has to be in 64..=16384"),
        (default().with_past_sources(65), "RewriterOptions::past_sources is 65, it has to be in 0..=64"),
        (default().with_reports(65), "RewriterOptions::reports is 65, it has to be in 0..=64"),
        (
            default().with_report_tolerance(Duration::from_millis(10_001)),
            "RewriterOptions::report_tolerance is 10.001s, it has to be in 0s..=10s",
        ),
    ];
    for (options, message) in wrong {
        assert_eq!(make(options).unwrap_err().to_string(), message);
    }
    let edges = default().with_window(16_384).with_past_sources(64).with_reports(64);
    for right in [default(), edges, default().with_window(64).with_past_sources(0).with_reports(0)] {
        assert!(make(right).is_ok());
    }
}
