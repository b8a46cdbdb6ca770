//! The only file that reads a clock: tokio's, which tests can pause.

use std::time::Duration;

use tokio::time::Instant;

/// Nanoseconds since a stream began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { origin: Instant::now() }
    }

    pub(crate) fn origin(&self) -> std::time::Instant {
        self.origin.into_std()
    }

    #[inline]
    pub(crate) fn elapsed_nanos(&self) -> u64 {
        let elapsed = Instant::now().saturating_duration_since(self.origin);
        elapsed.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(elapsed.subsec_nanos()))
    }

    /// What a timer waits for; a time that no clock reaches is as far away as it can be told.
    pub(crate) fn instant(&self, nanos: u64) -> Instant {
        let far = Duration::from_secs(86_400 * 365 * 30);
        self.origin + Duration::from_nanos(nanos).min(far)
    }
}
