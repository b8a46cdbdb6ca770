//! The page's plots.

use std::time::Duration;

use maud::{Markup, html};

use crate::demo::series::Bins;
use crate::demo::summary::millis;
use crate::demo::{DemoReport, Outcome, PacketRecord, StreamRecord};
use crate::page::plot::{Axis, Plane, Size, area_steps, dots, line, line_steps, ticks};
use crate::page::{figure, key};
use crate::sample::Kind;

pub(super) const WIDE: f64 = 960.0;

pub(super) fn every_packet(outcome: &Outcome) -> Markup {
    let sides = [("off", &outcome.off), ("on", &outcome.on)];
    let streams: Vec<(&str, &StreamRecord)> =
        sides.iter().flat_map(|(side, run)| run.streams.iter().map(|stream| (*side, stream))).collect();
    let labels = streams.iter().map(|(side, stream)| format!("{}, {side}", stream.kind.as_str())).collect();
    let size = Size { width: WIDE, height: 58.0 + 34.0 * streams.len() as f64 };
    let plane = Plane::new(size, time_axis(outcome), Axis::rows(labels));
    let marks = html! {
        @for (i, (_, stream)) in streams.iter().enumerate() {
            @let row = (streams.len() - 1 - i) as f64;
            (ticks(&plane, "strip got", &times(stream, |p| p.delivered.is_some() && !p.lost_on_link), row + 0.32, row + 0.68))
            (ticks(&plane, "strip on", &times(stream, PacketRecord::is_recovered), row + 0.12, row + 0.88))
            (ticks(&plane, "strip off", &times(stream, |p| p.delivered.is_none()), row + 0.12, row + 0.88))
        }
    };
    let legend = html! {
        (key("strip off", "M9 0v12", "never delivered"))
        (key("strip on", "M9 0v12", "lost on the link, recovered"))
        (key("strip got", "M3 3v6M7 3v6M11 3v6M15 3v6", "delivered at once"))
    };
    let note = if outcome.link.rate.is_none() {
        "One tick for each media packet, at the time when it was sent. Both runs cross the same link and lose the same packets."
    } else {
        "One tick for each media packet, at the time when it was sent. A full queue loses packets besides those that the seed chooses."
    };
    figure(
        "Every packet",
        note,
        legend,
        plane.draw("Every packet of both runs: delivered, recovered or lost", marks),
    )
}

pub(super) fn loss(outcome: &Outcome) -> Markup {
    let bins = Bins::over(outcome.duration);
    let (off, on) = (bins.missing_pct(&outcome.off), bins.missing_pct(&outcome.on));
    let y = Axis::rounded("missing packets (%)", largest(&[&off, &on]), 4);
    let plane = Plane::new(Size { width: WIDE, height: 280.0 }, time_axis(outcome), y);
    let edges = bins.edges();
    let marks = html! {
        (area_steps(&plane, "area off", &edges, &off))
        (line_steps(&plane, "line off", &edges, &off))
        (line_steps(&plane, "line on", &edges, &on))
    };
    let note = format!("Packets that the receiving application never got, in steps of {} s.", bins.width);
    figure(
        "Loss over time",
        &note,
        off_on_legend(),
        plane.draw("Share of missing packets over time, repair off and on", marks),
    )
}

pub(super) fn bit_rate(outcome: &Outcome) -> Markup {
    let bins = Bins::over(outcome.duration);
    let sent = bins.sent_kbps(&outcome.on);
    let (off, on) = (bins.delivered_kbps(&outcome.off), bins.delivered_kbps(&outcome.on));
    let again = bins.sent_again_kbps(&outcome.on);
    let y = Axis::rounded("bit rate (kbit/s)", largest(&[&sent, &off, &on, &again]), 4);
    let plane = Plane::new(Size { width: WIDE, height: 300.0 }, time_axis(outcome), y);
    let edges = bins.edges();
    let marks = html! {
        (area_steps(&plane, "area sent", &edges, &sent))
        (area_steps(&plane, "area again", &edges, &again))
        (line_steps(&plane, "line off", &edges, &off))
        (line_steps(&plane, "line on", &edges, &on))
    };
    let legend = html! {
        (key("area sent", "M0 1h18v10h-18Z", "media sent"))
        (off_on_legend())
        (key("area again", "M0 1h18v10h-18Z", "retransmissions, repair on"))
    };
    let note = format!("Media delivered to the receiving application, in steps of {} s.", bins.width);
    figure("Bit rate over time", &note, legend, plane.draw("Bit rates over time, repair off and on", marks))
}

pub(super) fn recovery(outcome: &Outcome, report: &DemoReport) -> Markup {
    let found: Vec<(Kind, Vec<(Duration, Duration)>)> =
        outcome.on.streams.iter().map(|stream| (stream.kind, stream.recoveries())).collect();
    let title = "Time to recover";
    let Some(slowest) = found.iter().flat_map(|(_, all)| all).map(|(_, took)| millis(*took)).reduce(f64::max)
    else {
        return html! { figure { h2 { (title) } p.note { "Nothing was recovered: no packet was lost, or none came back." } } };
    };
    let rtt = report.on.streams.iter().filter_map(|s| s.rtt_ms).reduce(f64::max);
    let legend = html! {
        @for (kind, _) in &found { (key(dot_class(*kind), "M9 6h0", kind.as_str())) }
        @if let Some(rtt) = rtt { (key("line rtt", "M0 6h18", &format!("round-trip time, {rtt:.1} ms"))) }
    };
    let top = slowest.max(rtt.unwrap_or_default());
    let plots = html! {
        div.pair { (scatter(outcome, &found, rtt, top)) (distribution(&found, rtt, top)) }
    };
    let note = "For each recovered packet, from the arrival of the next packet that shows the gap to its own delivery. \
        At the right, the share of packets that were back by then.";
    figure(title, note, legend, plots)
}

type Found = [(Kind, Vec<(Duration, Duration)>)];

fn scatter(outcome: &Outcome, found: &Found, rtt: Option<f64>, top: f64) -> Markup {
    let plane = Plane::new(
        Size { width: 600.0, height: 320.0 },
        time_axis(outcome),
        Axis::rounded("time to recover (ms)", top, 5),
    );
    let end = outcome.duration.as_secs_f64();
    let marks = html! {
        @if let Some(rtt) = rtt { (line(&plane, "line rtt", &[(0.0, rtt), (end, rtt)])) }
        @for (kind, all) in found {
            (dots(&plane, dot_class(*kind), &all.iter().map(|(at, took)| (at.as_secs_f64(), millis(*took))).collect::<Vec<_>>()))
        }
    };
    plane.draw("Time to recover of each recovered packet, over the time when it was sent", marks)
}

fn distribution(found: &Found, rtt: Option<f64>, top: f64) -> Markup {
    let x = Axis::rounded("time to recover (ms)", top, 4);
    let plane =
        Plane::new(Size { width: 360.0, height: 320.0 }, x, Axis::exact("recovered by then (%)", 100.0, 4));
    let marks = html! {
        @if let Some(rtt) = rtt { (line(&plane, "line rtt", &[(rtt, 0.0), (rtt, 100.0)])) }
        @for (kind, all) in found {
            (line(&plane, &format!("line {}", kind.as_str()), &cumulative(all)))
        }
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

fn off_on_legend() -> Markup {
    html! { (key("line off", "M0 6h18", "repair off")) (key("line on", "M0 6h18", "repair on")) }
}

fn dot_class(kind: Kind) -> &'static str {
    match kind {
        Kind::Audio => "dot audio",
        Kind::Video => "dot video",
    }
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
