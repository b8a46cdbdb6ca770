//! What a reader of the figures has to know: damage, and what was not looked into.

use std::fmt;
use std::time::Duration;

use super::capture::Damage;

/// Something that a reader of the figures has to know. [`Display`](fmt::Display) says it in a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// A place of the file is damaged.
    Damage(Damage),
    /// So many more places are damaged than are described.
    MoreDamage {
        /// Their number.
        places: u64,
        /// Where reading ended, in bytes from the start of the file.
        offset: u64,
    },
    /// Frames of link types that are not understood were left out.
    UnknownLinkType {
        /// Their number.
        frames: u64,
        /// Their link types (<https://www.tcpdump.org/linktypes.html>).
        link_types: Vec<u16>,
    },
    /// Fragments of IP packets were left out.
    Fragments {
        /// Their number.
        packets: u64,
    },
    /// Malformed datagrams among RTP were left out.
    MalformedRtp {
        /// Their number.
        datagrams: u64,
    },
    /// Malformed parts of RTCP datagrams were left out.
    MalformedRtcp {
        /// The number of datagrams with such parts.
        datagrams: u64,
    },
    /// RTCP datagrams are encrypted (SRTCP, RFC 3711): who sent a report is known, what it says is not.
    EncryptedRtcp {
        /// Their number.
        datagrams: u64,
    },
    /// Packets look like RTP, but are too few of one SSRC to be sure. A port among the
    /// [`ports`](crate::InspectOptions::ports) makes one sure.
    Undecided {
        /// Their number.
        packets: u64,
        /// As many of them were forgotten before they could be told, because more waited for that than the
        /// [options](crate::InspectOptions::max_waiting_packets) allow.
        forgotten: u64,
    },
    /// There are more streams or flows than the options allow.
    TooManyStreams {
        /// The packets that were left out.
        packets: u64,
    },
    /// Nobody says what a payload type means: its clock rate is guessed from the timestamps.
    ClockGuessed {
        /// 0..=127.
        payload_type: u8,
        /// Timestamp units a second.
        clock_rate: u32,
    },
    /// The timestamps of a stream make steps that no clock makes
    /// ([`timestamp_jumps`](crate::StreamSummary::timestamp_jumps)).
    TimestampJumps {
        /// The stream's SSRC.
        ssrc: u32,
        /// How many; there and back are two.
        count: u64,
        /// The largest, less the time that passed meanwhile, whichever its sign.
        largest: Duration,
    },
}

impl Problem {
    /// A word for programs: `truncated`, `damaged`, `not-a-capture`, `unreadable`, `link-type`, `fragments`, `malformed`,
    /// `encrypted`, `undecided`, `limit`, `clock-guessed`, `timestamp-jumps`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Damage(damage) => damage.kind.as_str(),
            Self::MoreDamage { .. } => "damaged",
            Self::UnknownLinkType { .. } => "link-type",
            Self::Fragments { .. } => "fragments",
            Self::MalformedRtp { .. } | Self::MalformedRtcp { .. } => "malformed",
            Self::EncryptedRtcp { .. } => "encrypted",
            Self::Undecided { .. } => "undecided",
            Self::TooManyStreams { .. } => "limit",
            Self::ClockGuessed { .. } => "clock-guessed",
            Self::TimestampJumps { .. } => "timestamp-jumps",
        }
    }

    /// Bytes from the start of the file, where there is such a place.
    #[must_use]
    pub const fn offset(&self) -> Option<u64> {
        match self {
            Self::Damage(Damage { offset, .. }) | Self::MoreDamage { offset, .. } => Some(*offset),
            _ => None,
        }
    }

    /// Records are missing, or make no sense: the figures are of a part of the capture only.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Damage(_) | Self::MoreDamage { .. } | Self::UnknownLinkType { .. })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damage(damage) => damage.fmt(f),
            Self::MoreDamage { places, .. } => write!(f, "{places} more damaged places"),
            Self::UnknownLinkType { frames, link_types } => {
                write!(f, "{frames} frames of link type {link_types:?}, which is not understood")
            }
            Self::Fragments { packets } => {
                write!(f, "{packets} fragments of IP packets, which are not put together")
            }
            Self::MalformedRtp { datagrams } => write!(f, "{datagrams} malformed datagrams among RTP"),
            Self::MalformedRtcp { datagrams } => {
                write!(f, "{datagrams} RTCP datagrams with malformed parts")
            }
            Self::EncryptedRtcp { datagrams } => {
                write!(f, "{datagrams} RTCP datagrams are encrypted (SRTCP)")
            }
            Self::Undecided { packets, forgotten: 0 } => {
                write!(f, "{packets} packets that look like RTP, but are too few to be sure")
            }
            Self::Undecided { packets, forgotten } => write!(
                f,
                "{packets} packets that may be RTP: {forgotten} of them were too many to wait until that is sure"
            ),
            Self::TooManyStreams { packets } => {
                write!(f, "{packets} packets of more streams than are told apart")
            }
            Self::ClockGuessed { payload_type, clock_rate } => {
                write!(f, "the clock rate of payload type {payload_type} is guessed to be {clock_rate} Hz")
            }
            Self::TimestampJumps { ssrc, count: 1, largest } => {
                write!(f, "the timestamps of {ssrc:#010x} jump once, by {:.1} s", largest.as_secs_f64())
            }
            Self::TimestampJumps { ssrc, count, largest } => {
                let seconds = largest.as_secs_f64();
                write!(f, "the timestamps of {ssrc:#010x} jump {count} times, by up to {seconds:.1} s")
            }
        }
    }
}
