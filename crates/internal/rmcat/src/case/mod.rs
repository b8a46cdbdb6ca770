//! The cases: plans with names, and what is shown of each.

mod changes;
mod libwebrtc;
mod loss;
mod rfc8867;
mod rfc8867_single;

use std::time::Duration;

use crate::measure::Measure;
use crate::plan::{Bottleneck, MediaPlan, Plan, SourcePlan, Tail};
use crate::schedule::Schedule;

/// A plan with a name.
#[derive(Clone, Debug)]
pub struct Case {
    /// As in tables: that of RFC 8867 where it has one.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// What tables show of it.
    pub shows: Vec<Shown>,
    plan: Plan,
    /// Each seed has a capacity of its own.
    walks: bool,
}

/// A figure with a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    /// As in tables, its unit with it.
    pub name: &'static str,
    /// How it is reckoned.
    pub measure: Measure,
}

impl Case {
    fn new(name: &'static str, about: &'static str, plan: Plan) -> Self {
        Self { name, about, shows: Vec::new(), plan, walks: false }
    }

    fn show(mut self, name: &'static str, measure: Measure) -> Self {
        self.shows.push(Shown { name, measure });
        self
    }

    /// What nearly every case shows.
    fn show_util_and_queue(self, from: f64, to: f64) -> Self {
        self.show("util", Measure::Util(from, to)).show("q95 ms", Measure::Queue95(from, to))
    }

    /// A case of your own: one flow over `capacity`.
    #[must_use]
    pub fn own(capacity: Schedule, seconds: f64) -> Self {
        let max = MAX.max(capacity.peak() * 5 / 4);
        Self::new("own", "one flow", Plan { max, ..single(capacity, seconds) })
            .show_util_and_queue(0.0, seconds)
            .show("drop %", Measure::Dropped(0.0, seconds))
            .show("Mb/s", Measure::Rate(0.0, seconds))
    }

    /// What is run with this seed.
    #[must_use]
    pub fn plan(&self, seed: u64) -> Plan {
        let mut plan = self.plan.clone();
        if self.walks {
            plan.forward.capacity = Some(Schedule::walk(seed, plan.duration));
        }
        plan
    }

    /// The same with another plan.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Plan)) -> Self {
        change(&mut self.plan);
        self
    }

    /// The same with its first flow changed.
    #[must_use]
    pub fn with_flow(self, change: impl FnOnce(&mut MediaPlan)) -> Self {
        self.with(|plan| {
            if let Some(flow) = plan.media.first_mut() {
                change(flow);
            }
        })
    }

    /// The figure with this name.
    #[must_use]
    pub fn measure(&self, name: &str) -> Option<Measure> {
        self.shows.iter().find(|shown| shown.name == name).map(|shown| shown.measure)
    }
}

/// All cases, in the order of tables.
#[must_use]
pub fn all() -> Vec<Case> {
    let mut cases = rfc8867_single::cases();
    cases.extend(rfc8867::cases());
    cases.extend(changes::cases());
    cases.extend(loss::cases());
    cases.extend(libwebrtc::cases());
    cases
}

/// One-way delay where a case does not say anything else (RFC 8867 §4.2).
const DELAY: Duration = Duration::from_millis(50);

/// The most that a target may reach, in bits per second: as much as browsers give a camera.
const MAX: u64 = 2_500_000;

/// One flow over a bottleneck of `capacity`, with the usual delay and queue.
fn single(capacity: Schedule, seconds: f64) -> Plan {
    Plan {
        duration: seconds,
        forward: Bottleneck::new(capacity),
        backward: Bottleneck::free(),
        media: vec![media(0.0, seconds)],
        tcp: Vec::new(),
        start: 300_000,
        min: 50_000,
        max: MAX,
    }
}

/// A media flow with the usual delay.
fn media(from: f64, to: f64) -> MediaPlan {
    MediaPlan {
        active: from..to,
        backward: false,
        tail: Tail::new(DELAY),
        source: SourcePlan::default(),
        drift_ppm: 0,
        l4s: false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;

    #[test]
    fn names_differ() {
        let cases = all();
        assert_eq!(cases.iter().map(|case| case.name).collect::<BTreeSet<_>>().len(), cases.len());
        for case in cases {
            let names: BTreeSet<_> = case.shows.iter().map(|shown| shown.name).collect();
            assert_eq!(names.len(), case.shows.len(), "{}", case.name);
        }
    }
}
