//! The clocks and the chance of a connection.

use std::time::Instant;

use interceptor_packet::NtpTime;

/// The runtime's clock, so that a paused runtime stops the chain's time as well.
#[inline]
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// The one reading of the wall clock: what sender reports count from.
#[expect(clippy::disallowed_methods, reason = "the connection anchors the chain's NTP time")]
pub(crate) fn wall_clock() -> NtpTime {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    NtpTime::from_unix(since_epoch.unwrap_or_default())
}
