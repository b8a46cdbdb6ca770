//! The summary as aligned text and as rows for the page's tables.

use super::rate::describe;
use super::{DemoReport, Figures, LinkSummary, Outcome, RateReport, RtcpCounts, SideRate, StreamReport};
use crate::table::{align_right, plain_table};

pub(super) const ABSENT: &str = "–";

/// Runs that stand side by side for each stream in 80 columns; of more there is a column for all streams of each.
const BY_STREAM: usize = 2;

/// One figure of the summary.
pub(super) struct Row {
    pub(super) label: &'static str,
    /// Of each run; where a row is about streams, every run of the first, every run of the second, and so on.
    pub(super) cells: Vec<String>,
}

/// The closing summary for a terminal or a file: no colours, no control characters, at most 80 columns.
#[must_use]
pub fn closing_table(outcome: &Outcome) -> String {
    let report = DemoReport::new(outcome);
    let by_stream = report.runs.len() <= BY_STREAM;
    let mut parts =
        vec![if by_stream { stream_table(&report) } else { run_table("", &report, &rows(&report)) }];
    if let Some(rate) = &report.rate {
        parts.push(run_table("rate of the link", &report, &rate_rows(&report, rate)));
    }
    if by_stream {
        parts.push(run_table("RTCP messages", &report, &rtcp_rows(outcome)));
    }
    let rate = report.rate.as_ref().map_or_else(String::new, |rate| format!("\nat most {}", describe(rate)));
    format!("{}{rate}\n{}\n\n{}\n", describe_link(&report.link), describe_wait(&report), parts.join("\n\n"))
}

/// A column for each run of each stream.
fn stream_table(report: &DemoReport) -> String {
    let mut table = plain_table();
    let heads = kinds(report)
        .into_iter()
        .flat_map(|kind| report.runs.iter().map(move |run| format!("{kind}\n{}", run.repair.label())));
    table.set_header(std::iter::once(String::new()).chain(heads));
    for Row { label, cells } in stream_rows(report) {
        table.add_row(std::iter::once(label.to_owned()).chain(cells));
    }
    align_right(&mut table, 1);
    table.trim_fmt()
}

/// A column for each run.
fn run_table(title: &str, report: &DemoReport, rows: &[Row]) -> String {
    let mut table = plain_table();
    table.set_header(std::iter::once(title).chain(report.runs.iter().map(|run| run.repair.label())));
    for Row { label, cells } in rows {
        table.add_row(std::iter::once(*label).chain(cells.iter().map(String::as_str)));
    }
    align_right(&mut table, 1);
    table.trim_fmt()
}

/// The link in one line.
pub(super) fn describe_link(link: &LinkSummary) -> String {
    let burst = link.burst.map_or_else(String::new, |mean| format!(" in bursts of {mean} packets"));
    format!(
        "{} % loss each way{burst}, {} ± {} ms one way, seed {}, {} s of media",
        link.loss_pct, link.delay_ms, link.jitter_ms, link.seed, link.seconds
    )
}

/// When a frame is late.
pub(super) fn describe_wait(report: &DemoReport) -> String {
    format!("late: more than {} ms beyond the link's delay, or never", report.wait_ms)
}

/// What the streams are, in order.
pub(super) fn kinds(report: &DemoReport) -> Vec<&'static str> {
    report.runs.first().into_iter().flat_map(|run| &run.streams).map(|stream| stream.kind.as_str()).collect()
}

/// The figures of all streams of each run together.
pub(super) fn rows(report: &DemoReport) -> Vec<Row> {
    let row =
        |(label, cell): Line| Row { label, cells: report.runs.iter().map(|run| cell(&run.all)).collect() };
    lines(report).into_iter().map(row).collect()
}

/// The figures of each stream of each run.
pub(super) fn stream_rows(report: &DemoReport) -> Vec<Row> {
    let row = |label, cell: &dyn Fn(&StreamReport) -> String| {
        let places = 0..kinds(report).len();
        let streams = places.flat_map(|at| report.runs.iter().filter_map(move |run| run.streams.get(at)));
        Row { label, cells: streams.map(cell).collect() }
    };
    let figures = lines(report).into_iter();
    let figures = figures.map(|(label, cell)| row(label, &|stream: &StreamReport| cell(&stream.figures)));
    let measured: [Measured; 2] =
        [("round-trip time", |stream| ms(stream.rtt_ms)), ("jitter", |stream| ms(stream.jitter_ms))];
    figures.chain(measured.into_iter().map(|(label, cell)| row(label, &cell))).collect()
}

/// The same of a whole stream's.
type Measured = (&'static str, fn(&StreamReport) -> String);

/// A figure's label, and how it is written.
type Line = (&'static str, fn(&Figures) -> String);

/// In the order in which the story goes: what was sent, what happened to it, what it took. FEC is left out where there is none.
fn lines(report: &DemoReport) -> Vec<Line> {
    let by_fec: Line = ("of these by FEC", |of| of.recovered_by_fec.to_string());
    let fec_packets: Line = ("FEC packets", |of| of.fec_packets.to_string());
    let all: [Line; 14] = [
        ("sent", |of| of.sent.to_string()),
        ("lost on the link", |of| of.lost_on_link.to_string()),
        ("recovered", |of| of.recovered.to_string()),
        by_fec,
        ("never recovered", |of| of.never_recovered.to_string()),
        ("residual loss", |of| pct(of.residual_loss_pct)),
        ("frames late", |of| pct(of.frames_late_pct)),
        ("median time to recover", |of| ms(of.recovery_ms.p50)),
        ("95 % recovered within", |of| ms(of.recovery_ms.p95)),
        ("payload delivered", |of| format!("{:.1} kB", of.bytes as f64 / 1000.0)),
        ("NACK messages", |of| of.nacks.to_string()),
        ("retransmissions", |of| of.retransmissions.to_string()),
        fec_packets,
        ("overhead of repair", |of| pct(of.overhead_pct)),
    ];
    let protects = report.runs.iter().any(|run| run.repair.protects());
    all.into_iter().filter(|(label, _)| protects || ![by_fec.0, fec_packets.0].contains(label)).collect()
}

/// What the runs did with the link's rate.
pub(super) fn rate_rows(report: &DemoReport, rate: &RateReport) -> Vec<Row> {
    let row = |label, cell: &dyn Fn(&SideRate) -> String| Row {
        label,
        cells: report.runs.iter().filter_map(|run| run.rate.as_ref()).map(cell).collect(),
    };
    vec![
        row("capacity", &|_| megabits(Some(rate.capacity_mbps))),
        row("target", &|run| megabits(run.target_mbps)),
        row("sent", &|run| megabits(Some(run.sent_mbps))),
        row("utilisation", &|run| format!("{:.1} %", run.utilisation_pct)),
        row("median queue", &|run| ms(run.queue_ms.p50)),
        row("95 % queued for at most", &|run| ms(run.queue_ms.p95)),
        row("dropped by the full queue", &|run| run.dropped.to_string()),
    ]
}

/// RTCP messages of both endpoints.
pub(super) fn rtcp_rows(outcome: &Outcome) -> Vec<Row> {
    let row = |label, count: fn(&RtcpCounts) -> u64| Row {
        label,
        cells: outcome.runs.iter().map(|run| count(&run.rtcp).to_string()).collect(),
    };
    vec![
        row("sender reports", |rtcp| rtcp.sender_reports),
        row("receiver reports", |rtcp| rtcp.receiver_reports),
        row("NACK", |rtcp| rtcp.nacks),
        row("PLI", |rtcp| rtcp.plis),
    ]
}

/// A value in ms to a tenth, or a dash.
pub(super) fn ms(value: Option<f64>) -> String {
    value.map_or_else(|| ABSENT.to_owned(), |ms| format!("{ms:.1} ms"))
}

/// A share to a hundredth.
pub(super) fn pct(value: f64) -> String {
    format!("{value:.2} %")
}

/// A rate in Mbit/s to a hundredth, or a dash.
fn megabits(value: Option<f64>) -> String {
    value.map_or_else(|| ABSENT.to_owned(), |mbps| format!("{mbps:.2} Mbit/s"))
}
