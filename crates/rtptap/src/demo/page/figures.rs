//! The page's plots.

use maud::{Markup, html};

use crate::demo::series::Bins;
use crate::demo::{Outcome, PacketRecord, Repair, RunRecord, StreamRecord};
use crate::page::plot::{Axis, Plane, Size, area_steps, line_steps, ticks};
use crate::page::{figure, key};

pub(super) const WIDE: f64 = 960.0;

pub(super) fn every_packet(outcome: &Outcome) -> Markup {
    let kinds = outcome.runs.iter().map(|run| run.streams.len()).max().unwrap_or_default();
    // The runs of a stream below each other: what one loses and another mends stands in line.
    let streams: Vec<(Repair, &StreamRecord)> = (0..kinds)
        .flat_map(|at| outcome.runs.iter().filter_map(move |run| Some((run.repair, run.streams.get(at)?))))
        .collect();
    // What it is stands before the first of each.
    let label = |(repair, of): &(Repair, &StreamRecord)| match repair {
        Repair::Off => format!("{}, off", of.kind.as_str()),
        repair => repair.short().to_owned(),
    };
    let labels = streams.iter().map(label).collect();
    let size = Size { width: WIDE, height: 58.0 + 34.0 * streams.len() as f64 };
    let plane = Plane::new(size, time_axis(outcome), Axis::rows(labels));
    let sent_again = |packet: &PacketRecord| packet.is_recovered() && !packet.by_fec;
    let by_fec = |packet: &PacketRecord| packet.is_recovered() && packet.by_fec;
    let marks = html! {
        @for (i, (_, stream)) in streams.iter().enumerate() {
            @let row = (streams.len() - 1 - i) as f64;
            (ticks(&plane, "strip got", &times(stream, |p| p.delivered.is_some() && !p.lost_on_link), row + 0.32, row + 0.68))
            (ticks(&plane, "strip nack", &times(stream, sent_again), row + 0.12, row + 0.88))
            (ticks(&plane, "strip fec", &times(stream, by_fec), row + 0.12, row + 0.88))
            (ticks(&plane, "strip off", &times(stream, |p| p.delivered.is_none()), row + 0.12, row + 0.88))
        }
    };
    let repairs = || outcome.runs.iter().map(|run| run.repair);
    let legend = html! {
        (key("strip off", "M9 0v12", "never delivered"))
        @if repairs().any(Repair::asks) { (key("strip nack", "M9 0v12", "lost on the link, sent again")) }
        @if repairs().any(Repair::protects) { (key("strip fec", "M9 0v12", "lost on the link, recovered by FEC")) }
        (key("strip got", "M3 3v6M7 3v6M11 3v6M15 3v6", "delivered at once"))
    };
    let note = if outcome.link.rate.is_none() {
        "One tick for each media packet, at the time when it was sent. All runs cross the same link and lose the same packets."
    } else {
        "One tick for each media packet, at the time when it was sent. A full queue loses packets besides those that the seed chooses."
    };
    let plot = plane.draw("Every packet of all runs: delivered, recovered or lost", marks);
    figure("Every packet", note, legend, plot)
}

pub(super) fn late(outcome: &Outcome) -> Markup {
    let bins = Bins::over(outcome.duration);
    let note = format!(
        "Frames of which a part came more than {} ms beyond the link's delay, or never, in steps of {} s.",
        outcome.wait.as_millis(),
        bins.width
    );
    let late = |run: &RunRecord| bins.late_pct(run, outcome.in_time());
    let plot = shares(outcome, &bins, "late frames (%)", late);
    figure("Frames late", &note, legend(outcome), plot.draw("Share of late frames over time, each run"))
}

pub(super) fn loss(outcome: &Outcome) -> Markup {
    let bins = Bins::over(outcome.duration);
    let note = format!("Packets that the receiving application never got, in steps of {} s.", bins.width);
    let plot = shares(outcome, &bins, "missing packets (%)", |run| bins.missing_pct(run));
    let description = "Share of missing packets over time, each run";
    figure("Loss over time", &note, legend(outcome), plot.draw(description))
}

/// Shares of each run, that without repair as an area.
fn shares(
    outcome: &Outcome,
    bins: &Bins,
    title: &'static str,
    share: impl Fn(&RunRecord) -> Vec<f64>,
) -> Plot {
    let runs: Vec<(Repair, Vec<f64>)> = outcome.runs.iter().map(|run| (run.repair, share(run))).collect();
    let values: Vec<&[f64]> = runs.iter().map(|(_, values)| values.as_slice()).collect();
    let y = Axis::rounded(title, largest(&values), 4);
    let plane = Plane::new(Size { width: WIDE, height: 260.0 }, time_axis(outcome), y);
    let edges = bins.edges();
    let marks = html! {
        @for (repair, values) in &runs {
            @if *repair == Repair::Off { (area_steps(&plane, "area off", &edges, values)) }
            (line_steps(&plane, &line_class(*repair), &edges, values))
        }
    };
    Plot { plane, marks }
}

struct Plot {
    plane: Plane,
    marks: Markup,
}

impl Plot {
    fn draw(self, description: &str) -> Markup {
        self.plane.draw(description, self.marks)
    }
}

pub(super) fn bit_rate(outcome: &Outcome) -> Markup {
    let bins = Bins::over(outcome.duration);
    let sent = outcome.runs.last().map(|run| bins.sent_kbps(run)).unwrap_or_default();
    let runs: Vec<(Repair, Vec<f64>, Vec<f64>)> = outcome
        .runs
        .iter()
        .map(|run| (run.repair, bins.delivered_kbps(run), bins.repair_kbps(run)))
        .collect();
    let values: Vec<&[f64]> =
        runs.iter().flat_map(|(_, delivered, repair)| [delivered.as_slice(), repair.as_slice()]).collect();
    let y = Axis::rounded("bit rate (kbit/s)", largest(&values).max(largest(&[&sent])), 4);
    let plane = Plane::new(Size { width: WIDE, height: 300.0 }, time_axis(outcome), y);
    let edges = bins.edges();
    let marks = html! {
        (area_steps(&plane, "area sent", &edges, &sent))
        @for (repair, delivered, extra) in &runs {
            (line_steps(&plane, &line_class(*repair), &edges, delivered))
            @if *repair != Repair::Off {
                (line_steps(&plane, &format!("{} extra", line_class(*repair)), &edges, extra))
            }
        }
    };
    let legend = html! {
        (key("area sent", "M0 1h18v10h-18Z", "media sent"))
        (legend(outcome))
        (key("line extra", "M0 6h18", "dashed: retransmissions and FEC"))
    };
    let note = format!("Media delivered to the receiving application, in steps of {} s.", bins.width);
    figure("Bit rate over time", &note, legend, plane.draw("Bit rates over time, each run", marks))
}

/// A line for each run.
fn legend(outcome: &Outcome) -> Markup {
    legend_of(outcome.runs.iter().map(|run| run.repair))
}

pub(super) fn legend_of(repairs: impl Iterator<Item = Repair>) -> Markup {
    html! { @for repair in repairs { (key(&line_class(repair), "M0 6h18", repair.label())) } }
}

pub(super) fn line_class(repair: Repair) -> String {
    format!("line {}", repair.name())
}

pub(super) fn time_axis(outcome: &Outcome) -> Axis {
    Axis::exact("time (s)", outcome.duration.as_secs_f64(), 10)
}

fn times(stream: &StreamRecord, of: fn(&PacketRecord) -> bool) -> Vec<f64> {
    stream.packets.iter().filter(|p| of(p)).map(|p| p.sent_at.as_secs_f64()).collect()
}

pub(super) fn largest(series: &[&[f64]]) -> f64 {
    series.iter().flat_map(|values| values.iter()).copied().fold(0.0, f64::max)
}
