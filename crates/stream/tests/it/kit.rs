//! Rates, an origin, and lanes at an instant.

use std::time::{Duration, Instant};

use interceptor_stream::{Metered, Rate, StreamLimits};

pub(crate) const SECOND: u64 = 1_000_000_000;

#[expect(clippy::disallowed_methods, reason = "an origin; nothing depends on which")]
pub(crate) fn origin() -> Instant {
    Instant::now()
}

/// `amount` in a second, `burst` at once.
pub(crate) fn rate(amount: u64, burst: u64) -> Rate {
    Rate::new(amount, Duration::from_secs(1), burst).unwrap()
}

pub(crate) fn metered(limits: StreamLimits) -> Metered {
    Metered::new(&limits, origin())
}
