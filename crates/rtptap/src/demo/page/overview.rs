//! The page's title, headline figures and tables.

use maud::{Markup, html};

use crate::demo::rate::describe;
use crate::demo::summary::{millis, percentile};
use crate::demo::table::{SideRow, describe_link, ms, rate_rows, rows, rtcp_rows};
use crate::demo::{DemoReport, Outcome, RunRecord};
use crate::page::tile;

pub(super) fn header(report: &DemoReport) -> Markup {
    html! {
        header {
            h1 { "A call over a lossy link" }
            p.lead { (describe_link(&report.link)) }
            @if let Some(rate) = &report.rate { p.lead { "at most " (describe(rate)) } }
        }
    }
}

pub(super) fn tiles(outcome: &Outcome, report: &DemoReport) -> Markup {
    let (median, beside) = median_recovery(outcome);
    html! {
        section.tiles aria-label="In short" {
            (tile("off", "Delivered, repair off", &format!("{:.2} %", report.off.delivered_pct()), &missing(&outcome.off)))
            (tile("on", "Delivered, repair on", &format!("{:.2} %", report.on.delivered_pct()), &missing(&outcome.on)))
            (tile("", "Median time to recover", &median, &beside))
            (tile("", "Sent again", &format!("{:.1} %", sent_again_pct(&outcome.on)), "of the media's bytes"))
        }
    }
}

fn missing(run: &RunRecord) -> String {
    let sent: usize = run.streams.iter().map(|s| s.packets.len()).sum();
    let missing = run.streams.iter().flat_map(|s| &s.packets).filter(|p| p.delivered.is_none()).count();
    format!("{missing} of {sent} packets missing")
}

fn median_recovery(outcome: &Outcome) -> (String, String) {
    let mut times: Vec<_> =
        outcome.on.streams.iter().flat_map(|s| s.recoveries()).map(|(_, took)| took).collect();
    times.sort_unstable();
    let Some(median) = percentile(&times, 0.5).map(millis) else {
        return ("–".to_owned(), "nothing had to be recovered".to_owned());
    };
    let rtts: Vec<f64> = outcome.on.streams.iter().filter_map(|s| s.rtt).map(millis).collect();
    let rtt = rtts.iter().sum::<f64>() / rtts.len() as f64;
    let beside = if rtt > 0.0 {
        format!("{:.2} × the round-trip time", median / rtt)
    } else {
        "repair on".to_owned()
    };
    (ms(Some(median)), beside)
}

fn sent_again_pct(run: &RunRecord) -> f64 {
    let media: usize = run.streams.iter().flat_map(|s| &s.packets).map(|p| p.packet_bytes).sum();
    let again: usize = run.streams.iter().flat_map(|s| &s.sent_again).map(|r| r.packet_bytes).sum();
    if media == 0 { 0.0 } else { 100.0 * again as f64 / media as f64 }
}

pub(super) fn tables(outcome: &Outcome, report: &DemoReport) -> Markup {
    html! {
        section {
            h2 { "All figures" }
            div.scroll {
                table {
                    thead {
                        tr {
                            th rowspan="2" scope="col" { "Media" }
                            @for (off, _) in report.pairs() { th.group colspan="2" scope="colgroup" { (off.kind.as_str()) } }
                        }
                        tr { @for _ in report.pairs() { th.first scope="col" { "repair off" } th scope="col" { "repair on" } } }
                    }
                    tbody {
                        @for row in rows(report) {
                            tr {
                                th scope="row" { (row.label) }
                                @for pair in row.cells.chunks(2) {
                                    @for (i, cell) in pair.iter().enumerate() {
                                        @if i == 0 { td.first { (cell) } } @else { td { (cell) } }
                                    }
                                }
                            }
                        }
                    }
                }
                @if let Some(rate) = &report.rate { (side_table("Rate of the link", &rate_rows(rate))) }
                (side_table("RTCP messages", &rtcp_rows(outcome)))
            }
        }
    }
}

/// Figures of whole runs, off and on.
fn side_table(title: &str, rows: &[SideRow]) -> Markup {
    html! {
        table.narrow {
            thead { tr { th scope="col" { (title) } th scope="col" { "repair off" } th scope="col" { "repair on" } } }
            tbody {
                @for (label, off, on) in rows {
                    tr { th scope="row" { (label) } td { (off) } td { (on) } }
                }
            }
        }
    }
}
