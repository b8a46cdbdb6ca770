//! The contract suite passes what keeps to the contract and catches what does not.

mod breaches;
mod broken_chains;
mod together;
mod wall;

use interceptor_core::{Registry, Stage};
use interceptor_test::{Allocations, Contract, MockFactory, Recording, check_interceptor};

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}

check_interceptor!(MockFactory::new("mock"));
check_interceptor!(declared: breaches::Breach::None, allocations: measure, |contract| contract
    .with_streams(interceptor_test::stream_info::audio));
check_interceptor!(recorder: Recording::new().recorder("recorder", Stage::NACK));
check_interceptor!(nested: interceptor_core::Nested::new(
    "nested",
    Stage::REPORT,
    Registry::new().with(MockFactory::new("mock"))
));

#[test]
fn says_what_it_checks() {
    let shown = format!("{:?}", Contract::of(MockFactory::new("mock")));
    assert!(shown.contains("mock"), "{shown}");
}
