//! The page's plots of how soon what was lost came back.

use std::time::Duration;

use maud::{Markup, html};

use super::figures::{legend_of, line_class, time_axis};
use crate::demo::summary::millis;
use crate::demo::{DemoReport, Outcome, Repair};
use crate::page::plot::{Axis, Plane, Size, dots, line};
use crate::page::{figure, key};

/// Of each run that recovered any: when each packet was sent, and how long its recovery took.
type Found = [(Repair, Vec<(Duration, Duration)>)];

pub(super) fn recovery(outcome: &Outcome, report: &DemoReport) -> Markup {
    let runs = outcome.runs.iter();
    let found = runs.map(|run| (run.repair, run.streams.iter().flat_map(|of| of.recoveries()).collect()));
    let found: Vec<(Repair, Vec<_>)> = found.filter(|(_, all): &(_, Vec<_>)| !all.is_empty()).collect();
    let title = "Time to recover";
    let Some(slowest) = found.iter().flat_map(|(_, all)| all).map(|(_, took)| millis(*took)).reduce(f64::max)
    else {
        return html! { figure { h2 { (title) } p.note { "Nothing was recovered: no packet was lost, or none came back." } } };
    };
    let rtts = report.runs.iter().flat_map(|run| &run.streams).filter_map(|stream| stream.rtt_ms);
    let rtt = rtts.reduce(f64::max);
    let legend = html! {
        (legend_of(found.iter().map(|(repair, _)| *repair)))
        @if let Some(rtt) = rtt { (key("line rtt", "M0 6h18", &format!("round-trip time, {rtt:.1} ms"))) }
    };
    let top = slowest.max(rtt.unwrap_or_default());
    let plots = html! {
        div.pair { (scatter(outcome, &found, rtt, top)) (distribution(&found, rtt, top)) }
    };
    let note = "For each recovered packet, from the arrival of the next packet that shows the gap to its own delivery. \
        At the right, the share of packets that were back by then, of those that came back.";
    figure(title, note, legend, plots)
}

fn scatter(outcome: &Outcome, found: &Found, rtt: Option<f64>, top: f64) -> Markup {
    let y = Axis::rounded("time to recover (ms)", top, 5);
    let plane = Plane::new(Size { width: 600.0, height: 320.0 }, time_axis(outcome), y);
    let end = outcome.duration.as_secs_f64();
    let points = |all: &[(Duration, Duration)]| -> Vec<_> {
        all.iter().map(|(at, took)| (at.as_secs_f64(), millis(*took))).collect()
    };
    let marks = html! {
        @if let Some(rtt) = rtt { (line(&plane, "line rtt", &[(0.0, rtt), (end, rtt)])) }
        @for (repair, all) in found { (dots(&plane, &format!("dot {}", repair.name()), &points(all))) }
    };
    plane.draw("Time to recover of each recovered packet, over the time when it was sent", marks)
}

fn distribution(found: &Found, rtt: Option<f64>, top: f64) -> Markup {
    let x = Axis::rounded("time to recover (ms)", top, 4);
    let plane =
        Plane::new(Size { width: 360.0, height: 320.0 }, x, Axis::exact("recovered by then (%)", 100.0, 4));
    let marks = html! {
        @if let Some(rtt) = rtt { (line(&plane, "line rtt", &[(rtt, 0.0), (rtt, 100.0)])) }
        @for (repair, all) in found { (line(&plane, &line_class(*repair), &cumulative(all))) }
    };
    plane.draw("Share of packets recovered within a time", marks)
}

/// Corners of the staircase from 0 to 100 %.
fn cumulative(all: &[(Duration, Duration)]) -> Vec<(f64, f64)> {
    let mut times: Vec<f64> = all.iter().map(|(_, took)| millis(*took)).collect();
    times.sort_by(f64::total_cmp);
    let share = |count: usize| 100.0 * count as f64 / all.len() as f64;
    let corners = times.into_iter().enumerate().flat_map(|(i, ms)| [(ms, share(i)), (ms, share(i + 1))]);
    std::iter::once((0.0, 0.0)).chain(corners).collect()
}
