//! What a user may choose.

use std::time::Duration;

use interceptor_packet::rfc3550::JitterRule;

/// Options of [`Stats`](crate::Stats). Every value is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatsOptions {
    /// Which packets make up `jitter`. Default [`JitterRule::Rfc3550`]: every packet (RFC 3550 §6.4.1), as Wireshark
    /// does; [`JitterRule::NewTimestamps`] gives the figure that libwebrtc shows.
    pub jitter: JitterRule,
    /// How long a window of the rates (bits and packets a second) is. Default 1 s; shorter than
    /// [`MIN_RATE_WINDOW`](Self::MIN_RATE_WINDOW) counts as that. One timer a connection ends the windows; it runs
    /// only while RTP flows. [`Duration::ZERO`] turns rates and timer off.
    pub rate_window: Duration,
}

impl StatsOptions {
    /// The shortest window: below it a rate is mostly the noise of single frames.
    pub const MIN_RATE_WINDOW: Duration = Duration::from_millis(100);

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
        (!self.rate_window.is_zero()).then(|| self.rate_window.max(Self::MIN_RATE_WINDOW))
    }
}

impl Default for StatsOptions {
    fn default() -> Self {
        Self { jitter: JitterRule::Rfc3550, rate_window: Duration::from_secs(1) }
    }
}
