//! What can be set, its defaults and its bounds.

use std::time::Duration;

use interceptor_core::OptionsError;
use interceptor_core::packet::ext::PlayoutDelay;

/// Options of [`PlayoutDelayFactory`](crate::PlayoutDelayFactory); checked when that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlayoutDelayOptions {
    /// What each local stream asks for from the start, until it is [set](crate::PlayoutDelays::set). Default: nothing.
    pub bounds: Option<PlayoutDelay>,
    /// The shortest time between two changes that a remote stream's bounds are told in, 0..=10 s. Default 100 ms; of several changes within
    /// it the last counts.
    pub min_change_interval: Duration,
}

impl Default for PlayoutDelayOptions {
    fn default() -> Self {
        Self { bounds: None, min_change_interval: Duration::from_millis(100) }
    }
}

impl PlayoutDelayOptions {
    /// What each local stream asks for. See [`bounds`](Self::bounds).
    #[must_use]
    pub const fn with_bounds(mut self, bounds: PlayoutDelay) -> Self {
        self.bounds = Some(bounds);
        self
    }

    /// The shortest time between two changes. See [`min_change_interval`](Self::min_change_interval).
    #[must_use]
    pub const fn with_min_change_interval(mut self, interval: Duration) -> Self {
        self.min_change_interval = interval;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let interval = self.min_change_interval;
        let right = interval <= Duration::from_secs(10);
        OptionsError::unless(right, "PlayoutDelayOptions", "min_change_interval", interval, "at most 10s")
    }
}
