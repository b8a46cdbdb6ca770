//! Chains and streams.

use std::time::Instant;

use interceptor_core::packet::NtpTime;
use interceptor_core::{Chain, ChainConfig, Limits, Registry, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_stats::StatsFactory;
use interceptor_twcc::TwccFactory;

use crate::traffic::{
    CLOCK_RATE, EXTENSION_ID, PAYLOAD_TYPE, RTX_PAYLOAD_TYPE, TRANSPORT_WIDE, rtx_ssrc, ssrc, start,
};

/// Which interceptors.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Extent {
    /// Statistics, transport-wide feedback, reports, RTX and NACK.
    Full,
    /// The same without statistics.
    WithoutStatistics,
    /// Statistics, reports, RTX and NACK: what answers requests and keeps histories.
    Repair,
    /// The same without statistics.
    RepairWithoutStatistics,
}

impl Extent {
    /// Of reports, RTX and NACK.
    pub(super) const fn of(feedback: bool, statistics: bool) -> Self {
        match (feedback, statistics) {
            (true, true) => Self::Full,
            (true, false) => Self::WithoutStatistics,
            (false, true) => Self::Repair,
            (false, false) => Self::RepairWithoutStatistics,
        }
    }
}

/// A chain with the defaults of every interceptor.
pub(crate) fn chain(extent: Extent) -> anyhow::Result<Chain> {
    Ok(registry(extent).build(config())?)
}

/// What makes such chains.
pub(crate) fn registry(extent: Extent) -> Registry {
    let mut registry = Registry::new();
    if matches!(extent, Extent::Full | Extent::Repair) {
        // The handle makes the counters readable; the statistics are kept without it as well.
        let stats = StatsFactory::default();
        registry = registry.with(stats);
    }
    if matches!(extent, Extent::Full | Extent::WithoutStatistics) {
        registry = registry.with(TwccFactory::default());
    }
    registry.with(ReportFactory::default()).with(RtxFactory::default()).with(NackFactory::default())
}

pub(super) fn config() -> ChainConfig {
    let limits = Limits::default().with_max_streams(10_000);
    ChainConfig::new("bench", start(), NtpTime::default(), 7).with_limits(limits)
}

/// A stream that negotiated NACK and RTX.
pub(crate) fn stream(number: u32) -> StreamInfo {
    plain_stream(number).with_rtx(rtx_ssrc(number), RTX_PAYLOAD_TYPE)
}

/// A stream that negotiated NACK and no RTX.
pub(super) fn plain_stream(number: u32) -> StreamInfo {
    StreamInfo::new(ssrc(number), PAYLOAD_TYPE, CLOCK_RATE)
        .with_mime_type("video/VP8")
        .with_feedback("nack", "")
}

/// A stream that negotiated transport-wide feedback as well.
pub(super) fn reported(stream: StreamInfo) -> StreamInfo {
    stream.with_feedback("transport-cc", "").with_extension(EXTENSION_ID, TRANSPORT_WIDE)
}

/// The chain with so many streams in each direction.
pub(super) fn bound(mut chain: Chain, streams: u32) -> anyhow::Result<Chain> {
    let now: Instant = chain.config().now;
    for number in 0..streams {
        chain.bind_local(reported(stream(number)), now)?;
        chain.bind_remote(reported(stream(number)), now)?;
    }
    Ok(chain)
}
