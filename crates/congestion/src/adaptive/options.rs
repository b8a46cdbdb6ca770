//! What can be set, its defaults and its bounds.

use interceptor_core::OptionsError;

/// Options of [`Adaptive`](crate::Adaptive), checked when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdaptiveOptions {
    /// The rate to start with, in bits per second, `min..=max`. Default 300 kb/s: libwebrtc. More is reached within seconds where the path carries
    /// it; less helps only paths that do not carry this.
    pub start: u64,
    /// The least target in bits per second, 1000..=1 Gb/s. Default 5 kb/s: libwebrtc `kCongestionControllerMinBitrate`. What is sent below this tells too
    /// little of the path.
    pub min: u64,
    /// The greatest target in bits per second, `min`..=10 Gb/s. Default 50 Mb/s, as pion. More makes probes of more bytes when little is known.
    pub max: u64,
    /// Hold against flows that keep the queue full, such as downloads? Default: yes. A share of the path then costs the delay that they make; without it
    /// the rate goes down to `min` as long as they last.
    pub compete: bool,
    /// Try higher rates by clusters of packets? Default: yes. Without it the first seconds take half of what the path carries.
    pub probing: bool,
    /// Ask for packets to be marked in place of lost (L4S, RFC 9330), where the receiver tells of marks (RFC 8888) and the path keeps them? Default: yes.
    pub ecn: bool,
}

impl Default for AdaptiveOptions {
    fn default() -> Self {
        Self { start: 300_000, min: 5_000, max: 50_000_000, compete: true, probing: true, ecn: true }
    }
}

impl AdaptiveOptions {
    /// The rate to start with. See [`start`](Self::start).
    #[must_use]
    pub const fn with_start(mut self, bits_per_second: u64) -> Self {
        self.start = bits_per_second;
        self
    }

    /// The least target. See [`min`](Self::min).
    #[must_use]
    pub const fn with_min(mut self, bits_per_second: u64) -> Self {
        self.min = bits_per_second;
        self
    }

    /// The greatest target. See [`max`](Self::max).
    #[must_use]
    pub const fn with_max(mut self, bits_per_second: u64) -> Self {
        self.max = bits_per_second;
        self
    }

    /// Hold against others? See [`compete`](Self::compete).
    #[must_use]
    pub const fn with_compete(mut self, compete: bool) -> Self {
        self.compete = compete;
        self
    }

    /// Try higher rates? See [`probing`](Self::probing).
    #[must_use]
    pub const fn with_probing(mut self, probing: bool) -> Self {
        self.probing = probing;
        self
    }

    /// Ask for marks? See [`ecn`](Self::ecn).
    #[must_use]
    pub const fn with_ecn(mut self, ecn: bool) -> Self {
        self.ecn = ecn;
        self
    }

    /// Are all within their bounds?
    ///
    /// # Errors
    /// The first that is not.
    pub fn validate(&self) -> Result<(), OptionsError> {
        let unless = |right, field, value: &u64, range| {
            OptionsError::unless(right, "AdaptiveOptions", field, value, range)
        };
        let (start, min, max) = (self.start, self.min, self.max);
        unless((1_000..=1_000_000_000).contains(&min), "min", &min, "in 1000..=1000000000")?;
        unless((min..=10_000_000_000).contains(&max), "max", &max, "in min..=10000000000")?;
        unless((min..=max).contains(&start), "start", &start, "in min..=max")
    }
}
