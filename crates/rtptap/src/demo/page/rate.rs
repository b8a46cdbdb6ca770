//! The page's plots of a link of limited rate: what it carried, what was allowed, what was sent, what waited.

use std::time::Duration;

use maud::{Markup, html};

use super::figures::{WIDE, largest, line_class, time_axis};
use crate::demo::link::RateSchedule;
use crate::demo::series::Bins;
use crate::demo::{Outcome, RateRecord, Repair};
use crate::page::plot::{Axis, Plane, Size, area_steps, line, line_steps};
use crate::page::{figure as page_figure, key};

/// Places along a plot where the target is looked up: every second unit of its width.
const TARGET_PLACES: u32 = 450;

/// Nothing where the link had no limit.
pub(super) fn figure(outcome: &Outcome) -> Markup {
    let Some(capacity) = &outcome.link.rate else { return html! {} };
    let bins = Bins::fine(outcome.duration);
    let runs = outcome.runs.iter();
    let sides: Vec<Run> = runs
        .filter_map(|run| Some(Run::new(run.repair, run.rate.as_ref()?, outcome.duration, &bins)))
        .collect();
    let steps = Steps::of(capacity, outcome.duration);
    let most = sides.iter().map(Run::largest).fold(largest(&[&steps.mbps]), f64::max);
    let legend = html! {
        (key("area sent", "M0 1h18v10h-18Z", "sent"))
        (key("line capacity", "M0 6h18", "capacity"))
        @for side in &sides {
            (key(&line_class(side.repair), "M0 6h18", &format!("target and queue, {}", side.repair.label())))
        }
    };
    let note = format!(
        "Congestion control learns from feedback how much the link carries, and video follows its target. Rates with IP and \
        UDP headers; sent, and the longest wait in the link's queue, in steps of {} s.",
        bins.width
    );
    let plots = html! {
        @for side in &sides { (side.rates(outcome, &steps, &bins, most)) }
        (queues(outcome, &sides, &bins))
    };
    page_figure("Rate over time", &note, legend, plots)
}

/// The link's rates as a staircase.
struct Steps {
    edges: Vec<f64>,
    mbps: Vec<f64>,
}

impl Steps {
    fn of(capacity: &RateSchedule, duration: Duration) -> Self {
        let steps = capacity.steps().iter().filter(|step| step.from < duration);
        let (mut edges, mbps): (Vec<f64>, Vec<f64>) =
            steps.map(|step| (step.from.as_secs_f64(), step.bits_per_second as f64 / 1e6)).unzip();
        edges.push(duration.as_secs_f64());
        Self { edges, mbps }
    }
}

/// What is plotted of one run.
struct Run {
    repair: Repair,
    sent: Vec<f64>,
    /// Since there was one.
    target: Vec<(f64, f64)>,
    queue: Vec<f64>,
}

impl Run {
    fn new(repair: Repair, record: &RateRecord, duration: Duration, bins: &Bins) -> Self {
        let places = (0..=TARGET_PLACES).map(|i| duration * i / TARGET_PLACES);
        let target = places
            .filter_map(|at| record.target_at(at).map(|target| (at.as_secs_f64(), target as f64 / 1e6)));
        Self {
            repair,
            sent: bins.crossing_mbps(record),
            target: target.collect(),
            queue: bins.queue_ms(record),
        }
    }

    fn largest(&self) -> f64 {
        self.target.iter().map(|(_, target)| *target).fold(largest(&[&self.sent]), f64::max)
    }

    fn rates(&self, outcome: &Outcome, steps: &Steps, bins: &Bins, most: f64) -> Markup {
        let title = match self.repair {
            Repair::Off => "repair off (Mbit/s)",
            Repair::Nack => "NACK (Mbit/s)",
            Repair::Fec => "FEC (Mbit/s)",
            Repair::Both => "NACK + FEC (Mbit/s)",
        };
        let y = Axis::rounded(title, most, 4);
        let plane = Plane::new(Size { width: WIDE, height: 250.0 }, time_axis(outcome), y);
        let marks = html! {
            (area_steps(&plane, "area sent", &bins.edges(), &self.sent))
            (line_steps(&plane, "line capacity", &steps.edges, &steps.mbps))
            (line(&plane, &line_class(self.repair), &self.target))
        };
        let description = format!("Capacity, target and what was sent over time, {}", self.repair.label());
        plane.draw(&description, marks)
    }
}

fn queues(outcome: &Outcome, sides: &[Run], bins: &Bins) -> Markup {
    let most = largest(&sides.iter().map(|side| side.queue.as_slice()).collect::<Vec<_>>());
    let y = Axis::rounded("queue (ms)", most, 3);
    let plane = Plane::new(Size { width: WIDE, height: 180.0 }, time_axis(outcome), y);
    let marks = html! {
        @for side in sides {
            (line_steps(&plane, &line_class(side.repair), &bins.edges(), &side.queue))
        }
    };
    plane.draw("Longest wait in the queue over time, each run", marks)
}
