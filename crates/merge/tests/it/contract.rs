//! The contract that every interceptor keeps to.

use std::time::Duration;

use interceptor_merge::{DuplicateFactory, MergeFactory, MergeOptions, Order};
use interceptor_test::{Allocations, check_interceptor};

check_interceptor!(merge: MergeFactory::default(), allocations: measure);
check_interceptor!(held: ordered(), allocations: measure, |contract| contract.holds_for(Duration::from_millis(200)));
check_interceptor!(duplicate: DuplicateFactory::default(), allocations: measure, |contract| contract.sends_copies());

fn ordered() -> MergeFactory {
    MergeFactory::new(MergeOptions::default().with_order(Order::Held)).unwrap()
}

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}
