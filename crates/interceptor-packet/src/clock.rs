//! RTP media clocks: durations to timestamp units and back, without floating point.

use std::time::Duration;

const NANOS_PER_SECOND: u128 = 1_000_000_000;

/// The clock of an RTP stream, in timestamp units a second (90 000 for video, the sample rate for most audio).
///
/// A rate of 0 (unknown) is allowed and turns every duration into 0 units and every number of units into no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RtpClock {
    rate: u32,
}

impl RtpClock {
    /// A clock of `rate` units a second.
    #[must_use]
    pub const fn new(rate: u32) -> Self {
        Self { rate }
    }

    /// Units a second.
    #[must_use]
    pub const fn rate(self) -> u32 {
        self.rate
    }

    /// Units in `duration`, rounded down; saturates at `u64::MAX`.
    #[must_use]
    pub const fn units(self, duration: Duration) -> u64 {
        let units = duration.as_nanos() * self.rate as u128 / NANOS_PER_SECOND;
        if units > u64::MAX as u128 { u64::MAX } else { units as u64 }
    }

    /// The time that `units` take, rounded down to the nanosecond.
    #[must_use]
    pub const fn duration(self, units: u64) -> Duration {
        if self.rate == 0 {
            return Duration::ZERO;
        }
        let rate = self.rate as u64;
        let nanos = (units % rate) as u128 * NANOS_PER_SECOND / rate as u128;
        Duration::new(units / rate, nanos as u32)
    }

    /// The timestamp `elapsed` after `timestamp`, modulo 2^32.
    #[must_use]
    pub const fn advance(self, timestamp: u32, elapsed: Duration) -> u32 {
        let units = duration_units_mod(elapsed, self.rate);
        timestamp.wrapping_add(units)
    }

    /// `a - b` in units the short way round: positive when `a` is later (RFC 3550 timestamps wrap at 2^32).
    #[inline]
    #[must_use]
    pub const fn difference(a: u32, b: u32) -> i32 {
        a.wrapping_sub(b).cast_signed()
    }
}

/// Units in `duration` modulo 2^32.
const fn duration_units_mod(duration: Duration, rate: u32) -> u32 {
    (duration.as_nanos() * rate as u128 / NANOS_PER_SECOND) as u32
}
