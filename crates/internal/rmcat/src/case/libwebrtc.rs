//! The closed loops that libwebrtc tests its own controller with (its `goog_cc_network_control_unittest.cc`): links, limits
//! and what the target has to come to.

use std::time::Duration;

use super::{Case, media, single};
use crate::measure::Measure;
use crate::plan::{MediaPlan, Plan, Tail, TcpLoad, TcpPlan};
use crate::schedule::Schedule;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("lw1", "0.5 Mb/s, from 25 s on 0.8, from 45 s on 0.1 and 200 ms", changing_link())
            .show_util_and_queue(0.0, 95.0)
            .show("target at 25 s", Measure::Target(25.0))
            .show("target at 45 s", Measure::Target(45.0))
            .show("target at 95 s", Measure::Target(95.0)),
        Case::new("lw2", "2 Mb/s, begun at 1", link(2.0, 50, 10.0, 1_000_000))
            .show_util_and_queue(0.0, 10.0)
            .show("target at 10 s", Measure::Target(10.0)),
        Case::new("lw3", "2 Mb/s, 200 ms, 10 % lost by chance", link(2.0, 200, 120.0, 300_000))
            .with(|plan| plan.forward.loss = 0.1)
            .show_util_and_queue(0.0, 120.0)
            .show("target at 120 s", Measure::Target(120.0)),
        Case::new("lw4", "1 Mb/s beside a TCP flow", link(1.0, 50, 60.0, 300_000))
            .with(beside_tcp)
            .show_util_and_queue(0.0, 60.0)
            .show("target at 10 s", Measure::Target(10.0))
            .show("target at 60 s", Measure::Target(60.0)),
    ]
}

/// A flow over a link of one rate and delay.
fn link(mbit: f64, delay: u64, seconds: f64, start: u64) -> Plan {
    let tail = Tail::new(Duration::from_millis(delay));
    let flow = MediaPlan { tail, ..media(0.0, seconds) };
    Plan {
        media: vec![flow],
        start,
        min: 10_000,
        max: 5_000_000,
        ..single(Schedule::constant(mbit), seconds)
    }
}

fn changing_link() -> Plan {
    let mut plan = link(0.5, 100, 95.0, 300_000);
    plan.max = 1_500_000;
    plan.forward.capacity = Some(Schedule::constant(0.5).then(25.0, 0.8).then(45.0, 0.1));
    plan.forward.queue = Duration::from_secs(1);
    for flow in &mut plan.media {
        flow.tail.delay_step = Some((45.0, Duration::from_millis(200)));
    }
    plan
}

fn beside_tcp(plan: &mut Plan) {
    let tail = Tail::new(Duration::from_millis(50));
    plan.tcp.push(TcpPlan { active: 0.0..60.0, tail, load: TcpLoad::Endless });
}
