//! The page's title, headline figures and tables.

use maud::{Markup, html};

use crate::demo::rate::describe;
use crate::demo::table::{
    Row, describe_link, describe_wait, kinds, ms, pct, rate_rows, rows, rtcp_rows, stream_rows,
};
use crate::demo::{DemoReport, Outcome, Repair, RunReport};
use crate::page::tile;

pub(super) fn header(report: &DemoReport) -> Markup {
    html! {
        header {
            h1 { "A call over a lossy link" }
            p.lead { (describe_link(&report.link)) }
            @if let Some(rate) = &report.rate { p.lead { "at most " (describe(rate)) } }
            p.lead { (describe_wait(report)) }
        }
    }
}

/// One for each run; of a single repair also what it took.
pub(super) fn tiles(report: &DemoReport) -> Markup {
    html! {
        section.tiles aria-label="In short" {
            @for run in &report.runs {
                (tile(run.repair.name(), &format!("Frames late, {}", run.repair.label()), &pct(run.all.frames_late_pct), &missing(run)))
            }
            @if let [_, repaired] = &report.runs[..] {
                (tile("", "Median time to recover", &ms(repaired.all.recovery_ms.p50), &beside(repaired)))
                (tile("", "Overhead of repair", &pct(repaired.all.overhead_pct), "of the media's bytes"))
            }
        }
    }
}

fn missing(run: &RunReport) -> String {
    let missing = format!("{} lost for good", pct(run.all.residual_loss_pct));
    if run.repair == Repair::Off {
        missing
    } else {
        format!("{missing}, {} overhead", pct(run.all.overhead_pct))
    }
}

fn beside(run: &RunReport) -> String {
    let Some(median) = run.all.recovery_ms.p50 else { return "nothing was recovered".to_owned() };
    let rtts: Vec<f64> = run.streams.iter().filter_map(|stream| stream.rtt_ms).collect();
    let rtt = rtts.iter().sum::<f64>() / rtts.len() as f64;
    if rtt > 0.0 {
        format!("{:.2} × the round-trip time", median / rtt)
    } else {
        run.repair.label().to_owned()
    }
}

pub(super) fn tables(outcome: &Outcome, report: &DemoReport) -> Markup {
    let runs = report.runs.len();
    html! {
        section {
            h2 { "All figures" }
            div.scroll {
                (run_table("All media", report, &rows(report)))
                table {
                    thead {
                        tr {
                            th rowspan="2" scope="col" { "Media" }
                            @for kind in kinds(report) { th.group colspan=(runs) scope="colgroup" { (kind) } }
                        }
                        tr {
                            @for _ in kinds(report) {
                                @for (at, run) in report.runs.iter().enumerate() {
                                    @let label = if runs > 2 { run.repair.short() } else { run.repair.label() };
                                    @if at == 0 { th.first scope="col" { (label) } } @else { th scope="col" { (label) } }
                                }
                            }
                        }
                    }
                    tbody {
                        @for Row { label, cells } in stream_rows(report) {
                            tr {
                                th scope="row" { (label) }
                                @for of_stream in cells.chunks(runs.max(1)) {
                                    @for (at, cell) in of_stream.iter().enumerate() {
                                        @if at == 0 { td.first { (cell) } } @else { td { (cell) } }
                                    }
                                }
                            }
                        }
                    }
                }
                @if let Some(rate) = &report.rate {
                    (run_table("Rate of the link", report, &rate_rows(report, rate)))
                }
                (run_table("RTCP messages", report, &rtcp_rows(outcome)))
            }
        }
    }
}

/// Figures of whole runs.
fn run_table(title: &str, report: &DemoReport, rows: &[Row]) -> Markup {
    html! {
        table.narrow {
            thead {
                tr {
                    th scope="col" { (title) }
                    @for run in &report.runs { th scope="col" { (run.repair.label()) } }
                }
            }
            tbody {
                @for Row { label, cells } in rows {
                    tr { th scope="row" { (label) } @for cell in cells { td { (cell) } } }
                }
            }
        }
    }
}
