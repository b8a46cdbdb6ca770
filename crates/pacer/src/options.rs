//! What can be set, and its defaults.

use std::time::Duration;

use interceptor_core::OptionsError;

use crate::pace::LONGEST_BURST;

/// Options of [`PacerFactory`](crate::PacerFactory); checked when that is made.
///
/// ```
/// use interceptor_pacer::{PacerFactory, PacerOptions};
/// // A camera over a link of 2 Mbit/s, without congestion control.
/// let factory = PacerFactory::new(PacerOptions::default().with_rate(Some(2_000_000)))?;
/// # Ok::<(), interceptor_pacer::OptionsError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacerOptions {
    /// The pace in bits a second until congestion control says one, 1000..=100 Gbit/s. Default `None`: until then
    /// everything passes at once.
    pub rate: Option<u64>,
    /// How long the pace of [`rate`](Self::rate) may be run ahead of, 0..=10 ms; later congestion control says. Default 5 ms. A longer
    /// one makes queues on the way; a shorter one wants timers as exact: it is no shorter than the chain's
    /// [`min_rearm`](interceptor_core::Limits::min_rearm), 1 ms.
    pub burst: Duration,
    /// How long a packet may wait, 100 ms..=2 s. Default 500 ms. From half of it on the pace rises, to twice its value at most; what waits
    /// for longer is dropped.
    pub max_queue_time: Duration,
    /// Bytes that may wait at any pace, 64 KiB..=64 MiB; at a high one, twice what leaves within
    /// [`max_queue_time`](Self::max_queue_time) if that is more. Default 64 KiB.
    pub queue_bytes: usize,
    /// Packets that may wait, 64..=65 536. Default 4096: a second of 40 Mbit/s.
    pub max_queue_packets: usize,
    /// Does audio wait for its turn, too? Default no: it takes part of the pace, and never waits for video.
    pub pace_audio: bool,
    /// The part of the pace, in percent over a second, beyond which repeats let video go first, 1..=100. Default 30.
    pub repeats_percent: u8,
    /// Bytes of headers below RTP, 20..=256: IP and UDP. Default 28 (IPv4); 48 is IPv6. What the chain's
    /// [`transport_overhead`](interceptor_core::ChainConfig::transport_overhead) says comes in addition.
    pub datagram_overhead: u16,
}

impl Default for PacerOptions {
    fn default() -> Self {
        Self {
            rate: None,
            burst: Duration::from_millis(5),
            max_queue_time: Duration::from_millis(500),
            queue_bytes: 64 << 10,
            max_queue_packets: 4096,
            pace_audio: false,
            repeats_percent: 30,
            datagram_overhead: 28,
        }
    }
}

impl PacerOptions {
    /// The pace in bits a second until congestion control says one.
    #[must_use]
    pub const fn with_rate(mut self, bits_per_second: Option<u64>) -> Self {
        self.rate = bits_per_second;
        self
    }

    /// How long that pace may be run ahead of.
    #[must_use]
    pub const fn with_burst(mut self, burst: Duration) -> Self {
        self.burst = burst;
        self
    }

    /// How long a packet may wait.
    #[must_use]
    pub const fn with_max_queue_time(mut self, time: Duration) -> Self {
        self.max_queue_time = time;
        self
    }

    /// Bytes that may wait at any pace.
    #[must_use]
    pub const fn with_queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = bytes;
        self
    }

    /// Packets that may wait.
    #[must_use]
    pub const fn with_max_queue_packets(mut self, packets: usize) -> Self {
        self.max_queue_packets = packets;
        self
    }

    /// Does audio wait for its turn, too?
    #[must_use]
    pub const fn with_pace_audio(mut self, pace_audio: bool) -> Self {
        self.pace_audio = pace_audio;
        self
    }

    /// The part of the pace beyond which repeats let video go first.
    #[must_use]
    pub const fn with_repeats_percent(mut self, percent: u8) -> Self {
        self.repeats_percent = percent;
        self
    }

    /// Bytes of headers below RTP.
    #[must_use]
    pub const fn with_datagram_overhead(mut self, bytes: u16) -> Self {
        self.datagram_overhead = bytes;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let right = self.rate.is_none_or(|rate| (1000..=100_000_000_000).contains(&rate));
        ensure(right, "rate", &self.rate, "None or in 1000..=100000000000")?;
        ensure(self.burst <= LONGEST_BURST, "burst", &self.burst, "in 0ms..=10ms")?;
        let right = (Duration::from_millis(100)..=Duration::from_secs(2)).contains(&self.max_queue_time);
        ensure(right, "max_queue_time", &self.max_queue_time, "in 100ms..=2s")?;
        let right = (64 << 10..=64 << 20).contains(&self.queue_bytes);
        ensure(right, "queue_bytes", &self.queue_bytes, "in 65536..=67108864")?;
        let right = (64..=1 << 16).contains(&self.max_queue_packets);
        ensure(right, "max_queue_packets", &self.max_queue_packets, "in 64..=65536")?;
        let right = (1..=100).contains(&self.repeats_percent);
        ensure(right, "repeats_percent", &self.repeats_percent, "in 1..=100")?;
        let right = (20..=256).contains(&self.datagram_overhead);
        ensure(right, "datagram_overhead", &self.datagram_overhead, "in 20..=256")
    }
}

fn ensure(
    right: bool,
    field: &'static str,
    value: &dyn std::fmt::Debug,
    range: &'static str,
) -> Result<(), OptionsError> {
    OptionsError::unless(right, "PacerOptions", field, value, range)
}
