//! What is found: the figures of a capture and of each stream in it.

use std::net::SocketAddr;

use super::figures::SpreadMs;
use super::problem::Problem;
use super::repair::RecoveryMs;
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
    /// The payload type, 0..=127; the most frequent, if there are several. Comfort noise and telephone events, which come in
    /// the pauses of others, count only where there is nothing else.
    pub payload_type: u8,
    /// All payload types, in the same order.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub payload_types: Vec<u8>,
    /// The name of that payload type's codec, when it is known.
    pub codec: Option<String>,
    /// Its timestamp units a second, when they are known or could be guessed.
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
    /// Packets whose number had come before: they were sent again as they were, or captured twice.
    pub duplicates: u64,
    /// Packets that came behind a newer one.
    pub reordered: u64,
    /// Losses one after the other.
    pub loss_runs: LossRuns,
    /// What became of the packets that did not come when they were first sent. `None` for streams that repair others.
    pub repair: Option<Repair>,
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
    /// How much faster the sender's clock runs than the capture's, over the whole stream, in millionths; `None` for less
    /// than a minute, of which nobody could tell.
    pub drift_ppm: Option<f64>,
    /// The standard error of `drift_ppm`, in millionths: two of three drifts are off by less, nineteen of twenty by less
    /// than twice as much.
    pub drift_error_ppm: Option<f64>,
    /// Steps of the timestamps that no clock makes. Jitter, skew and drift go on behind them as if they had not been.
    pub timestamp_jumps: TimestampJumps,
    /// The SSRC that this stream retransmits (RFC 4588). Serialised as `ssrc` is.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::some_ssrc"))]
    pub rtx_of: Option<u32>,
    /// The SSRC that this stream repairs (FlexFEC). Serialised as `ssrc` is.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::some_ssrc"))]
    pub fec_of: Option<u32>,
    /// How the repair packets are written that this stream is made of, or that are among its own (ULPFEC in RED). Serialised as
    /// session descriptions name it.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::fec"))]
    pub fec: Option<FecFormat>,
    /// RTCP about this stream.
    pub rtcp: RtcpCounts,
    /// The mean round-trip time between the place of the capture and the stream's receiver, by sender and receiver
    /// reports (RFC 3550 §6.4.1).
    pub rtt_ms: Option<f64>,
}

/// How repair packets are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FecFormat {
    /// FlexFEC as draft 03 of its RFC has it, and browsers send it.
    FlexFec03,
    /// FlexFEC as RFC 8627 has it.
    FlexFec,
    /// RFC 5109, inside RED (RFC 2198).
    UlpFec,
}

impl FecFormat {
    /// As session descriptions name it: `flexfec-03`, `flexfec`, `ulpfec`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FlexFec03 => "flexfec-03",
            Self::FlexFec => "flexfec",
            Self::UlpFec => "ulpfec",
        }
    }
}

/// Steps of a stream's timestamps that are 5 s and more off the time that passed, or 1 s and more where the timestamps stood
/// still while packets came: the sender's clock was set, or stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TimestampJumps {
    /// How many; there and back are two.
    pub count: u64,
    /// The largest, less the time that passed meanwhile, in ms; whichever its sign.
    pub largest_ms: f64,
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

impl StreamSummary {
    /// Packets that never came back ([`Repair::missing`]) in percent of those expected; 0 for streams that repair others.
    #[must_use]
    pub fn unrepaired_pct(&self) -> f64 {
        let missing = self.repair.map_or(0, |repair| repair.missing);
        100.0 * missing as f64 / self.expected.max(1) as f64
    }
}

/// What became of the packets of a stream that did not come when they were first sent.
///
/// `lost` = `by_rtx` + `by_fec` + `by_repeat` + `missing`, always. Packets that came late by another way through the
/// network count as neither lost nor repeated; `docs/inspect.md` says how they are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Repair {
    /// Packets of this stream that did not come when they were first sent. Nothing is known of those before the first that
    /// came; of those behind the last, what other streams say.
    pub lost: u64,
    /// Of these, those that came back in a retransmission stream (RFC 4588).
    pub by_rtx: u64,
    /// Of these, those that a receiver can recover from repair packets (FlexFEC, or ULPFEC in RED), if it understands them.
    pub by_fec: u64,
    /// Of these, those that came back because they were sent again as they were.
    pub by_repeat: u64,
    /// Of these, those that never came back.
    pub missing: u64,
    /// Copies of packets that were there already, in the stream itself or in its retransmission stream.
    pub repeats: u64,
    /// From when a loss showed, with the first newer packet, to when the packet was back; `None` when none came back.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize::recovery"))]
    pub recovery_ms: Option<RecoveryMs>,
}
