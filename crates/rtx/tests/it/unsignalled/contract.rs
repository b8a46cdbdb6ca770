//! The contract that every interceptor keeps to.

use interceptor_rtx::RtxAssociationFactory;
use interceptor_test::{Allocations, check_interceptor};

check_interceptor!(RtxAssociationFactory::default(), allocations: measure);

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}
