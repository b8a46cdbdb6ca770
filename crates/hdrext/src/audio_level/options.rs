//! What can be set, its defaults and its bounds.

use interceptor_core::OptionsError;

/// Options of [`AudioLevelFactory`](crate::AudioLevelFactory); checked when that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AudioLevelOptions {
    /// Packets over which the level of a stream is smoothed, 1..=64. Default 8: 160 ms of packets of 20 ms.
    pub smoothing_packets: u8,
    /// Attach levels to what comes in? Default: no; it costs three allocations a packet, and [`Levels`](crate::Levels) has them in any case.
    pub attributes: bool,
}

impl Default for AudioLevelOptions {
    fn default() -> Self {
        Self { smoothing_packets: 8, attributes: false }
    }
}

impl AudioLevelOptions {
    /// Packets over which a level is smoothed. See [`smoothing_packets`](Self::smoothing_packets).
    #[must_use]
    pub const fn with_smoothing_packets(mut self, packets: u8) -> Self {
        self.smoothing_packets = packets;
        self
    }

    /// Attach levels to what comes in? See [`attributes`](Self::attributes).
    #[must_use]
    pub const fn with_attributes(mut self, attributes: bool) -> Self {
        self.attributes = attributes;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let packets = self.smoothing_packets;
        let right = (1..=64).contains(&packets);
        OptionsError::unless(right, "AudioLevelOptions", "smoothing_packets", packets, "in 1..=64")
    }
}
