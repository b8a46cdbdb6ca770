//! The contract that every interceptor keeps to: both formats, codes of all kinds, blocks that close by number, by frame and by time.

use std::time::Duration;

use interceptor_core::{FecInfo, FecScheme, StreamInfo};
use interceptor_flexfec::{Code, FlexFecFactory, FlexFecOptions, ProtectionOptions};
use interceptor_test::{Allocations, check_interceptor, stream_info};

check_interceptor!(adaptive: FlexFecFactory::default(), allocations: measure, |contract| contract.with_streams(draft03));
check_interceptor!(interleaved: coded(Code::Interleaved { n: 20, f: 3 }), allocations: measure, |contract| contract
    .with_streams(draft03));
check_interceptor!(two_dimensions: coded(Code::TwoD { l: 5, d: 4 }), allocations: measure, |contract| contract
    .with_streams(rfc8627));
check_interceptor!(dense_by_frame: by_frame(), allocations: measure, |contract| contract.with_streams(rfc8627));
check_interceptor!(rows_at_once: at_once(), |contract| contract.with_streams(draft03));

fn draft03(ssrc: u32) -> StreamInfo {
    protected(ssrc, FecScheme::FlexFec03)
}

fn rfc8627(ssrc: u32) -> StreamInfo {
    protected(ssrc, FecScheme::FlexFec)
}

fn protected(ssrc: u32, scheme: FecScheme) -> StreamInfo {
    stream_info::video_with_rtx(ssrc, ssrc ^ 0x5555_0000)
        .with_fec(FecInfo::new(scheme, 49).with_ssrc(ssrc ^ 0x3333_0000))
}

fn coded(code: Code) -> FlexFecFactory {
    factory(ProtectionOptions::default().with_code(code))
}

fn by_frame() -> FlexFecFactory {
    // Every packet is a frame here: without a bound on what it takes, protecting such a stream is a packet for each.
    let code = Code::Dense { n: 40, f: 14 };
    factory(ProtectionOptions::default().with_code(code).with_per_frame(true).with_max_overhead_percent(10))
}

fn at_once() -> FlexFecFactory {
    let soon = Some(Duration::from_millis(1));
    let options = ProtectionOptions::default().with_code(Code::Rows { l: 109 }).with_max_block_time(soon);
    factory(options.with_max_overhead_percent(10))
}

fn factory(protection: ProtectionOptions) -> FlexFecFactory {
    FlexFecFactory::new(FlexFecOptions::default().with_protection(protection)).unwrap()
}

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}
