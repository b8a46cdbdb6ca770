//! All columns: those of Wireshark's RTP streams, then what it does not have.

use comfy_table::{CellAlignment, Table};
use interceptor_inspect::{FecFormat, RtcpCounts, SpreadMs, StreamSummary};

use super::printable;
use super::words::never_came;
pub(super) use crate::inspect::csv::hex;
use crate::table::{align_right, plain_table};

const ABSENT: &str = "–";

/// Two tables, held apart by an empty line.
pub(super) fn tables(streams: &[StreamSummary]) -> Vec<String> {
    let both = [wireshark(streams).trim_fmt(), String::new(), beyond(streams).trim_fmt()];
    both.iter()
        .flat_map(|table| if table.is_empty() { vec![""] } else { table.lines().collect() })
        .map(str::to_owned)
        .collect()
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
        let counts = [stream.packets.to_string(), lost(stream)];
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
        "repair",
        "back after\nms (p50/p95)",
        "RTCP",
        "RTT ms",
    ];
    let mut table = headed_table(&heads, &[0, 1, 9, 11]);
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
            drift(stream),
            text(repairs(stream)),
            recovery(stream),
            text(rtcp(&stream.rtcp)),
            number(stream.rtt_ms, 1),
        ]);
    }
    table
}

/// With its standard error.
fn drift(stream: &StreamSummary) -> String {
    match (stream.drift_ppm, stream.drift_error_ppm) {
        (Some(drift), Some(error)) => format!("{drift:.1} ±{error:.1}"),
        (drift, _) => number(drift, 1),
    }
}

/// RFC 3550's figure, which copies make too low: below zero it says nothing but that there are copies.
fn lost(stream: &StreamSummary) -> String {
    match (stream.lost, stream.duplicates) {
        (..0, 0) => "0 (0.0%)".to_owned(),
        (..0, repeats) => format!("{repeats} repeats"),
        (lost, _) => format!("{lost} ({:.1}%)", stream.lost_pct),
    }
}

/// As Wireshark marks a stream: a sequence number was not the one expected.
fn has_problems(stream: &StreamSummary) -> bool {
    stream.lost != 0 || stream.duplicates > 0 || stream.reordered > 0
}

pub(super) fn payload(stream: &StreamSummary) -> String {
    let numbers: Vec<String> = stream.payload_types.iter().map(u8::to_string).collect();
    let numbers = numbers.join(", ");
    let guess = if stream.clock_guessed { "?" } else { "" };
    match (&stream.codec, stream.clock_rate) {
        (Some(codec), Some(rate)) => format!("{numbers} {}/{rate}{guess}", printable(codec)),
        (Some(codec), None) => format!("{numbers} {}", printable(codec)),
        (None, Some(rate)) => format!("{numbers} /{rate}{guess}"),
        (None, None) => numbers,
    }
}

fn spread(spread: Option<SpreadMs>) -> [String; 3] {
    let Some(SpreadMs { min, mean, max, .. }) = spread else { return [ABSENT; 3].map(str::to_owned) };
    [min, mean, max].map(|value| format!("{value:.3}"))
}

fn text(text: String) -> String {
    if text.is_empty() { ABSENT.to_owned() } else { text }
}

fn recovery(stream: &StreamSummary) -> String {
    let times = stream.repair.and_then(|repair| repair.recovery_ms);
    times.map_or_else(|| ABSENT.to_owned(), |times| format!("{:.1}/{:.1}", times.p50, times.p95))
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| ABSENT.to_owned(), |value| format!("{value:.digits$}"))
}

/// What a stream repairs, or how it was repaired itself; empty where there was nothing to repair.
pub(super) fn repairs(stream: &StreamSummary) -> String {
    match (stream.rtx_of, stream.fec_of, stream.repair) {
        (Some(media), _, _) => format!("RTX of {media:08x}"),
        (_, Some(media), _) => format!("{} of {media:08x}", fec(stream)),
        (_, _, Some(repair)) => {
            let all = [
                (repair.by_rtx, "RTX"),
                (repair.by_fec, fec(stream)),
                (repair.by_repeat, "repeated"),
                (never_came(stream), "missing"),
            ];
            let some = all.iter().filter(|(count, _)| *count > 0).map(|(count, by)| format!("{count} {by}"));
            some.collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

/// How people call what its repair packets are; of media that has none among its own, what all have in common.
const fn fec(stream: &StreamSummary) -> &'static str {
    match stream.fec {
        Some(FecFormat::FlexFec03) => "FlexFEC-03",
        Some(FecFormat::FlexFec) => "FlexFEC",
        Some(FecFormat::UlpFec) => "ULPFEC",
        _ => "FEC",
    }
}

pub(super) fn rtcp(counts: &RtcpCounts) -> String {
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
    some.join(" ")
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
