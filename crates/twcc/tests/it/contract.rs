//! The contract that every interceptor keeps to.

use interceptor_test::{Allocations, check_interceptor};
use interceptor_twcc::TwccFactory;

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}

check_interceptor!(TwccFactory::default(), allocations: measure, |contract| contract.adds_header_extensions());
