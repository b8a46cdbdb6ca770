//! The contract that every interceptor keeps to, with everything switched on.

use interceptor_report::{ReportFactory, ReportOptions, RtcpInterval, RttReports};
use interceptor_test::{Allocations, check_interceptor};

check_interceptor!(ReportFactory::default(), allocations: measure);

check_interceptor!(
    rfc3550_timing: ReportFactory::new(
        ReportOptions::default()
            .with_interval(RtcpInterval::rfc3550(1_000_000))
            .with_rtt_reports(RttReports::Always)
            .with_probation(2)
    )
    .unwrap(),
    allocations: measure
);

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}
