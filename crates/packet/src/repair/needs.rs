//! What a stream needs of repair, and what may be used for it.

use std::time::Duration;

/// How a receiver makes packets of repair packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FecDecoder {
    /// One after the other, each from a repair packet that lacks no other (libwebrtc, GStreamer).
    Peeling,
    /// By elimination as well, from all repair packets at once (ours).
    Elimination,
}

/// What a stream needs of repair, and what may be used for it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RepairNeeds {
    /// For how long after it would have come a packet is of use: what the receiver waits.
    pub deadline: Duration,
    /// Packets of the stream in a second.
    pub packets_per_second: f64,
    /// Packets that leave together, as those of a frame do. Default 1: they leave evenly.
    pub frame_packets: f64,
    /// May be asked for what is missing? Default: yes.
    pub nack: bool,
    /// May repair packets be sent, and who reads them? Default: none.
    pub fec: Option<FecDecoder>,
    /// The part of the packets that may stay lost. Default 0.001: one packet in a thousand, at 150 a second a gap every seven seconds.
    pub residual: f64,
    /// What repair may take beside the media at most, as a part of these. Default 0.5 (libwebrtc's `kMaxProtectionOverhead` as well).
    pub max_overhead: f64,
}

impl RepairNeeds {
    /// What a stream of this deadline and rate needs.
    #[must_use]
    pub const fn new(deadline: Duration, packets_per_second: f64) -> Self {
        Self {
            deadline,
            packets_per_second,
            frame_packets: 1.0,
            nack: true,
            fec: None,
            residual: 0.001,
            max_overhead: 0.5,
        }
    }

    /// Packets that leave together. See [`frame_packets`](Self::frame_packets).
    #[must_use]
    pub const fn with_frame_packets(mut self, frame_packets: f64) -> Self {
        self.frame_packets = frame_packets;
        self
    }

    /// May be asked? See [`nack`](Self::nack).
    #[must_use]
    pub const fn with_nack(mut self, nack: bool) -> Self {
        self.nack = nack;
        self
    }

    /// May repair packets be sent? See [`fec`](Self::fec).
    #[must_use]
    pub const fn with_fec(mut self, decoder: FecDecoder) -> Self {
        self.fec = Some(decoder);
        self
    }

    /// What may stay lost. See [`residual`](Self::residual).
    #[must_use]
    pub const fn with_residual(mut self, residual: f64) -> Self {
        self.residual = residual;
        self
    }

    /// What repair may take. See [`max_overhead`](Self::max_overhead).
    #[must_use]
    pub const fn with_max_overhead(mut self, max_overhead: f64) -> Self {
        self.max_overhead = max_overhead;
        self
    }
}
