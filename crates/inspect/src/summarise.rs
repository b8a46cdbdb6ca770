//! From what was seen to what is said.

use std::collections::{BTreeMap, BTreeSet};

use super::flow::{SeenStream, relative};
use super::inspector::Inspector;
use super::problem::Problem;
use super::rtcp::Tally;
use super::sdp::Session;
use super::summary::{LossRuns, StreamSummary, Summary};
use super::{Endpoints, InspectOptions};

impl Inspector {
    /// What there is to say of all that was taken in so far. May be asked for again and again.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut problems = self.reading.damage();
        problems.extend(unseen(self));
        let mut streams: Vec<SeenStream> = self.flows.iter().flat_map(super::flow::Flow::streams).collect();
        streams.sort_by_key(|stream| (stream.figures.first, stream.endpoints, stream.ssrc));
        problems.extend(self.unfound(&problems, streams.len()));
        let tallies = tallies(&streams, self);
        let InspectOptions { session, .. } = &self.options;
        let mut streams: Vec<StreamSummary> = streams
            .into_iter()
            .zip(tallies)
            .map(|(stream, tally)| stream_summary(stream, &tally, session))
            .collect();
        streams.iter_mut().for_each(|stream| self.untimed.strip(stream));
        problems.extend(self.untimed.problem());
        problems.extend(guesses(&streams));
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

/// What was in the capture and was not looked into.
fn unseen(inspector: &Inspector) -> impl Iterator<Item = Problem> {
    let unseen = &inspector.unseen;
    let undecided = inspector.flows.iter().map(|flow| flow.candidates.undecided()).sum();
    let refused = inspector.flows.iter().map(|flow| flow.refused).sum::<u64>() + unseen.flows_refused;
    let headless = inspector.fragments.headless();
    let links = inspector.reading.unknown_links();
    let problems = [
        (unseen.unknown_link, Problem::UnknownLinkType { frames: unseen.unknown_link, link_types: links }),
        (headless, Problem::Fragments { packets: headless }),
        (unseen.malformed, Problem::MalformedRtp { datagrams: unseen.malformed }),
        (inspector.rtcp.malformed, Problem::MalformedRtcp { datagrams: inspector.rtcp.malformed }),
        (undecided, Problem::Undecided { packets: undecided }),
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

fn stream_summary(stream: SeenStream, tally: &Tally, session: &Session) -> StreamSummary {
    let SeenStream { endpoints, ssrc, figures, .. } = stream;
    let said =
        |groups: &[(u32, u32)]| groups.iter().find(|(_, other)| *other == ssrc).map(|(media, _)| *media);
    let rtx_of = said(&session.retransmissions).or(stream.rtx_of);
    let fec_of = said(&session.repairs).or(stream.fec_of).filter(|_| rtx_of.is_none());
    let clock = figures.clock;
    StreamSummary {
        ssrc,
        src: endpoints.src,
        dst: endpoints.dst,
        payload_type: stream.payload_types.first().copied().unwrap_or_default(),
        payload_types: stream.payload_types,
        codec: stream.codec.map(|codec| codec.name),
        clock_rate: clock.as_ref().map(|clock| clock.rate),
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
        jitter_ms: clock.as_ref().and_then(|clock| clock.jitter),
        delta_ms: figures.delta,
        start_seconds: Some(relative(figures.first)),
        end_seconds: Some(relative(figures.last)),
        skew_ms: clock.as_ref().map(|clock| clock.skew_ms),
        drift_ppm: clock.as_ref().and_then(|clock| clock.drift_ppm),
        rtx_of,
        fec_of,
        rtcp: tally.counts,
        rtt_ms: tally.rtt_ms(),
    }
}
