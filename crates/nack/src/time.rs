//! Instants as integers: shorter to keep and to compare.

use std::time::{Duration, Instant};

use interceptor_core::{Context, Rtt};

/// Round-trip time until it is measured (libwebrtc `kDefaultRtt`).
pub(crate) const DEFAULT_RTT: Duration = Duration::from_millis(100);

/// Now in microseconds since the connection's start.
#[inline]
pub(crate) const fn now_micros(cx: &Context<'_>) -> u64 {
    cx.elapsed_nanos() / 1000
}

/// Now in milliseconds since the connection's start.
#[inline]
pub(crate) const fn now_millis(cx: &Context<'_>) -> u64 {
    cx.elapsed_nanos() / 1_000_000
}

/// The instant `micros` after the connection's start.
pub(crate) fn instant(micros: u64, cx: &Context<'_>) -> Instant {
    cx.config().now + Duration::from_micros(micros)
}

/// The round trip to reckon with. A path that has become longer is believed at once, as what is asked for again too early is
/// sent for nothing; one that has become shorter bit by bit.
pub(crate) fn round_trip(rtt: Rtt) -> Duration {
    rtt.smoothed.max(rtt.latest)
}

/// Microseconds, rounded down; 584 thousand years at most.
#[inline]
pub(crate) const fn micros(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000).saturating_add(duration.subsec_micros() as u64)
}

/// Milliseconds, rounded up; 49 days at most.
pub(crate) fn millis_up(duration: Duration) -> u32 {
    u32::try_from(micros(duration).div_ceil(1000)).unwrap_or(u32::MAX)
}
