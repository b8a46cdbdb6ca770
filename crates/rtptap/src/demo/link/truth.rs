//! What really happened on the link, datagram by datagram.

use std::collections::BTreeMap;
use std::time::Duration;

/// Which way a datagram crosses the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the first endpoint to the second.
    AToB = 0,
    /// From the second endpoint to the first.
    BToA = 1,
}

impl Direction {
    /// Both, in order.
    pub const BOTH: [Self; 2] = [Self::AToB, Self::BToA];
}

/// What a datagram is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// First copy of a media packet.
    Media {
        /// The stream.
        ssrc: u32,
        /// Sequence number, unwrapped: the stream's first packet has its own 16-bit number.
        sequence: i64,
    },
    /// A later copy of a media packet, as it is or in RFC 4588 form.
    Retransmission {
        /// The *media* stream.
        ssrc: u32,
        /// Sequence number of the original, unwrapped as for [`What::Media`].
        sequence: i64,
        /// 1 for the first retransmission that reached the link.
        copy: u32,
    },
    /// An RTCP compound.
    Rtcp,
    /// Anything else.
    Other,
}

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Lost, as the seed decided.
    Lost,
    /// Dropped because a queue was full: that of the bottleneck, or of the delay. Depends on timing, and happens at the demo's
    /// rates only with a bottleneck.
    QueueFull,
    /// Sent on.
    Forwarded {
        /// When it is due at the other side, since the start.
        at: Duration,
    },
}

impl Fate {
    /// Whether the datagram did not get through.
    #[must_use]
    pub fn is_loss(self) -> bool {
        !matches!(self, Self::Forwarded { .. })
    }
}

/// One line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TruthEntry {
    /// When the datagram reached the link, since the start.
    pub at: Duration,
    /// Which way it went.
    pub direction: Direction,
    /// What it is.
    pub what: What,
    /// UDP payload size in bytes.
    pub bytes: usize,
    /// How long it waits in the bottleneck's queue; nothing where there is none, and for what found it full.
    pub queued: Duration,
    /// What became of it.
    pub fate: Fate,
}

/// Sums over one media stream and its retransmissions, in datagrams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowTruth {
    /// Media packets that reached the link for the first time.
    pub offered: u64,
    /// How many of these did not get through.
    pub lost: u64,
    /// Later copies that reached the link.
    pub retransmissions_offered: u64,
    /// How many of these did not get through.
    pub retransmissions_lost: u64,
}

/// Everything that reached the link, in the order in which it did.
///
/// Grows by one entry (under 100 bytes) a datagram; the demo's length bounds it.
#[derive(Clone, Debug, Default)]
pub struct TruthLog {
    entries: Vec<TruthEntry>,
    flows: BTreeMap<(Direction, u32), FlowTruth>,
    rtcp: [FlowTruth; 2],
}

impl TruthLog {
    /// Every datagram, in order of arrival at the link.
    #[must_use]
    pub fn entries(&self) -> &[TruthEntry] {
        &self.entries
    }

    /// Sums of a media stream; zeros for one never seen.
    #[must_use]
    pub fn flow(&self, direction: Direction, ssrc: u32) -> FlowTruth {
        self.flows.get(&(direction, ssrc)).copied().unwrap_or_default()
    }

    /// RTCP datagrams offered and lost in a direction; the retransmission fields stay 0.
    #[must_use]
    pub fn rtcp(&self, direction: Direction) -> FlowTruth {
        match direction {
            Direction::AToB => self.rtcp[0],
            Direction::BToA => self.rtcp[1],
        }
    }

    /// First copies of a stream's packets: sequence number, when it reached the link, whether it was lost there.
    pub fn media(&self, direction: Direction, ssrc: u32) -> impl Iterator<Item = (i64, Duration, bool)> {
        self.entries.iter().filter(move |entry| entry.direction == direction).filter_map(move |entry| {
            let What::Media { ssrc: of, sequence } = entry.what else { return None };
            (of == ssrc).then_some((sequence, entry.at, entry.fate.is_loss()))
        })
    }

    pub(super) fn record(&mut self, entry: TruthEntry) {
        let lost = u64::from(entry.fate.is_loss());
        match entry.what {
            What::Media { ssrc, .. } => {
                let flow = self.flows.entry((entry.direction, ssrc)).or_default();
                flow.offered += 1;
                flow.lost += lost;
            }
            What::Retransmission { ssrc, .. } => {
                let flow = self.flows.entry((entry.direction, ssrc)).or_default();
                flow.retransmissions_offered += 1;
                flow.retransmissions_lost += lost;
            }
            What::Rtcp => {
                let [a_to_b, b_to_a] = &mut self.rtcp;
                let flow = if entry.direction == Direction::AToB { a_to_b } else { b_to_a };
                flow.offered += 1;
                flow.lost += lost;
            }
            What::Other => {}
        }
        self.entries.push(entry);
    }
}
