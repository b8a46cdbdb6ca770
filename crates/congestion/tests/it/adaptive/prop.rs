//! Whatever a peer tells: no panic, and the target stays within its limits.

use interceptor_congestion::{
    Adaptive, AdaptiveOptions, Controller, Feedback, FeedbackFormat, LossReport, Outcome, PacketClass,
    PacketOutcome, RateLimits, Sent, Time,
};
use interceptor_core::packet::Ecn;
use proptest::prelude::*;
use std::time::Duration;

#[derive(Clone, Debug)]
enum Input {
    Sent(Sent, u32),
    Feedback(Vec<PacketOutcome>, u32, FeedbackFormat),
    Report(LossReport),
    Limits(RateLimits),
    RouteChange,
    Timeout,
    Poll,
}

fn arrival() -> impl Strategy<Value = Option<Time>> {
    prop_oneof![
        Just(None),
        any::<i64>().prop_map(|micros| Some(Time::from_micros(micros))),
        (-100_000_000_i64..100_000_000).prop_map(|micros| Some(Time::from_micros(micros))),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let ecn = (0_u8..4).prop_map(Ecn::from_bits);
    prop_oneof![
        4 => (arrival(), ecn).prop_map(|(at, ecn)| Outcome::Received { at, ecn }),
        1 => Just(Outcome::Lost),
        1 => Just(Outcome::Unknown),
    ]
}

fn packet() -> impl Strategy<Value = PacketOutcome> {
    let sent = prop_oneof![any::<i64>(), 0_i64..100_000_000];
    let bytes = prop_oneof![4 => 0_u32..2000, 1 => any::<u32>()];
    (any::<u64>(), sent, bytes, prop::option::of(any::<u8>()), any::<bool>(), outcome()).prop_map(
        |(index, sent, bytes, probe, was_lost, outcome)| PacketOutcome {
            index,
            sent: Time::from_micros(sent),
            bytes,
            class: PacketClass::Video,
            probe,
            was_lost,
            outcome,
        },
    )
}

fn input() -> impl Strategy<Value = Input> {
    let format = prop_oneof![Just(FeedbackFormat::Twcc), Just(FeedbackFormat::Ccfb)];
    let sent = (any::<u64>(), any::<u32>(), prop::option::of(any::<u8>()))
        .prop_map(|(index, bytes, probe)| Sent { index, bytes, class: PacketClass::Video, probe });
    let rtt = prop::option::of(any::<u64>().prop_map(Duration::from_nanos));
    let report = (any::<u32>(), any::<u32>(), rtt)
        .prop_map(|(packets, lost, rtt)| Input::Report(LossReport { packets, lost, rtt }));
    prop_oneof![
        4 => (sent, any::<u32>()).prop_map(|(sent, in_flight)| Input::Sent(sent, in_flight)),
        8 => (prop::collection::vec(packet(), 0..50), any::<u32>(), format)
            .prop_map(|(packets, in_flight, format)| Input::Feedback(packets, in_flight, format)),
        1 => report,
        1 => (any::<u64>(), any::<u64>()).prop_map(|(min, max)| Input::Limits(RateLimits { min, max })),
        1 => Just(Input::RouteChange),
        2 => Just(Input::Timeout),
        2 => Just(Input::Poll),
    ]
}

fn apply(controller: &mut Adaptive, now: Time, input: Input) {
    match input {
        Input::Sent(sent, in_flight) => controller.on_sent(now, &sent, in_flight),
        Input::Feedback(packets, in_flight, format) => {
            controller.on_feedback(now, &Feedback { packets: &packets, in_flight, format, rtt: None });
        }
        Input::Report(report) => controller.on_report(now, &report),
        Input::Limits(limits) => controller.on_limits(now, limits),
        Input::RouteChange => controller.on_route_change(now),
        Input::Timeout => controller.on_timeout(now),
        Input::Poll => while controller.poll_probe().is_some() {},
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_a_peer_tells_leads_out_of_the_limits(
        inputs in prop::collection::vec((0_i64..2_000_000, input()), 1..200),
    ) {
        let options = AdaptiveOptions::default();
        let (mut min, mut max) = (options.min, options.max);
        let mut controller = Adaptive::new(options.clone()).unwrap();
        let mut now = 0;
        for (gap, input) in inputs {
            now += gap;
            if let Input::Limits(limits) = input {
                min = limits.min.max(options.min);
                max = limits.max.min(options.max).max(min);
            }
            apply(&mut controller, Time::from_micros(now), input);
            let decision = controller.decision();
            prop_assert!(decision.target >= min && decision.target <= max, "{decision:?} in {min}..={max}");
            prop_assert!(decision.pacing >= decision.target);
            prop_assert!(decision.link.loss_ppm <= 1_000_000, "{decision:?}");
            let _ = controller.next_timeout();
        }
    }
}
