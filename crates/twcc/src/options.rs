//! What can be set, its defaults and its bounds.

use std::time::Duration;

use interceptor_core::OptionsError;

/// Options of [`TwccFactory`](crate::TwccFactory); checked when that is made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TwccOptions {
    /// Number what leaves? Default: yes, on streams that negotiated the header extension.
    pub stamping: bool,
    /// Report what arrives? Default: yes, of streams that negotiated the header extension and `transport-cc`.
    pub reporting: bool,
    /// The number of the first packet that leaves, any. Default 0, as pion.
    pub first_number: u16,
    /// The shortest time from one feedback to the next, 10 ms..=1 s. Default 50 ms: libwebrtc `kMinInterval`.
    pub min_interval: Duration,
    /// The longest time that a packet waits to be reported, `min_interval`..=10 s. Default 250 ms: libwebrtc `kMaxInterval`.
    pub max_interval: Duration,
    /// The time from one feedback to the next until the received rate is known, `min_interval..=max_interval`. Default
    /// 100 ms: libwebrtc `kDefaultInterval`.
    pub first_interval: Duration,
    /// The part of the received bit rate that feedback may take, 0.001..=1. Default 0.05: RFC 3550 §6.2, libwebrtc. It sets the
    /// interval between its bounds.
    pub bandwidth_share: f64,
    /// Bytes of a feedback message, 128..=65 507. Default 1200; the connection's MTU counts as well. What does not fit goes into
    /// a further message.
    pub max_feedback_bytes: usize,
    /// Numbers behind those reported up to which a late packet is reported, 0..=1024. Default 128.
    pub late_packets: u16,
    /// How long after its neighbour a late packet is reported, up to 10 s. Default 500 ms: libwebrtc `kBackWindow`.
    pub late_time: Duration,
    /// Packets whose arrival is remembered until it is reported, 1024..=32 768; 16 bytes each. Default 8192: in a `min_interval` as
    /// many as 1.5 Gbit/s bring. When there are more, the oldest are forgotten, and counted.
    pub max_arrivals: usize,
}

impl Default for TwccOptions {
    fn default() -> Self {
        Self {
            stamping: true,
            reporting: true,
            first_number: 0,
            min_interval: Duration::from_millis(50),
            max_interval: Duration::from_millis(250),
            first_interval: Duration::from_millis(100),
            bandwidth_share: 0.05,
            max_feedback_bytes: 1200,
            late_packets: 128,
            late_time: Duration::from_millis(500),
            max_arrivals: 8192,
        }
    }
}

impl TwccOptions {
    /// Number what leaves? See [`stamping`](Self::stamping).
    #[must_use]
    pub const fn with_stamping(mut self, stamping: bool) -> Self {
        self.stamping = stamping;
        self
    }

    /// Report what arrives? See [`reporting`](Self::reporting).
    #[must_use]
    pub const fn with_reporting(mut self, reporting: bool) -> Self {
        self.reporting = reporting;
        self
    }

    /// The number of the first packet. See [`first_number`](Self::first_number).
    #[must_use]
    pub const fn with_first_number(mut self, number: u16) -> Self {
        self.first_number = number;
        self
    }

    /// The shortest time between feedback. See [`min_interval`](Self::min_interval).
    #[must_use]
    pub const fn with_min_interval(mut self, interval: Duration) -> Self {
        self.min_interval = interval;
        self
    }

    /// The longest time that a packet waits. See [`max_interval`](Self::max_interval).
    #[must_use]
    pub const fn with_max_interval(mut self, interval: Duration) -> Self {
        self.max_interval = interval;
        self
    }

    /// The time between feedback until the rate is known. See [`first_interval`](Self::first_interval).
    #[must_use]
    pub const fn with_first_interval(mut self, interval: Duration) -> Self {
        self.first_interval = interval;
        self
    }

    /// The part of the received rate that feedback may take. See [`bandwidth_share`](Self::bandwidth_share).
    #[must_use]
    pub const fn with_bandwidth_share(mut self, share: f64) -> Self {
        self.bandwidth_share = share;
        self
    }

    /// Bytes of a feedback message. See [`max_feedback_bytes`](Self::max_feedback_bytes).
    #[must_use]
    pub const fn with_max_feedback_bytes(mut self, bytes: usize) -> Self {
        self.max_feedback_bytes = bytes;
        self
    }

    /// How far behind a late packet is reported. See [`late_packets`](Self::late_packets).
    #[must_use]
    pub const fn with_late_packets(mut self, packets: u16) -> Self {
        self.late_packets = packets;
        self
    }

    /// How late a late packet is reported. See [`late_time`](Self::late_time).
    #[must_use]
    pub const fn with_late_time(mut self, time: Duration) -> Self {
        self.late_time = time;
        self
    }

    /// Packets whose arrival is remembered. See [`max_arrivals`](Self::max_arrivals).
    #[must_use]
    pub const fn with_max_arrivals(mut self, arrivals: usize) -> Self {
        self.max_arrivals = arrivals;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let unless = |right, field, value: &dyn std::fmt::Debug, range| {
            OptionsError::unless(right, "TwccOptions", field, value, range)
        };
        let (min, max, first) = (self.min_interval, self.max_interval, self.first_interval);
        let right = (Duration::from_millis(10)..=Duration::from_secs(1)).contains(&min);
        unless(right, "min_interval", &min, "in 10ms..=1s")?;
        let right = (min..=Duration::from_secs(10)).contains(&max);
        unless(right, "max_interval", &max, "in min_interval..=10s")?;
        let right = (min..=max).contains(&first);
        unless(right, "first_interval", &first, "in min_interval..=max_interval")?;
        let share = self.bandwidth_share;
        unless((0.001..=1.0).contains(&share), "bandwidth_share", &share, "in 0.001..=1.0")?;
        let bytes = self.max_feedback_bytes;
        unless((128..=65_507).contains(&bytes), "max_feedback_bytes", &bytes, "in 128..=65507")?;
        unless(self.late_packets <= 1024, "late_packets", &self.late_packets, "in 0..=1024")?;
        let right = self.late_time <= Duration::from_secs(10);
        unless(right, "late_time", &self.late_time, "at most 10s")?;
        let arrivals = self.max_arrivals;
        unless((1024..=32_768).contains(&arrivals), "max_arrivals", &arrivals, "in 1024..=32768")
    }
}
