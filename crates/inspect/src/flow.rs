//! What goes from one port to another, and the streams in it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Endpoints;
use super::candidates::Candidates;
use super::figures::{StreamFigures, StreamMeter};
use super::header::Header;
use super::payload_types::PayloadTypes;
use super::related::{Clue, Clues, MAX_COMPARED, Recent};

/// Packets may be this much older than the first of their capture.
const LEAD: Duration = Duration::from_secs(86_400);

/// No capture is longer than a thousand years.
const LONGEST: Duration = Duration::from_secs(1000 * 366 * 86_400);

/// One direction of traffic between two ports.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) endpoints: Endpoints,
    pub(super) candidates: Candidates,
    streams: BTreeMap<u32, Stream>,
}

/// What is known about a stream while it runs.
#[derive(Debug)]
struct Stream {
    /// `None` in a flow with so many streams that they are not compared.
    recent: Option<Recent>,
    clues: Clues,
    /// Boxed: a map of streams has room for several in each of its nodes.
    meter: Box<StreamMeter>,
}

/// A stream as it stands.
#[derive(Debug)]
pub(super) struct SeenStream {
    pub(super) endpoints: Endpoints,
    pub(super) ssrc: u32,
    pub(super) figures: StreamFigures,
    pub(super) rtx_of: Option<u32>,
    pub(super) fec_of: Option<u32>,
}

impl Flow {
    pub(super) fn new(endpoints: Endpoints) -> Self {
        Self { endpoints, candidates: Candidates::default(), streams: BTreeMap::new() }
    }

    /// Whether any stream has been recognised: then others are likely.
    pub(super) fn is_recognised(&self) -> bool {
        !self.streams.is_empty()
    }

    /// A stream begins: its first packet comes next.
    pub(super) fn begin(&mut self, ssrc: u32) {
        let recent = (self.streams.len() < MAX_COMPARED).then(Recent::default);
        let stream = Stream { recent, clues: Clues::default(), meter: Box::default() };
        self.streams.insert(ssrc, stream);
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
        stream.meter.receive(header, since, |number| types.codec(src.port(), dst.port(), number));
        if let Some(recent) = &mut stream.recent {
            recent.add(header.seq(), header.timestamp());
        }
        if !alone && stream.clues.is_open() {
            self.compare(header, data);
        }
        true
    }

    #[cold]
    fn compare(&mut self, header: &Header, data: &[u8]) {
        let ssrc = header.ssrc();
        let Some(stream) = self.streams.get_mut(&ssrc) else { return };
        let mut clues = std::mem::take(&mut stream.clues);
        let payload = data.get(header.len()..).unwrap_or_default();
        let clue = Clue { timestamp: header.timestamp(), csrc: header.csrc(), payload };
        let others = self.streams.iter().filter(|(other, _)| **other != ssrc);
        let others = others.filter_map(|(other, stream)| Some((*other, stream.recent.as_ref()?)));
        clues.compare(&clue, others.take(MAX_COMPARED));
        if let Some(stream) = self.streams.get_mut(&ssrc) {
            stream.clues = clues;
        }
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
    fn times_beyond_all_clocks_stay_where_clocks_count() {
        let first = Duration::from_secs(1);
        assert_eq!(since_start(Duration::from_secs(3), first), LEAD + Duration::from_secs(2));
        assert_eq!(since_start(Duration::MAX, first), LONGEST);
        assert_eq!(since_start(first, Duration::MAX), Duration::ZERO);
    }
}
