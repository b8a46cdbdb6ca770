//! What goes from one port to another, and the streams in it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Endpoints;
use super::candidates::Candidates;
use super::figures::{StreamFigures, StreamMeter};
use super::header::Header;
use super::payload_types::{Codec, PayloadTypes};
use super::related::{Clues, MAX_COMPARED, Recent};
use super::repair::fec::Waiting;
use super::repair::{Losses, Tally};

/// Packets may be this much older than the first of their capture.
const LEAD: Duration = Duration::from_secs(86_400);

/// No capture is longer than a thousand years.
const LONGEST: Duration = Duration::from_secs(1000 * 366 * 86_400);

/// One direction of traffic between two ports.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) endpoints: Endpoints,
    pub(super) candidates: Candidates,
    pub(super) streams: BTreeMap<u32, Stream>,
    /// Repair packets that wait for others.
    pub(super) waiting: Waiting,
    /// Packets of streams beyond the limit.
    pub(super) refused: u64,
}

/// What is known about a stream while it runs.
#[derive(Debug)]
pub(super) struct Stream {
    codec: Option<Codec>,
    /// How many packets of each payload type came.
    payload_types: Vec<(u8, u64)>,
    /// `None` in a flow with so many streams that they are not compared.
    pub(super) recent: Option<Recent>,
    pub(super) clues: Clues,
    pub(super) losses: Losses,
    /// Boxed: a map of streams has room for several in each of its nodes.
    meter: Box<StreamMeter>,
}

/// A stream as it stands.
#[derive(Debug)]
pub(super) struct SeenStream {
    pub(super) endpoints: Endpoints,
    pub(super) ssrc: u32,
    pub(super) codec: Option<Codec>,
    /// The most frequent first.
    pub(super) payload_types: Vec<u8>,
    pub(super) figures: StreamFigures,
    pub(super) rtx_of: Option<u32>,
    /// Those that most of its packets protect first.
    pub(super) fec_of: Vec<u32>,
    pub(super) tally: Tally,
}

impl Flow {
    pub(super) fn new(endpoints: Endpoints) -> Self {
        Self {
            endpoints,
            candidates: Candidates::default(),
            streams: BTreeMap::new(),
            waiting: Waiting::default(),
            refused: 0,
        }
    }

    /// Whether any stream has been recognised: then others are likely.
    pub(super) fn is_recognised(&self) -> bool {
        !self.streams.is_empty()
    }

    /// A stream begins with this packet.
    pub(super) fn begin(&mut self, header: &Header, types: &PayloadTypes) {
        let (src, dst) = (self.endpoints.src.port(), self.endpoints.dst.port());
        let codec = types.codec(src, dst, header.payload_type());
        let meter = Box::new(StreamMeter::new(codec.as_ref().map_or(0, |codec| codec.clock_rate)));
        let recent = (self.streams.len() < MAX_COMPARED).then(Recent::default);
        let stream = Stream {
            codec,
            payload_types: Vec::new(),
            recent,
            clues: Clues::default(),
            losses: Losses::default(),
            meter,
        };
        self.streams.insert(header.ssrc(), stream);
    }

    /// Takes in a packet if its stream has begun; `false`: it has not. `since` is what [`since_start`] gives.
    #[inline]
    pub(super) fn receive(&mut self, since: Duration, header: &Header, data: &[u8]) -> bool {
        let alone = self.streams.len() == 1;
        let Some(stream) = self.streams.get_mut(&header.ssrc()) else { return false };
        let arrival = stream.meter.receive(header, since);
        stream.losses.receive(arrival, header, since);
        if let Some(recent) = &mut stream.recent {
            recent.add(header.seq(), header.timestamp());
        }
        count(&mut stream.payload_types, header.payload_type());
        let is_telling = !alone && stream.clues.is_telling();
        if !self.waiting.is_empty() {
            self.came(header.ssrc(), header.seq(), since);
        }
        self.protect(header, data, since);
        if is_telling {
            self.compare(header, data, since);
        }
        true
    }

    /// The SSRCs of its streams.
    pub(super) fn ssrcs(&self) -> impl Iterator<Item = u32> + '_ {
        self.streams.keys().copied()
    }

    /// All streams as they stand, in the order of their SSRCs.
    pub(super) fn streams(&self) -> impl Iterator<Item = SeenStream> + '_ {
        self.streams.iter().map(|(ssrc, stream)| {
            let mut types = stream.payload_types.clone();
            types.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            SeenStream {
                endpoints: self.endpoints,
                ssrc: *ssrc,
                codec: stream.codec.clone(),
                payload_types: types.into_iter().map(|(number, _)| number).collect(),
                figures: stream.meter.figures(),
                rtx_of: stream.clues.retransmitted(),
                fec_of: stream.clues.repaired(),
                tally: stream.losses.tally(),
            }
        })
    }
}

/// The time since a day before the capture's first record: not all captures are in order of time.
/// Times beyond [`LONGEST`] are damage; they stay where clocks can count on.
pub(super) fn since_start(at: Duration, first: Duration) -> Duration {
    at.saturating_add(LEAD).saturating_sub(first).min(LONGEST)
}

/// The time since the capture's first record, in seconds; negative before it.
pub(super) fn relative(since: Duration) -> f64 {
    since.as_nanos() as i128 as f64 / 1e9 - LEAD.as_secs_f64()
}

#[inline]
fn count(counts: &mut Vec<(u8, u64)>, number: u8) {
    match counts.iter_mut().find(|(other, _)| *other == number) {
        Some((_, count)) => *count += 1,
        None => counts.push((number, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_beyond_all_clocks_stay_where_clocks_count() {
        let first = Duration::from_secs(1);
        assert_eq!(since_start(Duration::from_secs(3), first), LEAD + Duration::from_secs(2));
        assert_eq!(since_start(Duration::MAX, first), LONGEST);
        assert_eq!(since_start(first, Duration::MAX), Duration::ZERO);
    }
}
