//! What is found: the figures of a capture and of each stream in it.

use std::net::SocketAddr;

use super::figures::SpreadMs;
use super::problem::Problem;
use super::rtcp::RtcpCounts;
#[cfg(feature = "serde")]
use super::serialize;

/// What a capture holds.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Summary {
    /// The link types of its frames, such as `Ethernet`, separated by commas; without frames the file's format
    /// (`rtpdump`, `pcapng`, `unknown`); empty when no file was read.
    pub link_type: String,
    /// Records in the file, whatever they hold, and packets that were given one by one.
    pub packets: u64,
    /// The RTP streams, in the order in which they begin.
    pub streams: Vec<StreamSummary>,
    /// What is wrong with the file, and what could not be looked into.
    pub problems: Vec<Problem>,
    /// The records that could be read are not all there were, or not all make sense: a problem
    /// [is damage](Problem::is_damage).
    #[cfg_attr(feature = "serde", serde(skip))]
    pub damaged: bool,
}

/// One RTP stream: a synchronisation source between two ports.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct StreamSummary {
    /// The SSRC. Serialised as `"0x11223344"`.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::ssrc"))]
    pub ssrc: u32,
    /// Address and port of the sender.
    pub src: SocketAddr,
    /// Address and port of the receiver.
    pub dst: SocketAddr,
    /// The payload type, 0..=127; the most frequent, if there are several.
    pub payload_type: u8,
    /// All payload types, the most frequent first.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub payload_types: Vec<u8>,
    /// The codec's name, when it is known.
    pub codec: Option<String>,
    /// Timestamp units a second, when they are known or could be guessed.
    pub clock_rate: Option<u32>,
    /// The rate was guessed from the stream's own timestamps.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub clock_guessed: bool,
    /// Packets received, duplicates and late ones included.
    pub packets: u64,
    /// Packets that were sent, by their sequence numbers (RFC 3550 A.3).
    #[cfg_attr(feature = "serde", serde(skip))]
    pub expected: u64,
    /// Packets expected less packets received (RFC 3550 A.3); negative when duplicates outnumber losses.
    pub lost: i64,
    /// `lost` in percent of the packets expected.
    pub lost_pct: f64,
    /// Packets whose number had come before.
    pub duplicates: u64,
    /// Packets that came behind a newer one.
    pub reordered: u64,
    /// Losses one after the other.
    pub loss_runs: LossRuns,
    /// Interarrival jitter (RFC 3550 §6.4.1), as it was after each packet; `None` without a clock rate.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::spread"))]
    pub jitter_ms: Option<SpreadMs>,
    /// Time from packet to packet; `None` for a single packet.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::spread"))]
    pub delta_ms: Option<SpreadMs>,
    /// The first packet, in seconds since the first record of the capture; `None`, as all that is made of times, where the
    /// capture does not say them. Serialised as `start`.
    #[cfg_attr(feature = "serde", serde(rename = "start"))]
    pub start_seconds: Option<f64>,
    /// The last packet, likewise. Serialised as `end`.
    #[cfg_attr(feature = "serde", serde(rename = "end"))]
    pub end_seconds: Option<f64>,
    /// The most that the timestamps ran ahead of (or, negative, behind) the capture's clock, since the first packet.
    pub skew_ms: Option<f64>,
    /// How much faster the sender's clock runs than the capture's, over the whole stream, in millionths.
    pub drift_ppm: Option<f64>,
    /// The SSRC that this stream retransmits (RFC 4588). Serialised as `ssrc` is.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::some_ssrc"))]
    pub rtx_of: Option<u32>,
    /// The SSRC that this stream repairs (FlexFEC). Serialised as `ssrc` is.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::some_ssrc"))]
    pub fec_of: Option<u32>,
    /// RTCP about this stream.
    pub rtcp: RtcpCounts,
    /// The mean round-trip time between the place of the capture and the stream's receiver, by sender and receiver
    /// reports (RFC 3550 §6.4.1).
    pub rtt_ms: Option<f64>,
}

/// Losses one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LossRuns {
    /// How many runs.
    pub count: u64,
    /// The most packets lost in a row.
    pub longest: u64,
    /// Packets lost in all runs.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub packets: u64,
}

impl LossRuns {
    /// Mean length; 0 without runs.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.packets as f64 / self.count as f64 }
    }
}
