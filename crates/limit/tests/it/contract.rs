//! The contract that every interceptor keeps to: with room for all that its checks send, and with so little that much of it waits.

use std::time::Duration;

use interceptor_limit::{Bounds, LimitFactory, LimitOptions, Policy, Rate, RemoteLimitFactory};
use interceptor_test::{Allocations, check_interceptor};

check_interceptor!(local: LimitFactory::new(roomy()).unwrap(), allocations: measure);
check_interceptor!(remote: RemoteLimitFactory::new(roomy()).unwrap(), allocations: measure);
check_interceptor!(local_waits: LimitFactory::new(narrow()).unwrap(), allocations: measure, |contract| contract
    .holds_for(Duration::from_secs(1)));
check_interceptor!(remote_waits: RemoteLimitFactory::new(narrow()).unwrap(), allocations: measure, |contract| contract
    .holds_for(Duration::from_secs(1)));
check_interceptor!(nothing: LimitFactory::default(), allocations: measure, |contract| contract.without_streams());

/// Everything is limited, far beyond what the checks send.
fn roomy() -> LimitOptions {
    let bounds = Bounds::default()
        .with_packets(Rate::per_second(1_000_000).unwrap())
        .with_bytes(Rate::per_second(1_000_000_000).unwrap());
    LimitOptions::default()
        .with_local(bounds)
        .with_remote(bounds)
        .with_connection(bounds)
        .with_rtcp(bounds)
        .with_max_streams(20_000)
        .with_max_unbound(Rate::per_second(1_000_000).unwrap())
}

/// Streams get four packets at once and as many in a millisecond; what is over waits.
fn narrow() -> LimitOptions {
    let wait = Policy::Wait { packets: 4096, bytes: 1 << 22 };
    let stream =
        Bounds::default().with_packets(Rate::new(4000, Duration::from_secs(1), 4).unwrap()).with_policy(wait);
    let all = Bounds::default().with_packets(Rate::new(100_000, Duration::from_secs(1), 100).unwrap());
    let all = all.with_policy(Policy::Wait { packets: 65_536, bytes: 1 << 26 });
    LimitOptions::default()
        .with_local(stream)
        .with_remote(stream)
        .with_connection(all)
        .with_rtcp(stream)
        .with_max_waiting_bytes(1 << 27)
}

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}
