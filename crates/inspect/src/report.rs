//! What `--json` prints: the figures of a capture and of each stream in it.

use serde::{Serialize, Serializer};

use super::figures::SpreadMs;
use super::rtcp::RtcpCounts;

/// What a capture holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// The file's name; `-` for standard input.
    pub file: String,
    /// The link types of its frames; `rtpdump` for files without frames.
    pub link_type: String,
    /// Records in the file, whatever they hold.
    pub packets: u64,
    /// The RTP streams, in the order in which they begin.
    pub streams: Vec<StreamReport>,
    /// What is wrong with the file, and what could not be looked into.
    pub problems: Vec<Problem>,
    /// The records that could be read are not all there were, or not all make sense.
    #[serde(skip)]
    pub damaged: bool,
}

/// One RTP stream: a synchronisation source between two ports.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StreamReport {
    /// The SSRC, as `0x11223344`.
    pub ssrc: String,
    /// Address and port of the sender.
    pub src: String,
    /// Address and port of the receiver.
    pub dst: String,
    /// The payload type; the most frequent, if there are several.
    pub payload_type: u8,
    /// All payload types, the most frequent first.
    #[serde(skip)]
    pub payload_types: Vec<u8>,
    /// The codec, when it is known.
    pub codec: Option<String>,
    /// Timestamp units a second, when they are known or could be guessed.
    pub clock_rate: Option<u32>,
    /// The rate was guessed from the stream's own timestamps.
    #[serde(skip)]
    pub clock_guessed: bool,
    /// Packets received, duplicates and late ones included.
    pub packets: u64,
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
    #[serde(serialize_with = "spread")]
    pub jitter_ms: Option<SpreadMs>,
    /// Time from packet to packet; `None` for a single packet.
    #[serde(serialize_with = "spread")]
    pub delta_ms: Option<SpreadMs>,
    /// The first packet, in seconds since the first record of the capture.
    pub start: f64,
    /// The last packet, likewise.
    pub end: f64,
    /// The most that the timestamps ran ahead of (or, negative, behind) the capture's clock, since the first packet.
    pub skew_ms: Option<f64>,
    /// How much faster the sender's clock runs than the capture's, over the whole stream.
    pub drift_ppm: Option<f64>,
    /// The SSRC that this stream retransmits.
    pub rtx_of: Option<String>,
    /// The SSRC that this stream repairs.
    pub fec_of: Option<String>,
    /// RTCP about this stream.
    pub rtcp: RtcpCounts,
    /// The mean round-trip time between the place of the capture and the stream's receiver.
    pub rtt_ms: Option<f64>,
}

/// Losses one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LossRuns {
    /// How many runs.
    pub count: u64,
    /// The most packets lost in a row.
    pub longest: u64,
    /// Packets lost in all runs.
    #[serde(skip)]
    pub packets: u64,
}

impl LossRuns {
    /// Mean length; 0 without runs.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.packets as f64 / self.count as f64 }
    }
}

/// Something that a reader of the figures has to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A word for programs: `truncated`, `damaged`, `not-a-capture`, `unreadable`, `link-type`, `fragments`, `malformed`,
    /// `undecided`, `clock-guessed`, `limit`.
    pub kind: &'static str,
    /// Bytes from the start of the file, where there is such a place.
    pub offset: Option<u64>,
    /// A sentence for people.
    pub message: String,
}

/// `0x11223344`.
pub(super) fn hex(ssrc: u32) -> String {
    format!("{ssrc:#010x}")
}

/// Always an object with the same fields, so that programs need not look twice.
#[expect(clippy::ref_option, reason = "serde asks for this signature")]
fn spread<S: Serializer>(spread: &Option<SpreadMs>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Fields {
        min: Option<f64>,
        mean: Option<f64>,
        max: Option<f64>,
    }
    let spread = spread.as_ref();
    let [min, mean, max] =
        [spread.map(|spread| spread.min), spread.map(|spread| spread.mean), spread.map(|spread| spread.max)];
    Fields { min, mean, max }.serialize(serializer)
}
