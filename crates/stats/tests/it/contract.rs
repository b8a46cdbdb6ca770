//! What every interceptor keeps to.

use interceptor_stats::StatsFactory;
use interceptor_test::{Allocations, check_interceptor};

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}

check_interceptor!(StatsFactory::default(), allocations: measure);
