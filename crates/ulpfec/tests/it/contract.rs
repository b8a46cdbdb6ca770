//! The contract that every interceptor keeps to. Protecting numbers media anew on purpose, which no check of it allows: `sending.rs`.

use interceptor_core::{FecInfo, FecScheme, RedInfo, StreamInfo};
use interceptor_test::{Allocations, check_interceptor, stream_info};
use interceptor_ulpfec::{UlpfecFactory, UlpfecUpperFactory};

check_interceptor!(lower: UlpfecFactory::default(), allocations: measure, |contract| contract.with_streams(media));
check_interceptor!(upper: UlpfecUpperFactory::default(), allocations: measure, |contract| contract
    .with_streams(media));

/// What the checks send as 96 is what RED carries.
fn media(ssrc: u32) -> StreamInfo {
    let info = stream_info::video_with_rtx(ssrc, ssrc + 1_000_000);
    info.with_red(RedInfo::new(118, 96)).with_fec(FecInfo::new(FecScheme::UlpFec, 120))
}

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}
