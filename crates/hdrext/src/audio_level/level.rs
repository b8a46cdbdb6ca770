//! How loud something is.

use std::time::Instant;

/// How loud a stream is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Level {
    /// −dBov: 0 is the loudest, 127 silence; smoothed over some packets.
    pub smoothed: f32,
    /// The level of the newest packet, 0..=127.
    pub latest: u8,
    /// When a packet last came that its sender takes for speech. Senders that cannot tell say it of all packets, or of none.
    pub last_voice: Option<Instant>,
    /// When a packet last came with a level: one that sends nothing any more is silent, whatever it said last.
    pub last_packet: Instant,
    /// What the newest packet of a mixer says of each of its contributing sources.
    pub sources: Vec<SourceLevel>,
}

/// How loud a source is in a mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceLevel {
    /// The contributing source.
    pub ssrc: u32,
    /// −dBov: 0 is the loudest, 127 silence.
    pub level: u8,
}
