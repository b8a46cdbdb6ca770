//! The contract that every interceptor keeps to: with what adapts, with a fixed delay, and where the sender wants none.

use std::time::Duration;

use interceptor_jitter_buffer::{Aim, JitterBufferFactory, JitterBufferOptions, LatePolicy, Underrun};
use interceptor_test::{Allocations, check_interceptor};

check_interceptor!(balanced: made(options()), allocations: measure, |contract| contract
    .holds_for(Duration::from_secs(1)));
check_interceptor!(fixed: made(options().with_aim(Aim::Fixed(Duration::from_millis(200)))),
    allocations: measure, |contract| contract.holds_for(Duration::from_secs(1)));
check_interceptor!(everything: made(options()
        .with_max(Duration::from_millis(300))
        .with_late(LatePolicy::Deliver)
        .with_gaps(true)
        .with_keyframe_on_gap(true)
        .with_frames(true)
        .with_lip_sync(true)
        .with_underrun(Underrun::Wait)),
    allocations: measure, |contract| contract.holds_for(Duration::from_millis(500)));

/// What nothing is in passes as well.
fn options() -> JitterBufferOptions {
    JitterBufferOptions::default().with_deliver_empty(true).with_max_packets(4096)
}

fn made(options: JitterBufferOptions) -> JitterBufferFactory {
    JitterBufferFactory::new(options).unwrap()
}

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}
