//! What a user may choose.

use std::time::Duration;

use interceptor_core::OptionsError;
use interceptor_packet::rfc3550::JitterRule;

/// Options of [`StatsFactory`](crate::StatsFactory); checked when that is made.
///
/// ```
/// use std::time::Duration;
/// use interceptor_stats::{StatsFactory, StatsOptions};
/// let window = |millis| StatsOptions::default().with_rate_window(Duration::from_millis(millis));
/// assert!(StatsFactory::new(window(0)).is_ok() && StatsFactory::new(window(200)).is_ok());
/// assert_eq!(StatsFactory::new(window(50)).unwrap_err().field, "rate_window");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatsOptions {
    /// Which packets make up `jitter`. Default [`JitterRule::Rfc3550`]: every packet (RFC 3550 §6.4.1), as Wireshark
    /// does; [`JitterRule::NewTimestamps`] gives the figure that libwebrtc shows.
    pub jitter: JitterRule,
    /// How long a window of the rates (bits and packets a second) is, 100 ms..=1 h: below that a rate is mostly the
    /// noise of single frames. Default 1 s. One timer a connection ends the windows; it runs only while RTP flows.
    /// [`Duration::ZERO`] turns rates and timer off.
    pub rate_window: Duration,
}

impl Default for StatsOptions {
    fn default() -> Self {
        Self { jitter: JitterRule::Rfc3550, rate_window: Duration::from_secs(1) }
    }
}

impl StatsOptions {
    /// Sets which packets make up `jitter`.
    #[must_use]
    pub const fn with_jitter(mut self, rule: JitterRule) -> Self {
        self.jitter = rule;
        self
    }

    /// Sets the length of a rate window; zero turns rates off.
    #[must_use]
    pub const fn with_rate_window(mut self, window: Duration) -> Self {
        self.rate_window = window;
        self
    }

    /// The window in force, `None` when rates are off.
    pub(crate) fn window(&self) -> Option<Duration> {
        (!self.rate_window.is_zero()).then_some(self.rate_window)
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let window = self.rate_window;
        let right =
            window.is_zero() || (Duration::from_millis(100)..=Duration::from_secs(3600)).contains(&window);
        OptionsError::unless(right, "StatsOptions", "rate_window", window, "0 or in 100ms..=1h")
    }
}
