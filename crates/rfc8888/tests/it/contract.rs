//! The contract that every interceptor keeps to.

use interceptor_rfc8888::Rfc8888Factory;
use interceptor_test::{Allocations, check_interceptor, stream_info};

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}

check_interceptor!(Rfc8888Factory::default(), allocations: measure, |contract| contract
    .with_streams(|ssrc| stream_info::video_with_rtx(ssrc, ssrc + 1_000_000).with_feedback("ack", "ccfb")));
