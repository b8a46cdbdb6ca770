//! The chain and the streams that are attacked.

use interceptor_core::{Registry, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_report::{ReportFactory, ReportOptions, RtcpInterval};
use interceptor_rtx::RtxFactory;
use interceptor_stats::{StatsFactory, StatsHandle};
use interceptor_test::stream_info;

/// Media SSRCs of the outgoing streams: video with RTX, video without, audio without NACK.
pub const LOCAL: [u32; 3] = [0x1000_0001, 0x1000_0002, 0x1000_0003];
/// Media SSRCs of the incoming streams, of the same kinds.
pub const REMOTE: [u32; 3] = [0x2000_0001, 0x2000_0002, 0x2000_0003];
/// The longest payload that the application sends, in bytes.
pub const MEDIA_PAYLOAD: usize = 1100;

/// The payload type of those repeats, of packets of type 96.
pub(crate) const RTX_PAYLOAD_TYPE: u8 = 97;

/// The SSRC that repeats packets of the first stream of each direction.
#[must_use]
pub const fn rtx_ssrc(media: u32) -> u32 {
    media + 0x100
}

/// What is negotiated for the streams of one direction.
#[must_use]
pub fn streams([first, second, third]: [u32; 3]) -> [StreamInfo; 3] {
    [
        stream_info::video_with_rtx(first, rtx_ssrc(first)),
        stream_info::video(second),
        stream_info::audio(third),
    ]
}

/// Statistics, reports, RTX and NACK as they come, and the handle that reads the statistics.
#[must_use]
pub fn default_registry() -> (Registry, StatsHandle) {
    registry(ReportOptions::default())
}

/// The same for a session by the letter of RFC 3550: its intervals and probation, and extended reports. A peer has more to
/// say here.
#[must_use]
pub fn rfc3550_registry() -> (Registry, StatsHandle) {
    let interval = RtcpInterval::rfc3550(400_000);
    registry(ReportOptions::default().with_interval(interval).with_probation(2))
}

fn registry(report: ReportOptions) -> (Registry, StatsHandle) {
    let stats = StatsFactory::default();
    let handle = stats.handle();
    let registry = Registry::new()
        .with(stats)
        .with(ReportFactory::new(report).expect("options in their ranges"))
        .with(RtxFactory::default())
        .with(NackFactory::default());
    (registry, handle)
}
