//! Times as the buffer reckons with them: signed nanoseconds since the connection's start.

use std::time::Duration;

/// A century; sums of a few of these fit.
pub(crate) const FAR: i64 = 1 << 61;

/// A duration, a century at most.
pub(crate) fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX).min(FAR)
}
