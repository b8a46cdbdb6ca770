//! The report as a person reads it.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table};
use interceptor_inspect::{RtcpCounts, SpreadMs, StreamSummary, Summary};

use super::Inspection;
use super::csv::hex;
use super::report::advise;
use crate::table::{align_right, plain_table};

const ABSENT: &str = "–";

/// The streams of a capture: Wireshark's columns, then what it does not have, then problems.
#[must_use]
pub fn inspection_table(inspection: &Inspection) -> String {
    let Inspection { file, summary } = inspection;
    let Summary { link_type, packets, streams, problems, .. } = summary;
    let mut text =
        format!("{file}: {link_type}, {packets} packets, {} RTP {}\n", streams.len(), plural(streams.len()));
    if !streams.is_empty() {
        let _ = write!(text, "\n{}\n\n{}\n", wireshark(streams).trim_fmt(), beyond(streams).trim_fmt());
    }
    for problem in problems {
        let _ = write!(text, "\n{}: {}", problem.kind(), advise(problem));
    }
    if !problems.is_empty() {
        text.push('\n');
    }
    text
}

const fn plural(streams: usize) -> &'static str {
    if streams == 1 { "stream" } else { "streams" }
}

/// The columns of `tshark -z rtp,streams`.
fn wireshark(streams: &[StreamSummary]) -> Table {
    let heads = [
        "start s",
        "end s",
        "source",
        "destination",
        "SSRC",
        "payload",
        "packets",
        "lost",
        "min\ndelta ms",
        "mean\ndelta ms",
        "max\ndelta ms",
        "min\njitter ms",
        "mean\njitter ms",
        "max\njitter ms",
        "problems",
    ];
    let mut table = headed_table(&heads, &[2, 3, 4, 5, 14]);
    for stream in streams {
        let start = [number(stream.start_seconds, 6), number(stream.end_seconds, 6)];
        let names = [stream.src.to_string(), stream.dst.to_string(), hex(stream.ssrc), payload(stream)];
        let counts = [stream.packets.to_string(), format!("{} ({:.1}%)", stream.lost, stream.lost_pct)];
        let problems = if has_problems(stream) { "X" } else { "" };
        let cells = start.into_iter().chain(names).chain(counts);
        let cells = cells.chain(spread(stream.delta_ms)).chain(spread(stream.jitter_ms));
        table.add_row(cells.chain([problems.to_owned()]));
    }
    table
}

/// What Wireshark's table does not have.
fn beyond(streams: &[StreamSummary]) -> Table {
    let heads = [
        "SSRC",
        "destination",
        "duplicates",
        "reordered",
        "loss runs",
        "longest",
        "mean",
        "skew ms",
        "drift ppm",
        "repairs",
        "RTCP",
        "RTT ms",
    ];
    let mut table = headed_table(&heads, &[0, 1, 9, 10]);
    for stream in streams {
        let runs = &stream.loss_runs;
        table.add_row([
            hex(stream.ssrc),
            stream.dst.to_string(),
            stream.duplicates.to_string(),
            stream.reordered.to_string(),
            runs.count.to_string(),
            runs.longest.to_string(),
            format!("{:.1}", runs.mean()),
            number(stream.skew_ms, 3),
            number(stream.drift_ppm, 1),
            repairs(stream),
            rtcp(&stream.rtcp),
            number(stream.rtt_ms, 1),
        ]);
    }
    table
}

/// As Wireshark marks a stream: a sequence number was not the one expected.
fn has_problems(stream: &StreamSummary) -> bool {
    stream.lost != 0 || stream.duplicates > 0 || stream.reordered > 0
}

fn payload(stream: &StreamSummary) -> String {
    let numbers: Vec<String> = stream.payload_types.iter().map(u8::to_string).collect();
    let numbers = numbers.join(", ");
    let guess = if stream.clock_guessed { "?" } else { "" };
    match (&stream.codec, stream.clock_rate) {
        (Some(codec), Some(rate)) => format!("{numbers} {codec}/{rate}"),
        (_, Some(rate)) => format!("{numbers} /{rate}{guess}"),
        _ => numbers,
    }
}

fn spread(spread: Option<SpreadMs>) -> [String; 3] {
    let Some(SpreadMs { min, mean, max, .. }) = spread else { return [ABSENT; 3].map(str::to_owned) };
    [min, mean, max].map(|value| format!("{value:.3}"))
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| ABSENT.to_owned(), |value| format!("{value:.digits$}"))
}

fn repairs(stream: &StreamSummary) -> String {
    match (stream.rtx_of, stream.fec_of) {
        (Some(media), _) => format!("RTX of {}", hex(media)),
        (_, Some(media)) => format!("FEC of {}", hex(media)),
        _ => ABSENT.to_owned(),
    }
}

fn rtcp(counts: &RtcpCounts) -> String {
    let all = [
        ("SR", counts.sr),
        ("RR", counts.rr),
        ("NACK", counts.nack),
        ("PLI", counts.pli),
        ("FIR", counts.fir),
        ("TWCC", counts.twcc),
        ("REMB", counts.remb),
        ("XR", counts.xr),
        ("CCFB", counts.ccfb),
    ];
    let some: Vec<String> =
        all.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {name}")).collect();
    if some.is_empty() { ABSENT.to_owned() } else { some.join(" ") }
}

/// Numbers to the right, the columns in `left` to the left.
fn headed_table(heads: &[&str], left: &[usize]) -> Table {
    let mut table = plain_table();
    table.set_header(heads.iter().copied());
    align_right(&mut table, 0);
    for place in left {
        table
            .column_mut(*place)
            .into_iter()
            .for_each(|column| column.set_cell_alignment(CellAlignment::Left));
    }
    table
}
