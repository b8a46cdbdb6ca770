//! The summary as aligned text and as rows for the page's table.

use super::rate::describe;
use super::{DemoReport, LinkSummary, Outcome, RateReport, SideRate, StreamReport};
use crate::table::{align_right, plain_table};

pub(super) const ABSENT: &str = "–";

/// One figure of the summary, for every stream off and on.
pub(super) struct Row {
    pub(super) label: &'static str,
    /// Off and on of the first stream, off and on of the second, and so on.
    pub(super) cells: Vec<String>,
}

/// The closing summary for a terminal or a file: no colours, no control characters, under 80 columns with two streams.
#[must_use]
pub fn closing_table(outcome: &Outcome) -> String {
    let report = DemoReport::new(outcome);
    let mut table = plain_table();
    let heads = report.pairs().flat_map(|(off, on)| [(off, "off"), (on, "on")]);
    let heads = heads.map(|(stream, side)| format!("{}\nrepair {side}", stream.kind.as_str()));
    table.set_header(std::iter::once(String::new()).chain(heads));
    for row in rows(&report) {
        table.add_row(std::iter::once(row.label.to_owned()).chain(row.cells));
    }
    align_right(&mut table, 1);

    let link = describe_link(&report.link);
    let rtcp = side_table("RTCP messages", &rtcp_rows(outcome));
    let Some(rate) = &report.rate else {
        return format!("{link}\n\n{}\n\n{rtcp}\n", table.trim_fmt());
    };
    let (capacity, rates) = (describe(rate), side_table("rate of the link", &rate_rows(rate)));
    format!("{link}\nat most {capacity}\n\n{}\n\n{rates}\n\n{rtcp}\n", table.trim_fmt())
}

/// Figures of whole runs, off and on.
fn side_table(title: &str, rows: &[SideRow]) -> String {
    let mut table = plain_table();
    table.set_header([title, "repair off", "repair on"]);
    for (label, off, on) in rows {
        table.add_row([*label, off, on]);
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

/// The figures in the order in which the story goes: what was sent, what happened to it, what it took.
pub(super) fn rows(report: &DemoReport) -> Vec<Row> {
    let row = |label, cell: fn(&StreamReport) -> String| Row {
        label,
        cells: report.pairs().flat_map(|(off, on)| [cell(off), cell(on)]).collect(),
    };
    vec![
        row("sent", |s| s.sent.to_string()),
        row("lost on the link", |s| s.lost_on_link.to_string()),
        row("recovered", |s| s.recovered.to_string()),
        row("never recovered", |s| s.never_recovered.to_string()),
        row("delivered", |s| format!("{:.2} %", s.delivered_pct)),
        row("median time to recover", |s| ms(s.recovery_ms.p50)),
        row("95 % recovered within", |s| ms(s.recovery_ms.p95)),
        row("round-trip time", |s| ms(s.rtt_ms)),
        row("jitter", |s| ms(s.jitter_ms)),
        row("payload delivered", |s| format!("{:.1} kB", s.bytes as f64 / 1000.0)),
        row("NACK messages", |s| s.nacks.to_string()),
        row("retransmissions", |s| s.retransmissions.to_string()),
    ]
}

/// A figure of both runs: label, off, on.
pub(super) type SideRow = (&'static str, String, String);

/// What both runs did with the link's rate.
pub(super) fn rate_rows(rate: &RateReport) -> [SideRow; 7] {
    let row = |label, cell: fn(&SideRate) -> String| (label, cell(&rate.off), cell(&rate.on));
    let capacity = megabits(Some(rate.capacity_mbps));
    [
        ("capacity", capacity.clone(), capacity),
        row("target", |side| megabits(side.target_mbps)),
        row("sent", |side| megabits(Some(side.sent_mbps))),
        row("utilisation", |side| format!("{:.1} %", side.utilisation_pct)),
        row("median queue", |side| ms(side.queue_ms.p50)),
        row("95 % queued for at most", |side| ms(side.queue_ms.p95)),
        row("dropped by the full queue", |side| side.dropped.to_string()),
    ]
}

/// RTCP messages of both endpoints.
pub(super) fn rtcp_rows(outcome: &Outcome) -> [SideRow; 4] {
    let (off, on) = (outcome.off.rtcp, outcome.on.rtcp);
    let row = |label, off: u64, on: u64| (label, off.to_string(), on.to_string());
    [
        row("sender reports", off.sender_reports, on.sender_reports),
        row("receiver reports", off.receiver_reports, on.receiver_reports),
        row("NACK", off.nacks, on.nacks),
        row("PLI", off.plis, on.plis),
    ]
}

/// A value in ms to a tenth, or a dash.
pub(super) fn ms(value: Option<f64>) -> String {
    value.map_or_else(|| ABSENT.to_owned(), |ms| format!("{ms:.1} ms"))
}

/// A rate in Mbit/s to a hundredth, or a dash.
fn megabits(value: Option<f64>) -> String {
    value.map_or_else(|| ABSENT.to_owned(), |mbps| format!("{mbps:.2} Mbit/s"))
}
