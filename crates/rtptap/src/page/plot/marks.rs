//! Marks: lines, areas, dots and ticks, each as one SVG path.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::Plane;
use super::plane::px;

/// A line through points.
pub(crate) fn line(plane: &Plane, class: &str, points: &[(f64, f64)]) -> Markup {
    path(class, &polyline(plane, points))
}

/// A line that holds each value from one edge to the next.
pub(crate) fn line_steps(plane: &Plane, class: &str, edges: &[f64], values: &[f64]) -> Markup {
    line(plane, class, &steps(edges, values))
}

/// The area below such a line.
pub(crate) fn area_steps(plane: &Plane, class: &str, edges: &[f64], values: &[f64]) -> Markup {
    let mut points = steps(edges, values);
    let (Some(&(first, _)), Some(&(last, _))) = (points.first(), points.last()) else { return html! {} };
    points.insert(0, (first, 0.0));
    points.push((last, 0.0));
    path(class, &(polyline(plane, &points) + "Z"))
}

/// The area from a lower value to an upper one, step by step; steps without values are left open.
pub(crate) fn band_steps(plane: &Plane, class: &str, edges: &[f64], values: &[Option<(f64, f64)>]) -> Markup {
    let mut d = String::new();
    for (edge, value) in edges.windows(2).zip(values) {
        let (&[left, right], Some((low, high))) = (edge, value) else { continue };
        // At least as high as a line is thick.
        let (top, bottom) = (plane.y(*high), plane.y(*low).max(plane.y(*high) + 1.5));
        let (width, height) = (px(plane.x(right) - plane.x(left)), px(bottom - top));
        let _infallible = write!(d, "M{} {}h{width}v{height}h-{width}Z", px(plane.x(left)), px(top));
    }
    path(class, &d)
}

/// A dot at each point; its size and shape are the class's stroke width and line cap.
pub(crate) fn dots(plane: &Plane, class: &str, points: &[(f64, f64)]) -> Markup {
    let mut d = String::new();
    for (x, y) in points {
        let _infallible = write!(d, "M{} {}h0", px(plane.x(*x)), px(plane.y(*y)));
    }
    path(class, &d)
}

/// A vertical tick at each x, from y `from` to `to`.
pub(crate) fn ticks(plane: &Plane, class: &str, xs: &[f64], from: f64, to: f64) -> Markup {
    let (top, height) = (plane.y(to), plane.y(from) - plane.y(to));
    let mut d = String::new();
    for x in xs {
        let _infallible = write!(d, "M{} {}v{}", px(plane.x(*x)), px(top), px(height));
    }
    path(class, &d)
}

fn path(class: &str, d: &str) -> Markup {
    html! { @if !d.is_empty() { path class=(class) d=(d) {} } }
}

fn polyline(plane: &Plane, points: &[(f64, f64)]) -> String {
    let mut d = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let command = if i == 0 { 'M' } else { 'L' };
        let _infallible = write!(d, "{command}{} {}", px(plane.x(*x)), px(plane.y(*y)));
    }
    d
}

fn steps(edges: &[f64], values: &[f64]) -> Vec<(f64, f64)> {
    edges.windows(2).zip(values).flat_map(|(edge, &value)| edge.iter().map(move |&x| (x, value))).collect()
}
