//! Options that cannot be are refused when the factory is made.

use std::time::Duration;

use interceptor_core::{Factory, Stage};
use interceptor_limit::{Bounds, LimitFactory, LimitOptions, Policy, Rate, RemoteLimitFactory};

use crate::kit::{SECOND, packets, rate};

#[test]
fn values_out_of_range_are_refused_by_name() {
    let bounds = packets(10, 10, Policy::Drop);
    let wait = |packets, bytes| bounds.with_policy(Policy::Wait { packets, bytes });
    let bytes = |burst| Bounds::default().with_bytes(rate(100_000, burst));
    let default = LimitOptions::default;
    for (options, field) in [
        (default().with_local(wait(0, 1500)), "local"),
        (default().with_remote(wait(65_537, 1500)), "remote"),
        (default().with_connection(wait(1, 1499)), "connection"),
        (default().with_rtcp(wait(1, (1 << 30) + 1)), "rtcp"),
        (default().with_local(bytes(1499)), "local"),
        (default().with_local(packets(10_000, 9, Policy::wait())), "local"),
        (default().with_max_streams(0), "max_streams"),
        (default().with_max_streams((1 << 20) + 1), "max_streams"),
        (default().with_max_waiting_bytes(1499), "max_waiting_bytes"),
        (default().with_max_waiting_bytes((4 << 30) + 1), "max_waiting_bytes"),
    ] {
        let error = LimitFactory::new(options.clone()).unwrap_err();
        assert_eq!((error.options, error.field), ("LimitOptions", field), "{options:?}");
        assert_eq!(RemoteLimitFactory::new(options).unwrap_err(), error);
    }
}

#[test]
fn the_ends_of_the_ranges_are_in_them() {
    let bounds = packets(10, 10, Policy::Drop);
    let wait = |packets, bytes| bounds.with_policy(Policy::Wait { packets, bytes });
    let default = LimitOptions::default;
    for options in [
        default(),
        default().with_local(wait(1, 1500)).with_remote(wait(65_536, 1 << 30)),
        default().with_local(Bounds::default().with_bytes(rate(100_000, 1500))),
        default().with_local(packets(10_000, 10, Policy::wait())),
        // Without waiting, a burst may be as small as it likes.
        default().with_local(packets(10_000, 1, Policy::Drop)),
        default().with_connection(Bounds::default()).with_rtcp(packets(1, 1, Policy::Stop)),
        default().with_max_streams(1).with_max_waiting_bytes(1500),
        default().with_max_streams(1 << 20).with_max_waiting_bytes(4 << 30),
        default().with_max_unbound(Rate::new(1, SECOND, 1).unwrap()),
        default().with_local(
            packets(1, 1, Policy::Drop).with_packets(Rate::new(1, Duration::from_secs(3600), 1).unwrap()),
        ),
    ] {
        assert_eq!(LimitFactory::new(options.clone()).unwrap().options(), &options);
        assert_eq!(LimitFactory::new(options.clone()).unwrap().remote().options(), &options);
    }
}

#[test]
fn each_way_stands_where_a_drop_does_no_harm() {
    let limit = LimitFactory::default();
    assert_eq!((limit.name(), limit.stage()), ("limit", Stage::PACING.above()));
    assert_eq!((limit.remote().name(), limit.remote().stage()), ("limit-remote", Stage::NACK.above()));
    assert_eq!(RemoteLimitFactory::default().options(), limit.options());
}
