//! What every interceptor keeps to.

use interceptor_stats::{Stats, StatsOptions};
use interceptor_test::{Allocations, check_interceptor};

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}

check_interceptor!(Stats::new(StatsOptions::default()).0, allocations: measure);
