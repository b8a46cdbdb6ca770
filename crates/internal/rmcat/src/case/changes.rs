//! What changes in the middle of a call: the route, the source, feedback; and links that never stay the same.

use std::time::Duration;

use super::{Case, single};
use crate::measure::Measure;
use crate::plan::{MediaPlan, Plan, SourcePlan};
use crate::schedule::Schedule;

pub(super) fn cases() -> Vec<Case> {
    vec![
        route("route-up", "2 Mb/s, one way longer by 70 ms from 30 s on", 30, 100)
            .show("util 30-45 s", Measure::Util(30.0, 45.0)),
        route("route-dn", "2 Mb/s, one way shorter by 70 ms from 30 s on", 100, 30),
        flow("alr", "2 Mb/s, the source gives 0.5 Mb/s until 30 s; then", 60.0, |flow| {
            flow.source = SourcePlan { limited: Some((500_000, 30.0)), pause: None };
        })
        .show_util_and_queue(30.0, 36.0)
        .show("target at 29 s", Measure::Target(29.0)),
        flow("fbout", "2 Mb/s, no feedback from 20 to 25 s", 60.0, |flow| {
            flow.tail.feedback_outage = Some(20.0..25.0);
        })
        .show_util_and_queue(20.0, 60.0)
        .show("target 24.5/19 s", Measure::TargetBy(24.5, 19.0))
        .show("target 26/19 s", Measure::TargetBy(26.0, 19.0)),
        Case { walks: true, ..Case::new("lte", "a walk between 0.6 and 8 Mb/s", walking()) }
            .show_util_and_queue(0.0, 100.0)
            .show("drop %", Measure::Dropped(0.0, 100.0)),
    ]
}

fn route(name: &'static str, about: &'static str, before: u64, after: u64) -> Case {
    flow(name, about, 90.0, |flow| {
        flow.tail.delay = Duration::from_millis(before);
        flow.tail.delay_step = Some((30.0, Duration::from_millis(after)));
    })
    .show_util_and_queue(30.0, 90.0)
}

fn flow(name: &'static str, about: &'static str, seconds: f64, change: impl FnOnce(&mut MediaPlan)) -> Case {
    Case::new(name, about, single(Schedule::constant(2.0), seconds)).with_flow(change)
}

/// The capacity is another one for each seed.
fn walking() -> Plan {
    Plan { max: 10_000_000, ..single(Schedule::constant(8.0), 100.0) }
}
