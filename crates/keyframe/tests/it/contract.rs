//! The contract that every interceptor keeps to.

use interceptor_keyframe::{KeyframeFactory, KeyframeOptions, Method};
use interceptor_test::{Allocations, check_interceptor, stream_info};

check_interceptor!(KeyframeFactory::default(), allocations: measure, |contract| contract.with_streams(stream_info::video));
check_interceptor!(with_rtx: KeyframeFactory::default(), allocations: measure);
check_interceptor!(by_fir: KeyframeFactory::new(eager()).unwrap(), allocations: measure);

/// All causes, and the other message.
fn eager() -> KeyframeOptions {
    KeyframeOptions::default()
        .with_interval(Some(std::time::Duration::from_millis(100)))
        .with_min_interval(std::time::Duration::ZERO)
        .with_coalesce(std::time::Duration::ZERO)
        .with_method(Method::Fir)
}

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}
