//! Facts about what may be sent, and what is.

use std::time::Duration;

use interceptor_packet::Ecn;

/// What the congestion controller allows to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetBitrate {
    /// Bits per second, everything on the wire counted.
    pub bits_per_second: u64,
    /// The part of it that lasts: for choices that are dear to take back, such as layers.
    pub stable: u64,
}

/// One local stream's share of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamTarget {
    /// The media SSRC of the local stream.
    pub ssrc: u32,
    /// Bits per second of media, without headers, retransmissions and FEC.
    pub bits_per_second: u64,
    /// There is not enough for it: it should send nothing.
    pub paused: bool,
}

/// How the pacer is to let packets go, published by congestion control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pacing {
    /// The pace in bits per second.
    pub bits_per_second: u64,
    /// Padding that may be sent where media does not fill it, in bits per second.
    pub padding: u64,
    /// How long the pace may be run ahead of.
    pub burst: Duration,
    /// The most bytes that may be on the way, if the controller has a window.
    pub window: Option<u32>,
    /// The bytes that are on the way.
    pub in_flight: u32,
    /// The mark that packets leave with.
    pub ect: Option<Ecn>,
}

/// A cluster of packets by which congestion control wants to learn whether a higher rate passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Comes back in `PacketInfo::probe` of the cluster's packets.
    pub id: u8,
    /// The rate to send them at, in bits per second.
    pub rate: u64,
    /// The cluster's least size in bytes.
    pub min_bytes: u32,
    /// The cluster's least number of packets.
    pub min_packets: u16,
    /// The least time between two departures. Where packets would have to leave closer to one another, several leave together.
    pub min_gap: Duration,
}

/// The pacer has room that media does not fill: whoever can, sends padding, at best packets that may be missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaddingWanted {
    /// So many bytes.
    pub bytes: u32,
    /// The probe that they are part of.
    pub probe: Option<u8>,
}

/// What protecting a local stream takes beside its media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtectionOverhead {
    /// The media SSRC of the local stream.
    pub ssrc: u32,
    /// Bits per second of repair packets.
    pub bits_per_second: u64,
}

/// Packets of a local stream were dropped before the wire: nobody should send them again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abandoned {
    /// The media SSRC of the local stream.
    pub ssrc: u32,
    /// The sequence number of the first.
    pub first: u16,
    /// How many, with this one, in a row.
    pub count: u16,
}
