//! From what was seen to what is said.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use super::Endpoints;
use super::flow::{SeenStream, relative};
use super::flows::LeftOut;
use super::inspector::Inspector;
use super::problem::Problem;
use super::repair::Relation;
use super::rtcp::Tally;
use super::sdp::Session;
use super::summary::{FecFormat, LossRuns, Repair, StreamSummary, Summary, TimestampJumps};

impl Inspector {
    /// What there is to say of all that was taken in so far. May be asked for again and again.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut problems = self.reading.damage();
        problems.extend(unseen(self));
        let mut streams: Vec<SeenStream> =
            self.flows.iter().flat_map(|flow| flow.streams(&self.types)).collect();
        streams.sort_by_key(|stream| (stream.figures.first, stream.endpoints, stream.ssrc));
        problems.extend(self.unfound(&problems, streams.len()));
        let tallies = tallies(&streams, self);
        let relations = Relations::new(&mut streams, &self.options.session);
        let mut streams: Vec<StreamSummary> = streams
            .into_iter()
            .zip(tallies)
            .map(|(stream, tally)| stream_summary(stream, &tally, &relations))
            .collect();
        streams.iter_mut().for_each(|stream| self.untimed.strip(stream));
        problems.extend(self.untimed.problem());
        problems.extend(guesses(&streams));
        problems.extend(streams.iter().filter_map(jumps));
        Summary {
            link_type: self.reading.link_type(),
            packets: self.reading.records,
            damaged: problems.iter().any(Problem::is_damage),
            streams,
            problems,
        }
    }
}

impl Inspector {
    /// Why there are no streams, or not all, beside what `known` says.
    fn unfound(&self, known: &[Problem], streams: usize) -> Vec<Problem> {
        if streams > 0 {
            return self.traffic.among_streams().into_iter().chain(self.interleaved.problem()).collect();
        }
        let mut reasons = self.traffic.reasons(&self.options.ports);
        reasons.extend(self.interleaved.problem());
        reasons.extend(self.interleaved.without_rtp());
        if known.is_empty() && reasons.is_empty() {
            reasons.extend(self.traffic.described());
        }
        reasons
    }
}

/// Which clock rates are guessed, once for each payload type.
fn guesses(streams: &[StreamSummary]) -> impl Iterator<Item = Problem> {
    let guessed = streams.iter().filter(|stream| stream.clock_guessed);
    let guessed = guessed.filter_map(|stream| Some((stream.payload_type, stream.clock_rate?)));
    let rates: BTreeSet<(u8, u32)> = guessed.collect();
    rates.into_iter().map(|(payload_type, clock_rate)| Problem::ClockGuessed { payload_type, clock_rate })
}

/// How often a stream's timestamps jump. Those of repair streams are those of what they repair, in any order.
fn jumps(stream: &StreamSummary) -> Option<Problem> {
    let TimestampJumps { count, largest_ms } = stream.timestamp_jumps;
    let is_media = stream.rtx_of.is_none() && stream.fec_of.is_none();
    let largest = Duration::from_secs_f64(largest_ms / 1000.0);
    (count > 0 && is_media).then_some(Problem::TimestampJumps { ssrc: stream.ssrc, count, largest })
}

/// What was in the capture and was not looked into.
fn unseen(inspector: &Inspector) -> impl Iterator<Item = Problem> {
    let unseen = &inspector.unseen;
    let LeftOut { undecided, forgotten, malformed, refused } = inspector.flows.left_out();
    let (encrypted, malformed_rtcp) = (inspector.rtcp.encrypted(), inspector.rtcp.malformed());
    let headless = inspector.fragments.headless();
    let links = inspector.reading.unknown_links();
    let problems = [
        (unseen.unknown_link, Problem::UnknownLinkType { frames: unseen.unknown_link, link_types: links }),
        (headless, Problem::Fragments { packets: headless }),
        (malformed, Problem::MalformedRtp { datagrams: malformed }),
        (malformed_rtcp, Problem::MalformedRtcp { datagrams: malformed_rtcp }),
        (encrypted, Problem::EncryptedRtcp { datagrams: encrypted }),
        (undecided, Problem::Undecided { packets: undecided, forgotten }),
        (refused, Problem::TooManyStreams { packets: refused }),
    ];
    problems.into_iter().filter(|(count, _)| *count > 0).map(|(_, problem)| problem)
}

/// What RTCP says about each stream, in their order.
fn tallies(streams: &[SeenStream], inspector: &Inspector) -> Vec<Tally> {
    let mut by_ssrc: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, stream) in streams.iter().enumerate() {
        by_ssrc.entry(stream.ssrc).or_default().push(place);
    }
    let mut result = vec![Tally::default(); streams.len()];
    for (ssrc, places) in by_ssrc {
        let endpoints: Vec<Endpoints> =
            places.iter().filter_map(|place| streams.get(*place)).map(|stream| stream.endpoints).collect();
        for (place, tally) in places.into_iter().zip(inspector.rtcp.about(ssrc, &endpoints)) {
            if let Some(slot) = result.get_mut(place) {
                *slot = tally;
            }
        }
    }
    result
}

/// What streams are to each other: where from and where to, SSRC of the stream that repairs, SSRC of the one repaired.
struct Relations(BTreeMap<(IpAddr, IpAddr, u32, u32), Relation>);

impl Relations {
    /// What the description says of the streams counts for more than what was found.
    fn new(streams: &mut [SeenStream], session: &Session) -> Self {
        let mut relations = BTreeMap::new();
        for SeenStream { endpoints, ssrc, rtx_of, fec_of, .. } in streams {
            let said = |groups: &[(u32, u32)]| {
                groups.iter().find(|(_, other)| other == ssrc).map(|(media, _)| *media)
            };
            *rtx_of = said(&session.retransmissions).or(*rtx_of);
            if let Some(media) = said(&session.repairs) {
                *fec_of = vec![media];
            }
            if rtx_of.is_some() {
                fec_of.clear();
            }
            let Endpoints { src, dst } = endpoints;
            let retransmits = rtx_of.iter().map(|media| (media, Relation::Retransmits));
            let protects = fec_of.iter().map(|media| (media, Relation::Protects));
            let all = retransmits.chain(protects);
            relations.extend(all.map(|(media, relation)| ((src.ip(), dst.ip(), *ssrc, *media), relation)));
        }
        Self(relations)
    }

    /// What became of a stream's losses; `None` for one that repairs others.
    fn repair(&self, stream: &SeenStream) -> Option<Repair> {
        let Endpoints { src, dst } = stream.endpoints;
        let relation = |other| match self.0.get(&(src.ip(), dst.ip(), other, stream.ssrc)) {
            // ULPFEC in RED is in the stream that it protects.
            None if other == stream.ssrc => Some(Relation::Protects),
            relation => relation.copied(),
        };
        let is_media = stream.rtx_of.is_none() && stream.fec_of.is_empty();
        is_media.then(|| stream.tally.figures(relation))
    }
}

fn stream_summary(stream: SeenStream, tally: &Tally, relations: &Relations) -> StreamSummary {
    let repair = relations.repair(&stream);
    let SeenStream { endpoints, ssrc, figures, rtx_of, .. } = stream;
    let fec_of = stream.fec_of.first().copied();
    let ulpfec = stream.has_ulpfec.then_some(FecFormat::UlpFec);
    let fec = stream.flexfec.filter(|_| fec_of.is_some()).or(ulpfec);
    let (codec, clock) = (figures.codec, figures.clock);
    let drift = clock.as_ref().and_then(|clock| clock.drift);
    let jumps = clock.as_ref().map(|clock| clock.jumps).unwrap_or_default();
    StreamSummary {
        ssrc,
        src: endpoints.src,
        dst: endpoints.dst,
        payload_type: figures.payload_types.first().copied().unwrap_or_default(),
        payload_types: figures.payload_types,
        clock_rate: clock.as_ref().map(|clock| clock.rate).or(codec.as_ref().map(|codec| codec.clock_rate)),
        codec: codec.map(|codec| codec.name),
        clock_guessed: clock.as_ref().is_some_and(|clock| clock.guessed),
        packets: figures.packets,
        expected: figures.expected,
        lost: figures.lost,
        lost_pct: 100.0 * figures.lost as f64 / (figures.expected.max(1)) as f64,
        duplicates: figures.duplicates,
        reordered: figures.reordered,
        loss_runs: LossRuns {
            count: figures.runs.count,
            longest: figures.runs.longest,
            packets: figures.runs.lost,
        },
        repair,
        jitter_ms: clock.as_ref().and_then(|clock| clock.jitter),
        delta_ms: figures.delta,
        start_seconds: Some(relative(figures.first)),
        end_seconds: Some(relative(figures.last)),
        skew_ms: clock.as_ref().map(|clock| clock.skew_ms),
        drift_ppm: drift.map(|drift| drift.value),
        drift_error_ppm: drift.map(|drift| drift.error),
        timestamp_jumps: TimestampJumps { count: jumps.count, largest_ms: jumps.largest_ms },
        rtx_of,
        fec_of,
        fec,
        rtcp: tally.counts,
        rtt_ms: tally.rtt_ms(),
    }
}
