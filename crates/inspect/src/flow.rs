//! What goes from one port to another: a chain, and the streams in it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use interceptor_core::{Chain, ChainConfig, Registry, StreamInfo};
use interceptor_packet::NtpTime;
use interceptor_stats::StreamEnded;

use super::Endpoints;
use super::candidates::Candidates;
use super::figures::StreamFigures;
use super::header::Header;
use super::payload_types::{Codec, PayloadTypes};
use super::related::{Clue, Clues, MAX_COMPARED, Recent};

/// Packets may be this much older than the first of their capture.
const LEAD: Duration = Duration::from_secs(86_400);

/// No capture is longer than a thousand years.
const LONGEST: Duration = Duration::from_secs(1000 * 366 * 86_400);

/// One direction of traffic between two ports.
pub(super) struct Flow {
    pub(super) endpoints: Endpoints,
    start: Instant,
    pub(super) candidates: Candidates,
    chain: Option<Chain>,
    streams: BTreeMap<u32, Stream>,
    /// Packets of streams beyond the chain's limit.
    pub(super) refused: u64,
}

/// What is known about a stream besides what its chain counts.
struct Stream {
    codec: Option<Codec>,
    /// How many packets of each payload type came.
    payload_types: Vec<(u8, u64)>,
    /// `None` in a flow with so many streams that they are not compared.
    recent: Option<Recent>,
    clues: Clues,
}

/// A stream at the end of the capture.
pub(super) struct FinishedStream {
    pub(super) endpoints: Endpoints,
    pub(super) ssrc: u32,
    pub(super) codec: Option<Codec>,
    /// The most frequent first.
    pub(super) payload_types: Vec<u8>,
    pub(super) packets: u64,
    pub(super) lost: i64,
    pub(super) duplicates: u64,
    pub(super) reordered: u64,
    pub(super) figures: StreamFigures,
    pub(super) rtx_of: Option<u32>,
    pub(super) fec_of: Option<u32>,
}

impl Flow {
    pub(super) fn new(endpoints: Endpoints, start: Instant) -> Self {
        Self {
            endpoints,
            start,
            candidates: Candidates::default(),
            chain: None,
            streams: BTreeMap::new(),
            refused: 0,
        }
    }

    /// Whether a stream of this SSRC has been recognised.
    #[inline]
    pub(super) fn has(&self, ssrc: u32) -> bool {
        self.streams.contains_key(&ssrc)
    }

    /// Whether any stream has been recognised: then others are likely.
    pub(super) fn is_recognised(&self) -> bool {
        !self.streams.is_empty()
    }

    /// A stream begins with this packet. `false`: it cannot.
    pub(super) fn begin(&mut self, header: &Header, types: &PayloadTypes, registry: &Registry) -> bool {
        let ssrc = header.ssrc();
        let (src, dst) = (self.endpoints.src.port(), self.endpoints.dst.port());
        let number = header.payload_type();
        let codec = types.codec(src, dst, number);
        let rate = codec.as_ref().map_or(0, |codec| codec.clock_rate);
        let start = self.start;
        if self.chain.is_none() {
            let id = format!("{}-{}", self.endpoints.src, self.endpoints.dst);
            let config = ChainConfig::new(id, start, NtpTime::default(), 0);
            self.chain = registry.build(config).ok();
        }
        let Some(chain) = &mut self.chain else { return false };
        if chain.bind_remote(StreamInfo::new(ssrc, number, rate), start).is_err() {
            return false;
        }
        let recent = (self.streams.len() < MAX_COMPARED).then(Recent::default);
        let stream = Stream { codec, payload_types: Vec::new(), recent, clues: Clues::default() };
        self.streams.insert(ssrc, stream);
        true
    }

    /// A packet of a stream that has begun. `since` is the time since the first packet of the capture, plus a day.
    #[inline]
    pub(super) fn receive(&mut self, since: Duration, header: &Header, data: &[u8]) {
        let ssrc = header.ssrc();
        let alone = self.streams.len() == 1;
        let (Some(chain), Some(stream)) = (&mut self.chain, self.streams.get_mut(&ssrc)) else {
            self.refused += 1;
            return;
        };
        let mut packet = header.packet();
        let now = self.start.checked_add(since).unwrap_or(self.start);
        packet.info_mut().arrival = Some(now);
        // Nothing in this chain keeps packets.
        let _ = chain.read_rtp_in_place(&mut packet, now);
        if let Some(recent) = &mut stream.recent {
            recent.add(header.seq(), header.timestamp());
        }
        count(&mut stream.payload_types, header.payload_type());
        if !alone && stream.clues.is_open() {
            self.compare(header, data);
        }
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

    /// Ends all streams.
    pub(super) fn finish(self, into: &mut Vec<FinishedStream>) {
        let Self { endpoints, start, mut chain, streams, .. } = self;
        let Some(chain) = &mut chain else { return };
        for (ssrc, stream) in streams {
            if chain.unbind_remote(ssrc, start).is_err() {
                continue;
            }
            let (mut counts, mut figures) = (None, None);
            while let Some(event) = chain.poll_event() {
                counts =
                    event.raised::<StreamEnded>().and_then(|end| end.stats.inbound_rtp.clone()).or(counts);
                figures = event.raised::<StreamFigures>().cloned().or(figures);
            }
            let (Some(counts), Some(figures)) = (counts, figures) else { continue };
            let mut types = stream.payload_types;
            types.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            into.push(FinishedStream {
                endpoints,
                ssrc,
                codec: stream.codec,
                payload_types: types.into_iter().map(|(number, _)| number).collect(),
                packets: counts.packets_received,
                lost: counts.packets_lost,
                duplicates: counts.packets_duplicated,
                reordered: counts.packets_reordered,
                figures,
                rtx_of: stream.clues.retransmitted(),
                fec_of: stream.clues.repaired(),
            });
        }
    }
}

/// The instant of a chain's start is a day before the capture's first packet: not all captures are in order of time.
/// Times beyond [`LONGEST`] are damage; they stay where clocks can count on.
pub(super) fn since_start(at: Duration, first: Duration) -> Duration {
    at.saturating_add(LEAD).saturating_sub(first).min(LONGEST)
}

/// The time since the capture's first packet, in seconds; negative before it.
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
