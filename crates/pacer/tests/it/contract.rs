//! The contract that every interceptor keeps to: with no pace, with a wide one, and with one so narrow that much waits.

use std::time::Duration;

use interceptor_pacer::{PacerFactory, PacerOptions};
use interceptor_test::{Allocations, check_interceptor};

check_interceptor!(unpaced: PacerFactory::default(), allocations: measure, |contract| contract
    .holds_for(Duration::from_secs(1)));
check_interceptor!(wide: paced(1_000_000_000), allocations: measure, |contract| contract
    .holds_for(Duration::from_secs(1)));
check_interceptor!(narrow: paced(6_000_000), allocations: measure, |contract| contract
    .holds_for(Duration::from_secs(1)));

fn paced(rate: u64) -> PacerFactory {
    let options = PacerOptions::default()
        .with_rate(Some(rate))
        .with_max_queue_time(Duration::from_secs(2))
        .with_max_queue_packets(1 << 16)
        .with_queue_bytes(64 << 20);
    PacerFactory::new(options).unwrap()
}

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}
