//! What goes from one port to another, and the streams in it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Endpoints;
use super::candidates::Candidates;
use super::figures::{StreamFigures, StreamMeter};
use super::header::Header;
use super::payload_types::PayloadTypes;
use super::related::{Clues, MAX_COMPARED, Recent};
use super::repair::{Losses, Tally, fec};
use super::summary::FecFormat;

/// Packets may be this much older than the first of their capture.
const LEAD: Duration = Duration::from_secs(86_400);

/// No capture is longer than a thousand years.
const LONGEST: Duration = Duration::from_secs(1000 * 366 * 86_400);

/// One direction of traffic between two ports.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) endpoints: Endpoints,
    pub(super) candidates: Candidates,
    /// Boxed: the map has room for several in each of its nodes.
    pub(super) streams: BTreeMap<u32, Box<Stream>>,
    /// The SSRCs of those that are compared with others, in order: of a flow with very many streams those that began first.
    pub(super) compared: Vec<u32>,
    /// Repair packets that wait for others.
    pub(super) waiting: fec::Waiting,
}

/// What is known about a stream while it runs.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// `None` in a flow with so many streams that they are not compared.
    pub(super) recent: Option<Recent>,
    pub(super) clues: Clues,
    pub(super) losses: Losses,
    pub(super) meter: StreamMeter,
    /// Repair packets are among its own.
    pub(super) has_ulpfec: bool,
}

/// A stream as it stands.
#[derive(Debug)]
pub(super) struct SeenStream {
    pub(super) endpoints: Endpoints,
    pub(super) ssrc: u32,
    pub(super) figures: StreamFigures,
    pub(super) rtx_of: Option<u32>,
    /// Those that most of its packets protect first.
    pub(super) fec_of: Vec<u32>,
    pub(super) flexfec: Option<FecFormat>,
    pub(super) has_ulpfec: bool,
    pub(super) tally: Tally,
}

impl Flow {
    pub(super) fn new(endpoints: Endpoints) -> Self {
        Self {
            endpoints,
            candidates: Candidates::default(),
            streams: BTreeMap::new(),
            compared: Vec::new(),
            waiting: fec::Waiting::default(),
        }
    }

    /// Whether any stream has been recognised: then others are likely.
    pub(super) fn is_recognised(&self) -> bool {
        !self.streams.is_empty()
    }

    /// A stream begins: its first packet comes next.
    pub(super) fn begin(&mut self, ssrc: u32) {
        let recent = (self.compared.len() < MAX_COMPARED).then(Recent::default);
        if recent.is_some()
            && let Err(place) = self.compared.binary_search(&ssrc)
        {
            self.compared.insert(place, ssrc);
        }
        let stream = Stream { recent, ..Stream::default() };
        self.streams.insert(ssrc, Box::new(stream));
    }

    /// Whether a packet has the payload type and the next numbers of a stream that has begun.
    pub(super) fn continues(&self, header: &Header) -> bool {
        self.streams.get(&header.ssrc()).is_some_and(|stream| stream.meter.continues(header))
    }

    /// Takes in a packet if its stream has begun; `false`: it has not. `since` is what [`since_start`] gives.
    #[inline]
    pub(super) fn receive(
        &mut self,
        since: Duration,
        header: &Header,
        data: &[u8],
        types: &PayloadTypes,
    ) -> bool {
        let alone = self.streams.len() == 1;
        let Some(stream) = self.streams.get_mut(&header.ssrc()) else { return false };
        let Endpoints { src, dst } = self.endpoints;
        let codec = |number| types.codec(src.port(), dst.port(), number);
        let arrival = stream.meter.receive(header, since, codec);
        stream.losses.receive(arrival, header, since);
        if let Some(recent) = &mut stream.recent {
            recent.add(header.seq(), header.timestamp());
        }
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
    pub(super) fn streams<'a>(&'a self, types: &'a PayloadTypes) -> impl Iterator<Item = SeenStream> + 'a {
        let Endpoints { src, dst } = self.endpoints;
        let codec = move |number| types.codec(src.port(), dst.port(), number);
        self.streams.iter().map(move |(ssrc, stream)| SeenStream {
            endpoints: self.endpoints,
            ssrc: *ssrc,
            figures: stream.meter.figures(codec),
            rtx_of: stream.clues.retransmitted(),
            fec_of: stream.clues.repaired(),
            flexfec: stream.clues.format(),
            has_ulpfec: stream.has_ulpfec,
            tally: stream.losses.tally(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounded_number_of_streams_is_compared() {
        let ends = Endpoints::new(([10, 0, 0, 1], 1).into(), ([10, 0, 0, 2], 2).into());
        let mut flow = Flow::new(ends);
        (0..1000).rev().for_each(|ssrc| flow.begin(ssrc));
        assert!(flow.compared.iter().copied().eq(1000 - MAX_COMPARED as u32..1000));
        let recent = flow.streams.values().filter(|stream| stream.recent.is_some());
        assert_eq!(recent.count(), MAX_COMPARED);
    }

    #[test]
    fn times_beyond_all_clocks_stay_where_clocks_count() {
        let first = Duration::from_secs(1);
        assert_eq!(since_start(Duration::from_secs(3), first), LEAD + Duration::from_secs(2));
        assert_eq!(since_start(Duration::MAX, first), LONGEST);
        assert_eq!(since_start(first, Duration::MAX), Duration::ZERO);
    }
}
