//! What can be set, its defaults and its bounds.

use std::time::Duration;

use interceptor_core::OptionsError;

/// Options of [`AbsCaptureTimeFactory`](crate::AbsCaptureTimeFactory); checked when that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AbsCaptureTimeOptions {
    /// The shortest time from one packet with a capture time to the next of its stream, 0..=5 s. Default 1 s; receivers work out those
    /// between from timestamps, and libwebrtc's give up after 5 s.
    pub interval: Duration,
    /// How long before it is written a frame was captured of which the application does not say when, 0..=10 s; `None` for not to say
    /// anything of it. Default 0: the time at which the application writes it.
    pub latency: Option<Duration>,
    /// Attach the capture time to packets that bring one? Default: yes; it costs three allocations each.
    pub attributes: bool,
    /// Make what comes in be about this system's clock, for who forwards it? Default: no.
    pub forwarding: bool,
}

impl Default for AbsCaptureTimeOptions {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
            latency: Some(Duration::ZERO),
            attributes: true,
            forwarding: false,
        }
    }
}

impl AbsCaptureTimeOptions {
    /// The shortest time between capture times. See [`interval`](Self::interval).
    #[must_use]
    pub const fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long before it is written a frame was captured. See [`latency`](Self::latency).
    #[must_use]
    pub const fn with_latency(mut self, latency: Option<Duration>) -> Self {
        self.latency = latency;
        self
    }

    /// Attach capture times? See [`attributes`](Self::attributes).
    #[must_use]
    pub const fn with_attributes(mut self, attributes: bool) -> Self {
        self.attributes = attributes;
        self
    }

    /// Is what comes in forwarded? See [`forwarding`](Self::forwarding).
    #[must_use]
    pub const fn with_forwarding(mut self, forwarding: bool) -> Self {
        self.forwarding = forwarding;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let unless = |right, field, value: &dyn std::fmt::Debug, range| {
            OptionsError::unless(right, "AbsCaptureTimeOptions", field, value, range)
        };
        unless(self.interval <= Duration::from_secs(5), "interval", &self.interval, "at most 5s")?;
        let right = self.latency.is_none_or(|latency| latency <= Duration::from_secs(10));
        unless(right, "latency", &self.latency, "None or at most 10s")
    }
}
