//! How much a decoder keeps.

use std::time::Duration;

/// How much a [`Decoder`](super::Decoder) keeps. What is over goes, the oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecoderLimits {
    /// Numbers of each stream that packets are kept of, made a power of two, 64..=4096. Default 512: a second of 5 Mbit/s.
    pub packets: u16,
    /// Bytes of these packets of each stream. Default 1 MiB.
    pub packet_bytes: usize,
    /// Repairs that wait because they lack more than one packet. Default 64: what 2-D of 20 × 20 needs, and more than peers
    /// send a block.
    pub repairs: usize,
    /// Bytes of these. Default 96 KiB.
    pub repair_bytes: usize,
    /// For how long a repair waits. Default 1 s.
    pub wait: Duration,
}

impl Default for DecoderLimits {
    fn default() -> Self {
        Self {
            packets: 512,
            packet_bytes: 1 << 20,
            repairs: 64,
            repair_bytes: 96 << 10,
            wait: Duration::from_secs(1),
        }
    }
}

impl DecoderLimits {
    /// Numbers of each stream that packets are kept of.
    #[must_use]
    pub const fn with_packets(mut self, packets: u16) -> Self {
        self.packets = packets;
        self
    }

    /// Bytes of the packets that are kept of each stream.
    #[must_use]
    pub const fn with_packet_bytes(mut self, bytes: usize) -> Self {
        self.packet_bytes = bytes;
        self
    }

    /// Repairs that wait.
    #[must_use]
    pub const fn with_repairs(mut self, repairs: usize) -> Self {
        self.repairs = repairs;
        self
    }

    /// Bytes of the repairs that wait.
    #[must_use]
    pub const fn with_repair_bytes(mut self, bytes: usize) -> Self {
        self.repair_bytes = bytes;
        self
    }

    /// For how long a repair waits.
    #[must_use]
    pub const fn with_wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }
}
