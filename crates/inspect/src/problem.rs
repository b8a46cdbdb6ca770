//! What a reader of the figures has to know: damage, and what was not looked into.

use std::time::Duration;

use super::capture::Damage;
use super::frame::Encapsulation;

/// Something that a reader of the figures has to know. [`Display`](std::fmt::Display) says it in a sentence for people.
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
    /// Datagrams of which only later fragments are in the capture were left out: without the first nobody knows what they
    /// were. Where the first is, it stands for the whole.
    Fragments {
        /// Their number.
        packets: u64,
    },
    /// The capture cut datagrams off before the end of an RTP header.
    CutOff {
        /// Their number; without streams, that of all frames cut off within their headers.
        datagrams: u64,
        /// The most bytes that any of these frames has: what the capture was limited to.
        snaplen: usize,
    },
    /// No stream was found; these frames carry packets that could not be looked into.
    Encapsulated {
        /// What they are.
        encapsulation: Encapsulation,
        /// Their number.
        frames: u64,
    },
    /// No stream was found on the [`ports`](crate::InspectOptions::ports) that the user named.
    PortUnused {
        /// The ports named.
        ports: Vec<u16>,
        /// The lowest destination ports, four at most, of what looks like RTP.
        elsewhere: Vec<u16>,
    },
    /// No stream was found, though there is RTSP over TCP.
    RtspWithoutRtp {
        /// The lowest ports of servers, eight at most.
        ports: Vec<u16>,
    },
    /// TCP segments were not looked into: there are more connections, or more bytes that wait for missing ones, than the
    /// options allow.
    TooMuchTcp {
        /// Their number.
        segments: u64,
    },
    /// No stream was found, and this is what there was.
    NoRtp {
        /// UDP datagrams.
        udp: u64,
        /// RTCP among them.
        rtcp: u64,
        /// TCP segments.
        tcp: u64,
        /// Other frames.
        other: u64,
        /// The UDP ports with the most datagrams, four at most.
        ports: Vec<u16>,
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
    /// The capture does not say when packets came, or not in a way that can be read: nothing that is made of times is said of
    /// their streams.
    UnknownTimes {
        /// Their number.
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
    /// A word for programs: `truncated`, `damaged`, `not-a-capture`, `unreadable`, `link-type`, `fragments`, `cut-off`,
    /// `encapsulated`, `port`, `rtsp`, `no-rtp`, `malformed`, `encrypted`, `undecided`, `limit`, `times`, `clock-guessed`,
    /// `timestamp-jumps`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Damage(damage) => damage.kind.as_str(),
            Self::MoreDamage { .. } => "damaged",
            Self::UnknownLinkType { .. } => "link-type",
            Self::Fragments { .. } => "fragments",
            Self::CutOff { .. } => "cut-off",
            Self::Encapsulated { .. } => "encapsulated",
            Self::PortUnused { .. } => "port",
            Self::RtspWithoutRtp { .. } => "rtsp",
            Self::NoRtp { .. } => "no-rtp",
            Self::MalformedRtp { .. } | Self::MalformedRtcp { .. } => "malformed",
            Self::EncryptedRtcp { .. } => "encrypted",
            Self::Undecided { .. } => "undecided",
            Self::TooManyStreams { .. } | Self::TooMuchTcp { .. } => "limit",
            Self::UnknownTimes { .. } => "times",
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
