//! A link that stops now and then for a moment.

use std::time::{Duration, Instant};

use interceptor_core::OptionsError;
use rand::Rng;

use super::check::check;

/// Stalls as a busy radio channel makes them: for a moment nothing gets through, then all that has come meanwhile, at once.
///
/// A stall lasts anything up to [`longest`](Self::longest), the time to the next one anything up to twice
/// [`every`](Self::every), all equally likely. It holds back what is offered while it lasts, on top of delay and jitter; it
/// takes no capacity. A shared channel is best made of two links: one with the capacity, and behind it one that stalls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stalls {
    /// The mean time from the end of a stall to the next one. More than zero.
    pub every: Duration,
    /// The longest stall.
    pub longest: Duration,
}

impl Stalls {
    /// A stall of up to `longest`, on average this long after the last one.
    #[must_use]
    pub const fn new(every: Duration, longest: Duration) -> Self {
        Self { every, longest }
    }

    pub(super) fn validate(self) -> Result<(), OptionsError> {
        check(!self.every.is_zero(), "stalls.every", self.every, "more than zero")
    }
}

/// The newest stall that has been drawn.
#[derive(Debug)]
pub(super) struct StallProcess {
    begins: Instant,
    ends: Instant,
}

impl StallProcess {
    /// None yet: the first one comes after a while.
    pub(super) fn new(start: Instant) -> Self {
        Self { begins: start, ends: start }
    }

    /// How long what is offered at `now` is held back. `now` does not go back.
    pub(super) fn holds(&mut self, stalls: Stalls, now: Instant, rng: &mut impl Rng) -> Duration {
        while self.ends <= now {
            self.begins = self.ends + up_to(stalls.every * 2, rng);
            self.ends = self.begins + up_to(stalls.longest, rng);
        }
        if self.begins <= now { self.ends - now } else { Duration::ZERO }
    }
}

/// At least a nanosecond, so that time goes on.
fn up_to(longest: Duration, rng: &mut impl Rng) -> Duration {
    let nanos = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX).max(1);
    Duration::from_nanos(rng.random_range(1..=nanos))
}
