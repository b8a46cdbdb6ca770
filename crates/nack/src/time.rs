//! Instants as integers: shorter to keep and to compare.

use std::time::{Duration, Instant};

/// Where a connection's integers start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Epoch(pub(crate) Instant);

impl Epoch {
    /// Microseconds up to `at`, rounded down; 0 before the epoch.
    #[inline]
    pub(crate) fn micros(self, at: Instant) -> u64 {
        micros(at.saturating_duration_since(self.0))
    }

    /// Milliseconds up to `at`, rounded down; 0 before the epoch.
    #[inline]
    pub(crate) fn millis(self, at: Instant) -> u64 {
        let elapsed = at.saturating_duration_since(self.0);
        elapsed.as_secs().saturating_mul(1000).saturating_add(u64::from(elapsed.subsec_millis()))
    }

    /// The instant `micros` after the epoch.
    pub(crate) fn at(self, micros: u64) -> Instant {
        self.0 + Duration::from_micros(micros)
    }
}

/// Milliseconds since an epoch, worked out once for all packets of one instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Millis {
    at: Instant,
    millis: u64,
}

impl Millis {
    pub(crate) const fn new(epoch: Epoch) -> Self {
        Self { at: epoch.0, millis: 0 }
    }

    #[inline]
    pub(crate) fn of(&mut self, epoch: Epoch, at: Instant) -> u64 {
        if at != self.at {
            *self = Self { at, millis: epoch.millis(at) };
        }
        self.millis
    }
}

/// Microseconds, rounded down; 584 thousand years at most.
#[inline]
pub(crate) const fn micros(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000).saturating_add(duration.subsec_micros() as u64)
}

/// Milliseconds, rounded up; 49 days at most.
pub(crate) fn millis_up(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros().div_ceil(1000)).unwrap_or(u32::MAX)
}
