//! What a controller has to keep to.

use std::fmt;

/// One bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gate {
    /// The case's name.
    pub case: &'static str,
    /// The figure's name among those that the case shows.
    pub metric: &'static str,
    /// Of which seeds.
    pub over: Over,
    /// On which side of the limit.
    pub op: Op,
    /// The bound.
    pub limit: f64,
}

/// Which of the seeds a bound is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Their median.
    Median,
    /// The worst of them.
    Worst,
}

/// On which side of its limit a figure has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// At least the limit.
    AtLeast,
    /// At most the limit.
    AtMost,
}

impl Gate {
    /// The figure that counts, of those of each seed.
    #[must_use]
    pub fn figure(&self, values: &[f64]) -> f64 {
        match (self.over, self.op) {
            (Over::Median, _) => median(values),
            (Over::Worst, Op::AtLeast) => values.iter().copied().fold(f64::INFINITY, f64::min),
            (Over::Worst, Op::AtMost) => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Whether this figure keeps to it. What is not a number does not.
    #[must_use]
    pub fn holds(&self, figure: f64) -> bool {
        match self.op {
            Op::AtLeast => figure >= self.limit,
            Op::AtMost => figure <= self.limit,
        }
    }

    /// The figure's name, with the seeds that it is of.
    #[must_use]
    pub fn metric_name(&self) -> String {
        match self.over {
            Over::Median => self.metric.to_owned(),
            Over::Worst => format!("{}, worst seed", self.metric),
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
        })
    }
}

/// The middle one; of an even number the lower of both.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

const fn least(case: &'static str, metric: &'static str, limit: f64) -> Gate {
    Gate { case, metric, over: Over::Median, op: Op::AtLeast, limit }
}

const fn most(case: &'static str, metric: &'static str, limit: f64) -> Gate {
    Gate { case, metric, over: Over::Median, op: Op::AtMost, limit }
}

const fn worst_least(case: &'static str, metric: &'static str, limit: f64) -> Gate {
    Gate { case, metric, over: Over::Worst, op: Op::AtLeast, limit }
}

/// All of them, in the order of the cases.
pub const GATES: [Gate; 63] = [
    least("5.1", "util", 0.85),
    most("5.1", "q95 ms", 40.0),
    most("5.1", "drop % 60-65 s", 13.0),
    most("5.1", "s to 2.5", 5.0),
    most("5.1", "s to 1.0", 4.0),
    least("5.1w", "util", 0.85),
    most("5.1w", "q95 ms", 45.0),
    least("5.1j", "util", 0.80),
    most("5.1j", "q95 ms", 40.0),
    least("5.1s", "util", 0.85),
    most("5.1s", "drop %", 6.0),
    least("5.1E", "util", 0.80),
    most("5.1E", "q95 ms", 12.0),
    least("5.1f30", "util", 0.80),
    least("5.1d+", "util", 0.85),
    least("5.1d-", "util", 0.85),
    least("5.2", "util", 0.90),
    least("5.2", "jain", 0.98),
    least("5.3", "util", 0.85),
    least("5.3", "util back", 0.85),
    least("5.4", "util", 0.93),
    most("5.4", "q95 ms", 40.0),
    least("5.4", "jain", 0.98),
    worst_least("5.4", "jain", 0.94),
    least("5.4f30", "jain", 0.95),
    most("5.5", "max/min", 2.0),
    most("5.5", "q95 ms", 45.0),
    least("5.6", "media/TCP", 0.333),
    most("5.6", "media/TCP", 3.0),
    worst_least("5.6", "media/TCP", 0.25),
    least("5.6b", "media/TCP", 0.333),
    most("5.6b", "media/TCP", 3.0),
    worst_least("5.6b", "media/TCP", 0.25),
    least("5.6x", "util", 0.85),
    most("5.6x", "q95 ms", 45.0),
    least("5.8", "jain 80-119 s", 0.97),
    least("5.8", "util 40-60 s", 0.88),
    least("10x", "jain", 0.97),
    most("10x", "q95 ms", 45.0),
    least("route-up", "util 30-45 s", 0.6),
    most("route-up", "q95 ms", 60.0),
    most("route-dn", "q95 ms", 45.0),
    most("alr", "q95 ms", 80.0),
    most("alr", "target at 29 s", 2.0),
    most("fbout", "target 24.5/19 s", 0.5),
    least("fbout", "target 26/19 s", 0.7),
    least("lte", "util", 0.72),
    most("lte", "q95 ms", 120.0),
    least("r0", "util 0-5 s", 0.80),
    least("r2", "util", 0.85),
    least("r5", "util", 0.83),
    least("r10", "util", 0.75),
    least("r20", "util", 0.60),
    most("c0.15", "q95 ms", 80.0),
    least("lw1", "target at 25 s", 0.35),
    most("lw1", "target at 25 s", 0.55),
    least("lw1", "target at 45 s", 0.6),
    most("lw1", "target at 45 s", 0.9),
    least("lw1", "target at 95 s", 0.065),
    most("lw1", "target at 95 s", 0.115),
    least("lw2", "target at 10 s", 1.5),
    least("lw3", "target at 120 s", 0.1),
    most("lw4", "target at 10 s", 0.75),
];

#[cfg(test)]
mod tests {
    use super::{GATES, Gate, Op, Over, median};
    use crate::case;

    #[test]
    fn each_gate_is_of_a_figure_that_its_case_shows() {
        let cases = case::all();
        for gate in GATES {
            let case = cases.iter().find(|case| case.name == gate.case);
            assert!(case.is_some_and(|case| case.measure(gate.metric).is_some()), "{gate:?}");
        }
    }

    #[test]
    fn the_worst_seed_lies_on_the_side_of_the_limit() {
        let gate = Gate { case: "", metric: "", over: Over::Worst, op: Op::AtLeast, limit: 2.0 };
        assert_eq!(gate.figure(&[3.0, 1.0, 2.0]), 1.0);
        let gate = Gate { op: Op::AtMost, ..gate };
        assert_eq!(gate.figure(&[3.0, 1.0, 2.0]), 3.0);
        assert!(!gate.holds(f64::NAN));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.0);
    }
}
