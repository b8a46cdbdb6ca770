//! Instants as integers: shorter to keep and to compare.

use std::time::{Duration, Instant};

/// Where a connection's integers start, and the instant that was worked out last: packets come many at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Epoch {
    start: Instant,
    at: Instant,
    micros: u64,
    millis: u64,
}

impl Epoch {
    pub(crate) const fn new(start: Instant) -> Self {
        Self { start, at: start, micros: 0, millis: 0 }
    }

    /// Microseconds up to `at`, rounded down; 0 before the start.
    #[inline]
    pub(crate) fn micros(&mut self, at: Instant) -> u64 {
        self.advance(at);
        self.micros
    }

    /// Milliseconds up to `at`, rounded down; 0 before the start.
    #[inline]
    pub(crate) fn millis(&mut self, at: Instant) -> u64 {
        self.advance(at);
        self.millis
    }

    /// The instant `micros` after the start.
    pub(crate) fn instant(&self, micros: u64) -> Instant {
        self.start + Duration::from_micros(micros)
    }

    #[inline]
    fn advance(&mut self, at: Instant) {
        if at != self.at {
            self.at = at;
            self.micros = micros(at.saturating_duration_since(self.start));
            self.millis = self.micros / 1000;
        }
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
