//! What a path loses, and how long it takes.

use std::time::Duration;

/// What a path loses of a stream before anything is repaired, and its round trip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossyPath {
    /// The part of the packets that is lost, 0 to 1. Best the largest of the last ten seconds (libwebrtc's `kMaxFilter`): what is repaired too late is lost.
    pub loss: f64,
    /// The mean length of a run of lost packets; what is shorter than runs of independent losses, 1 / (1 − loss), counts as that.
    pub burst_packets: f64,
    /// The mean time that such a run lasts. Zero: as the stream's packets are apart.
    pub burst_duration: Duration,
    /// The round-trip time.
    pub rtt: Duration,
}

impl LossyPath {
    /// Each packet is lost with the same probability, whatever happened to those before.
    #[must_use]
    pub const fn random(loss: f64, rtt: Duration) -> Self {
        Self { loss, burst_packets: 1.0, burst_duration: Duration::ZERO, rtt }
    }

    /// Packets are lost in runs of this mean length.
    #[must_use]
    pub const fn bursts(loss: f64, burst_packets: f64, burst_duration: Duration, rtt: Duration) -> Self {
        Self { loss, burst_packets, burst_duration, rtt }
    }

    /// From integers: lost packets in a million, and the mean length of a run in 256ths of a packet.
    #[must_use]
    pub fn from_ppm(loss_ppm: u32, burst_packets_q8: u32, burst_duration: Duration, rtt: Duration) -> Self {
        Self::bursts(f64::from(loss_ppm) / 1e6, f64::from(burst_packets_q8) / 256.0, burst_duration, rtt)
    }
}
