//! Options are checked once, when the controller is made.

use interceptor_congestion::{Adaptive, AdaptiveOptions, Controller};

#[test]
fn what_is_out_of_its_bounds_is_refused_by_name() {
    let options = AdaptiveOptions::default;
    for (wrong, field) in [
        (options().with_min(999), "min"),
        (options().with_min(1_000_000_001), "min"),
        (options().with_max(4_999), "max"),
        (options().with_max(10_000_000_001), "max"),
        (options().with_start(4_999), "start"),
        (options().with_start(50_000_001), "start"),
    ] {
        assert_eq!(wrong.validate().unwrap_err().field, field);
        assert_eq!(Adaptive::new(wrong).unwrap_err().field, field);
    }
}

#[test]
fn it_starts_where_it_is_told() {
    let options = AdaptiveOptions::default().with_start(700_000).with_min(100_000).with_max(900_000);
    let mut controller = Adaptive::new(options).unwrap();
    assert_eq!(controller.decision().target, 700_000);
    assert!(controller.poll_probe().is_none(), "before anything leaves nothing is tried");
}
