//! Whatever feedback says, and at no cost in memory.

use std::time::Duration;

use interceptor_core::packet::Ecn;
use proptest::prelude::*;

use super::super::{Scream, ScreamOptions};
use super::{Script, after, at, lost};
use crate::{
    Controller as _, Feedback, FeedbackFormat, LossReport, Outcome, PacketClass, PacketOutcome, RateLimits,
    Sent, Time,
};

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![
        8 => (0_i64..100_000_000).prop_map(Time::from_micros),
        1 => any::<i64>().prop_map(Time::from_micros),
        1 => prop_oneof![Just(Time::MIN), Just(Time::MAX)],
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let ecn = prop_oneof![Just(Ecn::NotEct), Just(Ecn::Ect1), Just(Ecn::Ect0), Just(Ecn::Ce)];
    prop_oneof![
        8 => (prop::option::weighted(0.9, time()), ecn).prop_map(|(at, ecn)| Outcome::Received { at, ecn }),
        1 => Just(Outcome::Lost),
        1 => Just(Outcome::Unknown),
    ]
}

fn packet() -> impl Strategy<Value = PacketOutcome> {
    let bytes = prop_oneof![8 => 50_u32..1500, 1 => any::<u32>()];
    (any::<u64>(), time(), bytes, any::<bool>(), outcome()).prop_map(
        |(index, sent, bytes, was_lost, outcome)| PacketOutcome {
            index,
            sent,
            bytes,
            class: PacketClass::Video,
            probe: None,
            was_lost,
            outcome,
        },
    )
}

#[derive(Clone, Debug)]
enum Input {
    Sent(u32),
    Feedback(Vec<PacketOutcome>, u32, bool, Option<Duration>),
    Report(u32, u32, Option<Duration>),
    Limits(u64, u64),
    Route,
    Timeout,
}

fn input() -> impl Strategy<Value = Input> {
    let rtt = || prop::option::of((0_u64..u64::MAX / 2).prop_map(Duration::from_micros));
    let short = || prop::option::of((0_u64..1_000_000).prop_map(Duration::from_micros));
    prop_oneof![
        4 => any::<u32>().prop_map(Input::Sent),
        8 => (prop::collection::vec(packet(), 0..40), any::<u32>(), any::<bool>(), prop_oneof![rtt(), short()])
            .prop_map(|(packets, in_flight, ccfb, rtt)| Input::Feedback(packets, in_flight, ccfb, rtt)),
        1 => (any::<u32>(), any::<u32>(), rtt()).prop_map(|(packets, lost, rtt)| Input::Report(packets, lost, rtt)),
        1 => (any::<u64>(), any::<u64>()).prop_map(|(min, max)| Input::Limits(min, max)),
        1 => Just(Input::Route),
        4 => Just(Input::Timeout),
    ]
}

proptest! {
    #[test]
    fn any_feedback_leaves_a_target_within_the_limits(
        inputs in prop::collection::vec((0_i64..3_000_000, input()), 1..120),
    ) {
        let mut controller = Scream::new(ScreamOptions::default()).expect("right options");
        let mut limits = RateLimits { min: 5_000, max: 50_000_000 };
        let mut now = 0;
        for (index, (pause, input)) in inputs.into_iter().enumerate() {
            now += pause;
            let now = Time::from_micros(now);
            match input {
                Input::Sent(in_flight) => {
                    let sent = Sent { index: index as u64, bytes: 1200, class: PacketClass::Video, probe: None };
                    controller.on_sent(now, &sent, in_flight);
                }
                Input::Feedback(packets, in_flight, ccfb, rtt) => {
                    let format = if ccfb { FeedbackFormat::Ccfb } else { FeedbackFormat::Twcc };
                    controller.on_feedback(now, &Feedback { packets: &packets, in_flight, format, rtt });
                }
                Input::Report(packets, lost, rtt) => controller.on_report(now, &LossReport { packets, lost, rtt }),
                Input::Limits(min, max) => {
                    limits = RateLimits { min, max };
                    controller.on_limits(now, limits);
                }
                Input::Route => controller.on_route_change(now),
                Input::Timeout => controller.on_timeout(now),
            }
            let decision = controller.decision();
            prop_assert_eq!(decision.target, limits.clamp(decision.target));
            prop_assert!(controller.window.bytes().is_finite());
            prop_assert!(decision.window != Some(0));
            prop_assert!(decision.link.queue <= Duration::from_secs(10));
        }
    }
}

#[test]
fn neither_a_packet_nor_its_feedback_costs_an_allocation() {
    let mut script = Script::new(ScreamOptions::default());
    for step in 0..2000 {
        script.step(after(step % 70));
    }
    let packets: Vec<_> = (0..40).map(|n| if n % 10 == 0 { lost(n, 0) } else { after(20)(n, 0) }).collect();
    let told = Feedback { in_flight: 48_000, ..super::feedback(&packets, 0) };
    let sent = Sent { index: 0, bytes: 1200, class: PacketClass::Video, probe: None };
    let controller = &mut script.controller;
    let info = allocation_counter::measure(|| {
        for step in 0..2000 {
            let now = at(script.now + 50 * step);
            controller.on_sent(now, &sent, 50_000);
            controller.on_feedback(now, &told);
            controller.on_timeout(now);
            let _ = controller.decision();
        }
    });
    assert_eq!(info.count_total, 0, "{info:?}");
}
