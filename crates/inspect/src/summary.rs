//! From what was seen to what is reported.

use std::collections::{BTreeMap, BTreeSet};

use super::capture::{CaptureReader, DamageKind};
use super::flow::{FinishedStream, relative};
use super::frame::link_name;
use super::inspector::Inspector;
use super::report::{Inspection, LossRuns, Problem, StreamReport, hex};
use super::rtcp::Tally;
use super::{Endpoints, InspectOptions};

/// Ends all streams and puts the report together.
pub(super) fn summarise<R: std::io::Read>(
    file: &str,
    reader: &CaptureReader<R>,
    mut inspector: Inspector<'_>,
    options: &InspectOptions,
) -> Inspection {
    let mut problems = damage(reader);
    problems.extend(unseen(reader, &inspector));
    let mut streams = Vec::new();
    for flow in std::mem::take(&mut inspector.flows) {
        flow.finish(&mut streams);
    }
    streams.sort_by_key(|stream| (stream.figures.first, stream.endpoints, stream.ssrc));
    let tallies = tallies(&streams, &inspector);
    let streams: Vec<StreamReport> =
        streams.into_iter().zip(tallies).map(|(stream, tally)| report(stream, &tally, options)).collect();
    problems.extend(guesses(&streams));
    Inspection {
        file: file.to_owned(),
        link_type: link_type(reader),
        packets: reader.records(),
        damaged: problems.iter().any(|problem| problem.offset.is_some() || problem.kind == "link-type"),
        streams,
        problems,
    }
}

fn damage<R: std::io::Read>(reader: &CaptureReader<R>) -> Vec<Problem> {
    let problem = |damage: &super::capture::Damage| Problem {
        kind: match damage.kind {
            DamageKind::Truncated => "truncated",
            DamageKind::Damaged => "damaged",
            DamageKind::NotACapture => "not-a-capture",
            DamageKind::Unreadable => "unreadable",
        },
        offset: Some(damage.offset),
        message: damage.to_string(),
    };
    let mut problems: Vec<Problem> = reader.damage().iter().map(problem).collect();
    if reader.more_damage() > 0 {
        let message = format!("{} more damaged places", reader.more_damage());
        problems.push(Problem { kind: "damaged", offset: Some(reader.offset()), message });
    }
    problems
}

/// Which clock rates are guessed, once for each payload type.
fn guesses(streams: &[StreamReport]) -> impl Iterator<Item = Problem> {
    let guessed = streams.iter().filter(|stream| stream.clock_guessed);
    let guessed = guessed.filter_map(|stream| Some((stream.payload_type, stream.clock_rate?)));
    let rates: BTreeSet<(u8, u32)> = guessed.collect();
    rates.into_iter().map(|(number, rate)| {
        let message = format!(
            "the clock rate of payload type {number} is guessed to be {rate} Hz; say --pt {number}=CODEC/{rate} or --sdp FILE"
        );
        Problem { kind: "clock-guessed", offset: None, message }
    })
}

/// What was in the file and was not looked into.
fn unseen<R: std::io::Read>(reader: &CaptureReader<R>, inspector: &Inspector<'_>) -> Vec<Problem> {
    let seen = &inspector.seen;
    let unknown: Vec<u16> =
        reader.link_types().into_iter().filter(|link| link_name(*link).is_none()).collect();
    let undecided: u64 = inspector.flows.iter().map(|flow| flow.candidates.undecided()).sum();
    let refused: u64 = inspector.flows.iter().map(|flow| flow.refused).sum::<u64>() + seen.flows_refused;
    let problems = [
        (seen.unknown_link, "link-type", format!("frames of link type {unknown:?}, which is not understood")),
        (seen.fragments, "fragments", "fragments of IP packets, which are not put together".to_owned()),
        (seen.malformed, "malformed", "malformed datagrams among RTP".to_owned()),
        (inspector.rtcp.malformed, "malformed", "RTCP datagrams with malformed parts".to_owned()),
        (
            undecided,
            "undecided",
            "packets that look like RTP, but are too few to be sure; say --port".to_owned(),
        ),
        (refused, "limit", "packets of more streams than are told apart".to_owned()),
    ];
    let found = problems.into_iter().filter(|(count, _, _)| *count > 0);
    found
        .map(|(count, kind, what)| Problem { kind, offset: None, message: format!("{count} {what}") })
        .collect()
}

fn link_type<R: std::io::Read>(reader: &CaptureReader<R>) -> String {
    let names: Vec<String> = reader
        .link_types()
        .into_iter()
        .map(|link| link_name(link).map_or_else(|| format!("link type {link}"), str::to_owned))
        .collect();
    if names.is_empty() { reader.format().to_owned() } else { names.join(", ") }
}

/// What RTCP says about each stream, in their order.
fn tallies(streams: &[FinishedStream], inspector: &Inspector<'_>) -> Vec<Tally> {
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

fn report(stream: FinishedStream, tally: &Tally, options: &InspectOptions) -> StreamReport {
    let FinishedStream { endpoints, ssrc, figures, .. } = stream;
    let session = &options.session;
    let said =
        |groups: &[(u32, u32)]| groups.iter().find(|(_, other)| *other == ssrc).map(|(media, _)| *media);
    let rtx_of = said(&session.retransmissions).or(stream.rtx_of);
    let fec_of = said(&session.repairs).or(stream.fec_of).filter(|_| rtx_of.is_none());
    let clock = figures.clock;
    let percent = 100.0 * stream.lost as f64 / (figures.expected.max(1)) as f64;
    StreamReport {
        ssrc: hex(ssrc),
        src: endpoints.src.to_string(),
        dst: endpoints.dst.to_string(),
        payload_type: stream.payload_types.first().copied().unwrap_or_default(),
        payload_types: stream.payload_types,
        codec: stream.codec.map(|codec| codec.name),
        clock_rate: clock.as_ref().map(|clock| clock.rate),
        clock_guessed: clock.as_ref().is_some_and(|clock| clock.guessed),
        packets: stream.packets,
        lost: stream.lost,
        lost_pct: percent,
        duplicates: stream.duplicates,
        reordered: stream.reordered,
        loss_runs: LossRuns {
            count: figures.runs.count,
            longest: figures.runs.longest,
            packets: figures.runs.lost,
        },
        jitter_ms: clock.as_ref().and_then(|clock| clock.jitter),
        delta_ms: figures.delta,
        start: relative(figures.first),
        end: relative(figures.last),
        skew_ms: clock.as_ref().map(|clock| clock.skew_ms),
        drift_ppm: clock.as_ref().and_then(|clock| clock.drift_ppm),
        rtx_of: rtx_of.map(hex),
        fec_of: fec_of.map(hex),
        rtcp: tally.counts,
        rtt_ms: tally.rtt_ms(),
    }
}
