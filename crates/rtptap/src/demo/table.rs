//! The summary as aligned text and as rows for the page's table.

use super::{DemoReport, LinkSummary, Outcome, StreamReport};
use crate::table::{align_right, plain_table};

const ABSENT: &str = "–";

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

    let mut rtcp = plain_table();
    rtcp.set_header(["RTCP messages", "repair off", "repair on"]);
    for (label, off, on) in rtcp_rows(outcome) {
        rtcp.add_row([label.to_owned(), off, on]);
    }
    align_right(&mut rtcp, 1);
    format!("{}\n\n{}\n\n{}\n", describe_link(&report.link), table.trim_fmt(), rtcp.trim_fmt())
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

/// RTCP messages of both endpoints: label, off, on.
pub(super) fn rtcp_rows(outcome: &Outcome) -> [(&'static str, String, String); 4] {
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
