//! The contract that every interceptor keeps to.

use interceptor_congestion::CongestionOptions;
use interceptor_test::{Allocations, check_interceptor};

use crate::kit::factory;

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}

check_interceptor!(
    {
        let (factory, controller) = factory(CongestionOptions::default());
        controller.script().keeps = false;
        factory
    },
    allocations: measure
);
