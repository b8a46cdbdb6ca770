//! RTP media clocks: durations to timestamp units and back, without floating point.

use std::time::Duration;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

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
        duration.as_secs().saturating_mul(self.rate as u64).saturating_add(self.fraction(duration))
    }

    /// The time that `units` take, rounded down to the nanosecond.
    #[must_use]
    pub const fn duration(self, units: u64) -> Duration {
        if self.rate == 0 {
            return Duration::ZERO;
        }
        let rate = self.rate as u64;
        // Below 2^32 · 10^9, which 64 bits hold.
        let nanos = (units % rate) * NANOS_PER_SECOND / rate;
        Duration::new(units / rate, nanos as u32)
    }

    /// The timestamp `elapsed` after `timestamp`, modulo 2^32.
    #[must_use]
    pub const fn advance(self, timestamp: u32, elapsed: Duration) -> u32 {
        let whole = (elapsed.as_secs() as u32).wrapping_mul(self.rate);
        timestamp.wrapping_add(whole).wrapping_add(self.fraction(elapsed) as u32)
    }

    /// Units in what `duration` has beyond whole seconds.
    #[inline]
    const fn fraction(self, duration: Duration) -> u64 {
        duration.subsec_nanos() as u64 * self.rate as u64 / NANOS_PER_SECOND
    }

    /// `a - b` in units the short way round: positive when `a` is later (RFC 3550 timestamps wrap at 2^32).
    #[inline]
    #[must_use]
    pub const fn difference(a: u32, b: u32) -> i32 {
        a.wrapping_sub(b).cast_signed()
    }
}
