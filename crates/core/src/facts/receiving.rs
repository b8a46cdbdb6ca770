//! Facts about what is received: when it has to be there, when it is played, what repaired it.

use std::time::Duration;

/// The delay that the sender of a remote stream wants its packets to be played with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlayoutBounds {
    /// The media SSRC of the remote stream.
    pub ssrc: u32,
    /// At least so long after the capture; zero both: as soon as possible.
    pub min: Duration,
    /// At most so long.
    pub max: Duration,
}

/// How long after its arrival a packet of a remote stream is still of use: what comes later need not be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlayoutDeadline {
    /// The media SSRC of the remote stream.
    pub ssrc: u32,
    /// From when a packet would have come in time.
    pub delay: Duration,
}

/// What a jitter buffer has done with a remote stream so far (the `jitterBuffer…` sums of W3C webrtc-stats).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Playout {
    /// The media SSRC of the remote stream.
    pub ssrc: u32,
    /// The time that emitted packets spent in the buffer, added up.
    pub delay_sum: Duration,
    /// The delay aimed at when each was emitted, added up.
    pub target_sum: Duration,
    /// The delay that jitter alone asked for, added up.
    pub minimum_sum: Duration,
    /// Packets emitted.
    pub emitted: u64,
    /// Packets that came too late, or did not fit.
    pub discarded: u64,
}

/// Repair packets of a remote stream so far (`fecPackets…` of W3C webrtc-stats).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FecStats {
    /// The media SSRC of the remote stream.
    pub ssrc: u32,
    /// Repair packets that came.
    pub received: u64,
    /// Of these, those that repaired nothing.
    pub discarded: u64,
}
