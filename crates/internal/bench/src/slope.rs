//! Chains and stacks as a line: what the thing itself costs and what one more interceptor costs.

use crate::contender::{Role, Task};
use crate::measure::Finished;
use crate::results::{Row, Spread};
use crate::streams;

/// One length of chain that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// Interceptors in the chain.
    pub interceptors: usize,
    /// The variant's name in the sending direction.
    pub send: &'static str,
    /// The variant's name in the receiving direction.
    pub receive: &'static str,
}

/// Every length.
pub const POINTS: [Point; 6] = [
    Point { interceptors: 0, send: "send, 0", receive: "receive, 0" },
    Point { interceptors: 1, send: "send, 1", receive: "receive, 1" },
    Point { interceptors: 2, send: "send, 2", receive: "receive, 2" },
    Point { interceptors: 4, send: "send, 4", receive: "receive, 4" },
    Point { interceptors: 8, send: "send, 8", receive: "receive, 8" },
    Point { interceptors: 16, send: "send, 16", receive: "receive, 16" },
];

/// What is drawn as a line.
struct Line {
    scenario: &'static str,
    intercept: &'static str,
    slope: &'static str,
    /// Interceptors, and the variant that has so many of them.
    points: Vec<(usize, &'static str)>,
}

fn all_lines() -> [Line; 5] {
    let chain =
        |of: fn(&Point) -> &'static str| POINTS.iter().map(|point| (point.interceptors, of(point))).collect();
    let stack = |variants: [&'static str; 4]| streams::LENGTHS.into_iter().zip(variants).collect();
    let line = |scenario, [intercept, slope]: [_; 2], points| Line { scenario, intercept, slope, points };
    [
        line("S5", ["send, intercept", "send, slope"], chain(|point| point.send)),
        line("S5", ["receive, intercept", "receive, slope"], chain(|point| point.receive)),
        line(streams::NAME, ["compiled, intercept", "compiled, slope"], stack(streams::COMPILED)),
        line(streams::NAME, ["request, intercept", "request, slope"], stack(streams::REQUEST)),
        line(streams::NAME, ["run time, intercept", "run time, slope"], stack(streams::RUN_TIME)),
    ]
}

/// Intercept and slope of each contender that was measured at every length of a line.
#[must_use]
pub fn rows(finished: &[Finished<'_>]) -> Vec<Row> {
    let mut rows = Vec::new();
    for Line { scenario, intercept, slope, points: lengths } in all_lines() {
        for (role, contender) in contenders(finished, scenario) {
            let points = lengths.iter().filter_map(|(interceptors, variant)| {
                let case = finished.iter().find(|finished| {
                    let case = finished.case;
                    (case.task.scenario, case.task.variant, case.contender) == (scenario, *variant, contender)
                })?;
                Some((*interceptors as f64, case))
            });
            let points: Vec<_> = points.collect();
            if points.len() < lengths.len() {
                continue;
            }
            let row = |variant, ns, heap| {
                Row::new(Task { scenario, variant, streams: 1 }, (role, contender), Spread::of(ns), heap)
            };
            let lines = lines(&points);
            let allocs = line(points.iter().map(|(x, case)| (*x, case.heap.0)));
            let bytes = line(points.iter().map(|(x, case)| (*x, case.heap.1)));
            let intercepts = lines.iter().map(|line| line.0).collect();
            let slopes = lines.iter().map(|line| line.1).collect();
            rows.push(row(intercept, intercepts, (allocs.0, bytes.0)));
            rows.push(row(slope, slopes, (allocs.1, bytes.1)));
        }
    }
    rows
}

fn contenders(finished: &[Finished<'_>], scenario: &str) -> Vec<(Role, &'static str)> {
    let mut seen = Vec::new();
    for case in finished.iter().map(|finished| finished.case).filter(|case| case.task.scenario == scenario) {
        if !seen.contains(&(case.role, case.contender)) {
            seen.push((case.role, case.contender));
        }
    }
    seen
}

/// One line for each round.
fn lines(points: &[(f64, &Finished<'_>)]) -> Vec<(f64, f64)> {
    let rounds = points.iter().map(|(_, case)| case.rounds.len()).min().unwrap_or(0);
    let at =
        |round: usize| points.iter().filter_map(move |(x, case)| case.rounds.get(round).map(|ns| (*x, *ns)));
    (0..rounds).map(|round| line(at(round))).collect()
}

/// Intercept and slope by least squares.
fn line(points: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    let (mut n, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in points {
        n += 1.0;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    let slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    ((sy - slope * sx) / n, slope)
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_line_through_points_that_lie_on_one_is_that_line() {
        let points = [0.0, 1.0, 2.0, 4.0, 8.0, 16.0].map(|x| (x, 5.0 + 1.5 * x));
        let (intercept, slope) = line(points.into_iter());
        assert!((intercept - 5.0).abs() < 1e-9 && (slope - 1.5).abs() < 1e-9);
    }
}
