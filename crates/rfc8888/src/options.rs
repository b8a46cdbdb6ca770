//! What can be set, its defaults and its bounds.

use std::time::Duration;

use interceptor_core::OptionsError;

/// Options of [`Rfc8888Factory`](crate::Rfc8888Factory); checked when that is made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rfc8888Options {
    /// How long a packet waits to be reported if no marker comes before, and the shortest time from one report to the next,
    /// 5 ms..=1 s. Default 25 ms: libwebrtc.
    pub min_interval: Duration,
    /// The longest time from one report to the next while packets come, `min_interval`..=10 s. Default 500 ms: libwebrtc.
    pub max_interval: Duration,
    /// The part of the received bit rate that reports may take, 0.001..=1. Default 0.05: RFC 8888 §6, RFC 3550 §6.2. What one
    /// report takes more, the next ones wait for, up to `max_interval`.
    pub bandwidth_share: f64,
    /// The bit rate that is taken to be received at least, in bits per second, 10 000..=1 000 000 000. Default 500 000: libwebrtc.
    pub min_bitrate: u64,
    /// Bytes of a report, 128..=65 507. Default 1200; the connection's MTU counts as well. What does not fit goes into a further
    /// one.
    pub max_report_bytes: usize,
    /// Numbers behind those reported up to which a late packet is reported, 0..=1024. Default 64: libwebrtc.
    pub late_packets: u16,
    /// Packets of an SSRC whose arrival is remembered until it is reported, 1024..=16 384; 24 bytes each. Default 8192. When
    /// there are more, the oldest are forgotten, and counted.
    pub max_arrivals: usize,
}

impl Default for Rfc8888Options {
    fn default() -> Self {
        Self {
            min_interval: Duration::from_millis(25),
            max_interval: Duration::from_millis(500),
            bandwidth_share: 0.05,
            min_bitrate: 500_000,
            max_report_bytes: 1200,
            late_packets: 64,
            max_arrivals: 8192,
        }
    }
}

impl Rfc8888Options {
    /// How long a packet waits. See [`min_interval`](Self::min_interval).
    #[must_use]
    pub const fn with_min_interval(mut self, interval: Duration) -> Self {
        self.min_interval = interval;
        self
    }

    /// The longest time between reports. See [`max_interval`](Self::max_interval).
    #[must_use]
    pub const fn with_max_interval(mut self, interval: Duration) -> Self {
        self.max_interval = interval;
        self
    }

    /// The part of the received rate that reports may take. See [`bandwidth_share`](Self::bandwidth_share).
    #[must_use]
    pub const fn with_bandwidth_share(mut self, share: f64) -> Self {
        self.bandwidth_share = share;
        self
    }

    /// The rate that is taken to be received at least. See [`min_bitrate`](Self::min_bitrate).
    #[must_use]
    pub const fn with_min_bitrate(mut self, bits_per_second: u64) -> Self {
        self.min_bitrate = bits_per_second;
        self
    }

    /// Bytes of a report. See [`max_report_bytes`](Self::max_report_bytes).
    #[must_use]
    pub const fn with_max_report_bytes(mut self, bytes: usize) -> Self {
        self.max_report_bytes = bytes;
        self
    }

    /// How far behind a late packet is reported. See [`late_packets`](Self::late_packets).
    #[must_use]
    pub const fn with_late_packets(mut self, packets: u16) -> Self {
        self.late_packets = packets;
        self
    }

    /// Packets of an SSRC whose arrival is remembered. See [`max_arrivals`](Self::max_arrivals).
    #[must_use]
    pub const fn with_max_arrivals(mut self, arrivals: usize) -> Self {
        self.max_arrivals = arrivals;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let unless = |right, field, value: &dyn std::fmt::Debug, range| {
            OptionsError::unless(right, "Rfc8888Options", field, value, range)
        };
        let (min, max) = (self.min_interval, self.max_interval);
        let right = (Duration::from_millis(5)..=Duration::from_secs(1)).contains(&min);
        unless(right, "min_interval", &min, "in 5ms..=1s")?;
        let right = (min..=Duration::from_secs(10)).contains(&max);
        unless(right, "max_interval", &max, "in min_interval..=10s")?;
        let share = self.bandwidth_share;
        unless((0.001..=1.0).contains(&share), "bandwidth_share", &share, "in 0.001..=1.0")?;
        let rate = self.min_bitrate;
        unless((10_000..=1_000_000_000).contains(&rate), "min_bitrate", &rate, "in 10000..=1000000000")?;
        let bytes = self.max_report_bytes;
        unless((128..=65_507).contains(&bytes), "max_report_bytes", &bytes, "in 128..=65507")?;
        unless(self.late_packets <= 1024, "late_packets", &self.late_packets, "in 0..=1024")?;
        let arrivals = self.max_arrivals;
        unless((1024..=16_384).contains(&arrivals), "max_arrivals", &arrivals, "in 1024..=16384")
    }
}
