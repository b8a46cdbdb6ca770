//! The plots of one stream, one below the other over the same time.

use interceptor_inspect::StreamSummary;
use maud::{Markup, html};

use crate::inspect::table::role;
use crate::inspect::timeline::{Losses, Point, Timeline};
use crate::page::plot::{Axis, Plane, Size, area_steps, band_steps, line_steps};
use crate::page::{figure, key};

const WIDE: f64 = 960.0;
const HIGH: f64 = 190.0;

/// Bit rate, losses, delay and jitter, up to `end` in seconds; nothing for a stream whose course was not followed, or whose
/// times are not known.
pub(super) fn stream(stream: &StreamSummary, timeline: &Timeline, end: f64) -> Markup {
    let points = timeline.points(stream);
    if points.is_empty() || stream.end_seconds.is_none() {
        return html! {};
    }
    let course = Course { points, step: timeline.step(), end: end.max(timeline.step()) };
    let legend = html! {
        (key("area again", "M0 1h18v10h-18Z", "bit rate"))
        (key("area off", "M0 1h18v10h-18Z", "lost on the path"))
        (key("line off", "M0 6h18", "never came back"))
        @if course.has_delay() {
            (key("area delay", "M0 1h18v10h-18Z", "delay, from least to most"))
            (key("line video", "M0 6h18", "jitter"))
        }
    };
    let note = format!("{}. In steps of {} s.", role(stream), course.step);
    let plots = html! {
        (course.bit_rate())
        (course.losses())
        @if course.has_delay() { (course.delay()) }
    };
    let title = format!("{:08x} {} → {}", stream.ssrc, stream.src, stream.dst);
    figure(&title, &note, legend, plots)
}

struct Course<'a> {
    points: &'a [Point],
    step: f64,
    end: f64,
}

impl Course<'_> {
    fn edges(&self) -> Vec<f64> {
        (0..=self.points.len()).map(|step| (step as f64 * self.step).min(self.end)).collect()
    }

    fn plane(&self, y: Axis) -> Plane {
        Plane::new(Size { width: WIDE, height: HIGH }, Axis::exact("time (s)", self.end, 10), y)
    }

    fn bit_rate(&self) -> Markup {
        let edges = self.edges();
        let kbps = |(point, edge): (&Point, &[f64])| {
            let seconds = edge.iter().rev().copied().reduce(|end, start| end - start).unwrap_or_default();
            // What is left of a step at the end is no time to take a rate over.
            point.bytes as f64 * 0.008 / seconds.max(self.step / 2.0)
        };
        let rates: Vec<f64> = self.points.iter().zip(edges.windows(2)).map(kbps).collect();
        let plane = self.plane(Axis::rounded("kbit/s", most(&rates), 3));
        plane.draw("Bit rate over time", area_steps(&plane, "area again", &edges, &rates))
    }

    fn losses(&self) -> Markup {
        let said = self.said();
        let percent = |of: fn(&Losses) -> u64| -> Vec<f64> {
            let steps = said.windows(2).map(|step| {
                let [before, now] = step else { return 0.0 };
                let expected = now.expected.saturating_sub(before.expected).max(1) as f64;
                (100.0 * of(now).saturating_sub(of(before)) as f64 / expected).min(100.0)
            });
            steps.collect()
        };
        let (lost, missing) = (percent(|losses| losses.lost), percent(|losses| losses.missing));
        let (edges, y) = (self.edges(), Axis::rounded("packets (%)", most(&lost).max(most(&missing)), 3));
        let plane = self.plane(y);
        let marks = html! {
            (area_steps(&plane, "area off", &edges, &lost))
            (line_steps(&plane, "line off", &edges, &missing))
        };
        plane.draw("Packets lost on the path and never back, over time", marks)
    }

    /// What was said at the beginning and at the end of each step, less what came back later: it was not missing then, only
    /// late.
    fn said(&self) -> Vec<Losses> {
        let mut said = vec![Losses::default()];
        for point in self.points {
            let before = said.last().copied().unwrap_or_default();
            said.push(point.losses.unwrap_or(before));
        }
        let (mut lost, mut missing) = (u64::MAX, u64::MAX);
        for losses in said.iter_mut().rev() {
            (lost, missing) = (lost.min(losses.lost), missing.min(losses.missing));
            (losses.lost, losses.missing) = (lost, missing);
        }
        said
    }

    fn has_delay(&self) -> bool {
        self.points.iter().any(|point| point.transit.is_some())
    }

    /// From the step on in which it can be told; while nothing comes, it stays.
    fn jitters(&self) -> (usize, Vec<f64>) {
        let from = self.points.iter().position(|point| point.jitter.is_some()).unwrap_or(self.points.len());
        let mut last = 0.0;
        let jitters = self.points.iter().skip(from).map(|point| {
            last = point.jitter.unwrap_or(last);
            last
        });
        (from, jitters.collect())
    }

    fn delay(&self) -> Markup {
        let least = self.points.iter().filter_map(|point| point.transit).map(|(least, _)| least);
        let least = least.fold(f64::INFINITY, f64::min);
        let above = |(low, high): (f64, f64)| (low - least, high - least);
        let delays: Vec<Option<(f64, f64)>> =
            self.points.iter().map(|point| point.transit.map(above)).collect();
        let (from, jitters) = self.jitters();
        let highest = delays.iter().flatten().map(|(_, high)| *high).fold(most(&jitters), f64::max);
        let (edges, plane) = (self.edges(), self.plane(Axis::rounded("ms", highest, 3)));
        let marks = html! {
            (band_steps(&plane, "area delay", &edges, &delays))
            (line_steps(&plane, "line video", edges.get(from..).unwrap_or_default(), &jitters))
        };
        plane.draw("Delay above the least, and jitter, over time", marks)
    }
}

fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_in_a_later_step_was_never_missing() {
        let at = |expected, lost, missing| Point {
            losses: Some(Losses { expected, lost, missing }),
            ..Point::default()
        };
        let points = [at(10, 1, 1), Point::default(), at(30, 3, 2), at(40, 3, 1)];
        let course = Course { points: &points, step: 1.0, end: 4.0 };
        let said: Vec<(u64, u64)> =
            course.said().iter().map(|losses| (losses.lost, losses.missing)).collect();
        assert_eq!(said, [(0, 0), (1, 1), (1, 1), (3, 1), (3, 1)]);
    }
}
