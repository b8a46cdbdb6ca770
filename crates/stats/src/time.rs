//! Instants as numbers that fit into an atomic, and back to the wall clock.

use std::time::{Duration, SystemTime};

use interceptor_core::ChainConfig;

/// Where a connection's time starts on the wall clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timebase {
    /// Since 1970.
    unix: Duration,
}

impl Timebase {
    pub(crate) const fn of(config: &ChainConfig) -> Self {
        Self { unix: config.ntp.to_unix() }
    }

    /// The wall clock, `nanos` nanoseconds after the start.
    pub(crate) fn wall(&self, nanos: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.unix + Duration::from_nanos(nanos)
    }
}

/// Nanoseconds; 584 years fit.
#[inline]
pub(crate) const fn nanos(duration: Duration) -> u64 {
    duration.as_secs().wrapping_mul(1_000_000_000).wrapping_add(duration.subsec_nanos() as u64)
}

/// The time that `sixteenths` of a unit take at `rate` units a second; zero when the rate is unknown.
pub(crate) fn units_time(sixteenths: u64, rate: u32) -> Duration {
    if rate == 0 {
        return Duration::ZERO;
    }
    let nanos = u128::from(sixteenths) * 1_000_000_000 / (u128::from(rate) * 16);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
