//! Time as congestion control counts it.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Microseconds of one clock, from an origin of its own.
///
/// Two clocks meet in congestion control: the sender's, and that of the receiver which says when packets came. A
/// difference between both means nothing by itself, only that it grows or shrinks does.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// Before everything.
    pub const MIN: Self = Self(i64::MIN / 4);
    /// After everything.
    pub const MAX: Self = Self(i64::MAX / 4);

    /// So many microseconds after the clock's origin.
    #[must_use]
    #[inline]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the clock's origin.
    #[must_use]
    #[inline]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Microseconds since `earlier`, negative if that is later.
    #[must_use]
    #[inline]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Since the clock's origin; zero before it.
    #[must_use]
    #[inline]
    pub(crate) fn since_origin(self) -> Duration {
        Duration::from_micros(u64::try_from(self.0).unwrap_or(0))
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    #[inline]
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }
}

impl Sub<Duration> for Time {
    type Output = Self;

    #[inline]
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }
}

impl fmt::Debug for Time {
    /// In seconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6} s", self.0 as f64 / 1e6)
    }
}

/// What does not fit is longer than any connection.
fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
