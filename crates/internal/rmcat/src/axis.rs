//! Virtual time: microseconds for flows, instants for links.

use std::time::{Duration, Instant};

use interceptor_congestion::Time;
use interceptor_test::Clock;

/// Where a run's time begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    start: Instant,
}

impl Axis {
    pub(crate) fn new() -> Self {
        Self { start: Clock::new().now() }
    }

    pub(crate) fn start(self) -> Instant {
        self.start
    }

    /// The instant of a time that is not before the start.
    pub(crate) fn instant(self, time: Time) -> Instant {
        self.start + Duration::from_micros(u64::try_from(time.micros()).unwrap_or_default())
    }

    /// The first microsecond that is not before `instant`.
    pub(crate) fn time(self, instant: Instant) -> Time {
        let nanos = instant.saturating_duration_since(self.start).as_nanos();
        Time::from_micros(i64::try_from(nanos.div_ceil(1000)).unwrap_or(i64::MAX))
    }
}

/// So many seconds after the start.
pub(crate) fn at(seconds: f64) -> Time {
    Time::from_micros((seconds * 1e6).round() as i64)
}
