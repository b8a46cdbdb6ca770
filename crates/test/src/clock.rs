//! A clock that moves only when it is told to.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How far the base lies ahead of the real clock when it is captured, so that tests can also speak of
/// instants before it: `Instant` has no portable values below the machine's start.
const ROOM_BEFORE_BASE: Duration = Duration::from_secs(366 * 24 * 3600);

/// A virtual, monotonic clock.
///
/// Every clock of a process counts from the same base [`Instant`], captured once. Nothing but the differences
/// between instants is meaningful, so a test that takes all its instants from a clock runs the same every
/// time.
///
/// ```
/// use interceptor_test::Clock;
/// use std::time::Duration;
///
/// let mut clock = Clock::new();
/// let start = clock.now();
/// clock.advance(Duration::from_millis(20));
/// assert_eq!(clock.now() - start, Duration::from_millis(20));
/// assert_eq!(clock.now(), clock.at(Duration::from_millis(20)));
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    base: Instant,
    elapsed: Duration,
}

impl Clock {
    /// A clock that stands at the base instant.
    #[must_use]
    pub fn new() -> Self {
        Self { base: base(), elapsed: Duration::ZERO }
    }

    /// The instant at which the clock stands.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.base + self.elapsed
    }

    /// The time since the base instant.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The instant `since_base` after the base, wherever the clock stands now.
    #[must_use]
    pub fn at(&self, since_base: Duration) -> Instant {
        self.base + since_base
    }

    /// Moves the clock forward by `step` and returns where it stands then.
    pub fn advance(&mut self, step: Duration) -> Instant {
        self.elapsed += step;
        self.now()
    }

    /// Moves the clock forward to `instant`; an instant that has passed leaves it where it is. Returns where
    /// it stands then.
    pub fn advance_to(&mut self, instant: Instant) -> Instant {
        self.elapsed = self.elapsed.max(instant.saturating_duration_since(self.base));
        self.now()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

fn base() -> Instant {
    static BASE: OnceLock<Instant> = OnceLock::new();
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant cannot be made from nothing; only differences to it are used"
    )]
    *BASE.get_or_init(|| Instant::now() + ROOM_BEFORE_BASE)
}
