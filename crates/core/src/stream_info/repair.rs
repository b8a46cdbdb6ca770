//! What repairs a stream: retransmissions, forward error correction, redundant audio.

use std::time::Duration;

/// The retransmission stream of a media stream (RFC 4588, SSRC-multiplexed).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtxInfo {
    /// The SSRC that retransmissions travel on.
    pub ssrc: u32,
    /// Which payload type retransmits which (`a=fmtp:97 apt=96`); RED streams have a pair more. Empty when unknown: then
    /// every payload type on the SSRC is a retransmission, of the type that media came with last.
    pub payload_types: Vec<RtxPayloadType>,
}

/// One `apt` pair: retransmissions of `media` travel as `rtx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtxPayloadType {
    /// The payload type of the retransmission.
    pub rtx: u8,
    /// The payload type of the original.
    pub media: u8,
}

/// The forward error correction of a media stream.
///
/// ```
/// use std::time::Duration;
/// use interceptor_core::{FecInfo, FecScheme};
/// let flexfec = FecInfo::new(FecScheme::FlexFec03, 49).with_ssrc(0x99aa_bbcc).with_repair_window(Duration::from_secs(10));
/// assert_eq!(flexfec.ssrc, Some(0x99aa_bbcc));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FecInfo {
    /// How repair packets are made.
    pub scheme: FecScheme,
    /// The SSRC that repair packets travel on. `None`: the media's own, as ULPFEC does inside RED. Several streams of one
    /// direction may name one FEC SSRC: its packets then repair all of them.
    pub ssrc: Option<u32>,
    /// Their payload type, 0..=127.
    pub payload_type: u8,
    /// How long a repair packet may come after what it protects (`repair-window` of RFC 8627). Zero when unknown.
    pub repair_window: Duration,
}

/// How repair packets are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FecScheme {
    /// `flexfec-03`, as browsers speak it.
    FlexFec03,
    /// `flexfec`, RFC 8627.
    FlexFec,
    /// `ulpfec`, RFC 5109, inside RED.
    UlpFec,
    /// SMPTE ST 2022-1, as broadcasters send MPEG transport streams: rows and columns on ports of their own (media's plus 2
    /// and plus 4). No SDP names it.
    St2022_1,
}

impl FecInfo {
    /// Repair packets of this scheme and payload type, on the media's own SSRC.
    #[must_use]
    pub const fn new(scheme: FecScheme, payload_type: u8) -> Self {
        Self { scheme, ssrc: None, payload_type, repair_window: Duration::ZERO }
    }

    /// Repair packets travel on this SSRC.
    #[must_use]
    pub const fn with_ssrc(mut self, ssrc: u32) -> Self {
        self.ssrc = Some(ssrc);
        self
    }

    /// How long a repair packet may come after what it protects.
    #[must_use]
    pub const fn with_repair_window(mut self, window: Duration) -> Self {
        self.repair_window = window;
        self
    }
}

/// The redundant encoding of a stream (RED, RFC 2198).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedInfo {
    /// The payload type of the redundant packets, 0..=127.
    pub payload_type: u8,
    /// The payload type of what they carry, 0..=127.
    pub primary: u8,
    /// How many older payloads each packet repeats when we send; what we receive says for itself.
    pub levels: u8,
}

impl RedInfo {
    /// Packets of `payload_type` that carry `primary`, each with one older payload: what browsers send.
    #[must_use]
    pub const fn new(payload_type: u8, primary: u8) -> Self {
        Self { payload_type, primary, levels: 1 }
    }

    /// How many older payloads each packet repeats.
    #[must_use]
    pub const fn with_levels(mut self, levels: u8) -> Self {
        self.levels = levels;
        self
    }
}
