//! RFC 8867 §5.2 to §5.8: flows that share a bottleneck, with each other and with TCP.

use std::time::Duration;

use super::{Case, DELAY, media, single};
use crate::measure::Measure;
use crate::plan::{Bottleneck, MediaPlan, Plan, Tail, TcpLoad, TcpPlan};
use crate::schedule::Schedule;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![two_flows(), congested_feedback()];
    cases.extend(same_controller());
    cases.push(rtt_fairness());
    cases.extend(long_tcp());
    cases.extend([short_tcp(), pause(), ten_flows()]);
    cases
}

fn two_flows() -> Case {
    let capacity = Schedule::constant(4.0).then(25.0, 2.0).then(50.0, 3.5).then(75.0, 1.0).then(100.0, 2.0);
    let plan = Plan { media: vec![media(0.0, 125.0); 2], ..single(capacity, 125.0) };
    Case::new("5.2", "two flows over a capacity that changes", plan)
        .show_util_and_queue(0.0, 125.0)
        .show("jain", Measure::Jain(0.0, 125.0))
}

fn congested_feedback() -> Case {
    let forward = Schedule::constant(2.0).then(20.0, 1.0).then(40.0, 0.5).then(60.0, 2.0);
    let backward = Schedule::constant(2.0).then(35.0, 0.8).then(70.0, 2.0);
    let back = MediaPlan { backward: true, ..media(0.0, 100.0) };
    let plan = Plan {
        media: vec![media(0.0, 100.0), back],
        backward: Bottleneck::new(backward),
        ..single(forward, 100.0)
    };
    Case::new("5.3", "a flow each way: feedback shares a bottleneck with media", plan)
        .show_util_and_queue(0.0, 100.0)
        .show("util back", Measure::UtilBackward(0.0, 100.0))
}

fn same_controller() -> [Case; 2] {
    let flows = vec![media(0.0, 119.0), media(20.0, 119.0), media(40.0, 119.0)];
    let plan = Plan { media: flows, ..single(Schedule::constant(3.5), 120.0) };
    let case = |name, about| {
        Case::new(name, about, plan.clone())
            .show_util_and_queue(60.0, 119.0)
            .show("jain", Measure::Jain(60.0, 119.0))
    };
    let lossy = case("5.4f30", "5.4, 30 % of feedback messages lost").with(|plan| {
        for flow in &mut plan.media {
            flow.tail.feedback_loss = 0.3;
        }
    });
    [case("5.4", "three flows, begun one after the other"), lossy]
}

fn rtt_fairness() -> Case {
    let delays = [10, 25, 50, 100, 150].map(Duration::from_millis);
    let flows = delays.iter().zip([0.0, 10.0, 20.0, 30.0, 40.0]);
    let flows = flows.map(|(delay, from)| MediaPlan { tail: Tail::new(*delay), ..media(from, 300.0) });
    let plan = Plan { media: flows.collect(), ..single(Schedule::constant(4.0), 300.0) };
    Case::new("5.5", "five flows with one-way delays of 10 to 150 ms", plan)
        .show_util_and_queue(60.0, 300.0)
        .show("max/min", Measure::MaxMin(60.0, 300.0))
}

fn long_tcp() -> [Case; 3] {
    let plan = |tcp_ends: f64| Plan {
        media: vec![media(5.0, 120.0)],
        tcp: vec![TcpPlan { active: 0.0..tcp_ends, tail: Tail::new(DELAY), load: TcpLoad::Endless }],
        ..single(Schedule::constant(2.0), 120.0)
    };
    let beside = |name, about| {
        Case::new(name, about, plan(120.0))
            .show_util_and_queue(30.0, 120.0)
            .show("media/TCP", Measure::Ratio(30.0, 120.0))
    };
    [
        beside("5.6", "beside a TCP flow"),
        beside("5.6b", "5.6 with a queue of 1 s").with(|plan| plan.forward.queue = Duration::from_secs(1)),
        Case::new("5.6x", "5.6, the TCP flow ends after 60 s; 20 s later", plan(60.0))
            .show_util_and_queue(80.0, 120.0)
            .show("Mb/s 30-60 s", Measure::Rate(30.0, 60.0)),
    ]
}

fn short_tcp() -> Case {
    let load = TcpLoad::Files { bytes: 30_000..50_000, mean_pause: 10.0 };
    let file = TcpPlan { active: 0.0..300.0, tail: Tail::new(DELAY), load };
    let plan = Plan {
        media: vec![media(5.0, 300.0); 2],
        tcp: vec![file; 10],
        ..single(Schedule::constant(2.0), 300.0)
    };
    Case::new("5.7", "two flows beside ten TCP flows of small files", plan)
        .show_util_and_queue(30.0, 300.0)
        .show("jain", Measure::Jain(30.0, 300.0))
        .show("Mb/s", Measure::Rate(30.0, 300.0))
}

fn pause() -> Case {
    let mut flows = vec![media(0.0, 119.0); 3];
    if let Some(flow) = flows.first_mut() {
        flow.source.pause = Some(40.0..60.0);
    }
    let plan = Plan { media: flows, ..single(Schedule::constant(3.5), 120.0) };
    Case::new("5.8", "three flows, one silent from 40 to 60 s", plan)
        .show_util_and_queue(20.0, 119.0)
        .show("jain 80-119 s", Measure::Jain(80.0, 119.0))
        .show("util 40-60 s", Measure::Util(40.0, 60.0))
}

fn ten_flows() -> Case {
    let flows = (0..10).map(|number| media(f64::from(number) * 2.0, 120.0));
    let plan = Plan { media: flows.collect(), ..single(Schedule::constant(10.0), 120.0) };
    Case::new("10x", "ten flows over 10 Mb/s", plan)
        .show_util_and_queue(60.0, 120.0)
        .show("jain", Measure::Jain(60.0, 120.0))
}
