//! The page with plots of a capture.

mod figures;
mod file;
mod streams;

use interceptor_inspect::StreamSummary;
use maud::{Markup, html};

pub use self::file::PageError;
pub(super) use self::file::PageFile;
use super::report::advise;
use super::timeline::Timeline;
use super::{Inspection, State};
use crate::page::{document, notes, tile};

/// Streams of a file that have plots; the others are in its table.
const MAX_PLOTTED: usize = 24;

/// A page about files that were inspected, each with the course of its streams where it was read: one file with style and
/// plots inside, no script, nothing loaded from elsewhere.
pub(super) fn inspect_html(files: &[(Inspection, Option<Timeline>)]) -> String {
    let title = match files {
        [(only, _)] => only.file.clone(),
        several => format!("{} captures", several.len()),
    };
    let body = html! {
        @for (inspection, timeline) in files { (capture(inspection, timeline.as_ref())) }
        (notes(&TERMS))
    };
    document(&format!("rtptap inspect: {title}"), &body)
}

fn capture(inspection: &Inspection, timeline: Option<&Timeline>) -> Markup {
    let Inspection { file, summary, .. } = inspection;
    let mut plotted: Vec<&StreamSummary> = summary.streams.iter().collect();
    plotted.sort_by_key(|stream| std::cmp::Reverse(stream.packets));
    plotted.truncate(MAX_PLOTTED);
    // One time for all plots, so that they can be compared.
    let end = summary.streams.iter().filter_map(|stream| stream.end_seconds).fold(0.0, f64::max);
    let without = summary.streams.len() - plotted.len();
    html! {
        header.capture {
            h1 { (file) }
            p.lead { (describe(inspection)) }
        }
        (tiles(&summary.streams))
        @if !summary.streams.is_empty() { (streams::table(&summary.streams)) }
        @if !summary.problems.is_empty() {
            section {
                h2 { "What to know about this capture" }
                ul.problems {
                    @for problem in &summary.problems {
                        li class=[problem.is_damage().then_some("bad")] { b { (problem.kind()) } ": " (advise(problem)) }
                    }
                }
            }
        }
        @if let Some(timeline) = timeline {
            @for stream in plotted { (figures::stream(stream, timeline, end)) }
        }
        @if without > 0 {
            p.note { "No plots of " (without) " more streams: those with the most packets are shown." }
        }
    }
}

fn describe(inspection: &Inspection) -> String {
    let summary = &inspection.summary;
    let found =
        format!("{}, {} packets, {} RTP streams", summary.link_type, summary.packets, summary.streams.len());
    match &inspection.state {
        State::Failed(reason) => reason.clone(),
        State::Unread => "Not read, a signal came first.".to_owned(),
        State::Interrupted => format!("{found}, until interrupted"),
        State::Complete | State::Reading(_) => found,
    }
}

/// The media streams in short.
fn tiles(streams: &[StreamSummary]) -> Markup {
    let media: Vec<&StreamSummary> =
        streams.iter().filter(|s| s.rtx_of.is_none() && s.fec_of.is_none()).collect();
    if media.is_empty() {
        return html! {};
    }
    let sum = |of: fn(&StreamSummary) -> u64| media.iter().map(|s| of(s)).fold(0, u64::saturating_add);
    let expected = sum(|s| s.expected);
    let percent = |count: u64| format!("{:.2} %", 100.0 * count as f64 / expected.max(1) as f64);
    let (lost, missing) = (sum(streams::lost), sum(streams::never_came));
    let jitter = media.iter().filter_map(|s| s.jitter_ms).map(|jitter| jitter.max).reduce(f64::max);
    let jitter = jitter.map_or_else(|| "–".to_owned(), |jitter| format!("{jitter:.1} ms"));
    html! {
        section.tiles aria-label="In short" {
            (tile("", "Media packets expected", &expected.to_string(), &format!("in {} streams", media.len())))
            (tile("", "Lost on the path", &percent(lost), &format!("{lost} packets")))
            (tile(if missing > 0 { "off" } else { "on" }, "Never came back", &percent(missing), &format!("{missing} packets")))
            (tile("", "Most jitter", &jitter, "of any stream at any time"))
        }
    }
}

const TERMS: [(&str, &str); 6] = [
    (
        "lost on the path",
        "The packet did not come when it was first sent. In plots, at the time when that showed.",
    ),
    (
        "never came back",
        "Lost, and neither sent again, nor to be had from repair packets, by the end of the capture.",
    ),
    (
        "bit rate",
        "RTP packets with their headers, without UDP and IP; retransmissions and FEC are streams of their own.",
    ),
    (
        "delay",
        "How much longer packets were under way than the fastest one, by their timestamps. It rises and falls with queues; a steady slope is a clock that drifts.",
    ),
    ("jitter", "Interarrival jitter of RFC 3550 §6.4.1; in plots the most of each step."),
    ("round-trip time", "Between the place of the capture and the receiver, by RTCP reports."),
];
