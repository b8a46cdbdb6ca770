//! Chains and streams.

use std::time::Instant;

use interceptor_core::packet::NtpTime;
use interceptor_core::{Chain, ChainConfig, Limits, Registry, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_stats::StatsFactory;

use crate::traffic::{CLOCK_RATE, PAYLOAD_TYPE, RTX_PAYLOAD_TYPE, rtx_ssrc, ssrc, start};

/// Which interceptors.
#[derive(Clone, Copy, Debug)]
pub(super) enum Extent {
    /// Statistics, reports, RTX and NACK.
    Full,
    /// The same without statistics.
    WithoutStatistics,
}

/// A chain with the defaults of every interceptor.
pub(super) fn chain(extent: Extent) -> anyhow::Result<Chain> {
    let mut registry = Registry::new();
    if matches!(extent, Extent::Full) {
        // The handle makes the counters readable; the statistics are kept without it as well.
        let stats = StatsFactory::default();
        registry = registry.with(stats);
    }
    let registry =
        registry.with(ReportFactory::default()).with(RtxFactory::default()).with(NackFactory::default());
    Ok(registry.build(config())?)
}

pub(super) fn config() -> ChainConfig {
    let limits = Limits::default().with_max_streams(10_000);
    ChainConfig::new("bench", start(), NtpTime::default(), 7).with_limits(limits)
}

/// A stream that negotiated NACK and RTX.
pub(super) fn stream(number: u32) -> StreamInfo {
    plain_stream(number).with_rtx(rtx_ssrc(number), RTX_PAYLOAD_TYPE)
}

/// A stream that negotiated NACK and no RTX.
pub(super) fn plain_stream(number: u32) -> StreamInfo {
    StreamInfo::new(ssrc(number), PAYLOAD_TYPE, CLOCK_RATE)
        .with_mime_type("video/VP8")
        .with_feedback("nack", "")
}

/// The chain with so many streams in each direction.
pub(super) fn bound(mut chain: Chain, streams: u32) -> anyhow::Result<Chain> {
    let now: Instant = chain.config().now;
    for number in 0..streams {
        chain.bind_local(stream(number), now)?;
        chain.bind_remote(stream(number), now)?;
    }
    Ok(chain)
}
