//! Whatever comes whenever: nothing is lost in silence, nothing is overtaken, and no rate is exceeded.

use std::collections::BTreeMap;
use std::time::Duration;

use interceptor_limit::{Bounds, LimitOptions, Policy, Rate, Rates, Scope, Way};
use interceptor_test::{rtp, stream_info};
use proptest::prelude::*;

use crate::kit::{HEADER, Rig};

#[derive(Clone, Debug)]
enum Step {
    Packet { ssrc: u32, bytes: usize },
    Pass(Duration),
    Rebind(u32),
    Set(Scope, Rates),
}

fn a_rate(least: u64) -> impl Strategy<Value = Rate> {
    (1..2000_u64, 1..3000_u64).prop_map(move |(a_second, burst)| {
        let burst = (burst * least).max(a_second * least / 1000 + 1);
        Rate::new(a_second * least, Duration::from_secs(1), burst).unwrap()
    })
}

fn rates() -> impl Strategy<Value = Rates> {
    (prop::option::of(a_rate(1)), prop::option::of(a_rate(1500))).prop_map(|(packets, bytes)| {
        let mut rates = Rates::default();
        (rates.packets, rates.bytes) = (packets, bytes);
        rates
    })
}

fn bounds() -> impl Strategy<Value = Bounds> {
    let policy = prop_oneof![
        Just(Policy::Drop),
        Just(Policy::Mark),
        Just(Policy::Stop),
        (1..30_usize, 1500..20_000_usize).prop_map(|(packets, bytes)| Policy::Wait { packets, bytes }),
    ];
    (rates(), policy).prop_map(|(rates, policy)| {
        let mut bounds = Bounds::default().with_policy(policy);
        (bounds.packets, bounds.bytes) = (rates.packets, rates.bytes);
        bounds
    })
}

fn step() -> impl Strategy<Value = Step> {
    let scope = prop_oneof![
        Just(Scope::Local),
        Just(Scope::Remote),
        Just(Scope::Connection),
        Just(Scope::LocalStream(1)),
        Just(Scope::RemoteStream(2)),
    ];
    prop_oneof![
        40 => (1..5_u32, HEADER..2500_usize).prop_map(|(ssrc, bytes)| Step::Packet { ssrc, bytes }),
        20 => (0..50_000_u64).prop_map(|micros| Step::Pass(Duration::from_micros(micros))),
        1 => (1..4_u32).prop_map(Step::Rebind),
        1 => (scope, rates()).prop_map(|(scope, rates)| Step::Set(scope, rates)),
    ]
}

fn options() -> impl Strategy<Value = LimitOptions> {
    let some = || prop::option::of(bounds());
    (some(), some(), some(), prop::option::of(a_rate(1)), 1500..40_000_usize).prop_map(
        |(local, remote, connection, max_unbound, waiting)| {
            let mut options = LimitOptions::default().with_max_waiting_bytes(waiting);
            (options.local, options.remote, options.connection) = (local, remote, connection);
            options.max_unbound = max_unbound;
            options
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_came_in_has_passed_was_dropped_or_waits(
        outgoing in any::<bool>(),
        options in options(),
        steps in prop::collection::vec(step(), 1..400),
    ) {
        let way = if outgoing { Way::Outgoing } else { Way::Incoming };
        let mut rig = Rig::new(way, options.clone());
        // 4 is of no stream.
        for ssrc in 1..=3 {
            rig.bind(stream_info::bare(ssrc)).unwrap();
        }
        let counted = options.connection.is_some();
        let streams_count = counted || if outgoing { options.local } else { options.remote }.is_some();
        let unbound_count = counted || options.max_unbound.is_some();
        let (mut bound, mut unbound) = (0, 0);
        let mut numbers = BTreeMap::<u32, u16>::new();
        for step in steps {
            match step {
                Step::Packet { ssrc, bytes } => {
                    let number = numbers.entry(ssrc).or_default();
                    *number += 1;
                    *if ssrc == 4 { &mut unbound } else { &mut bound } += 1;
                    rig.give(rtp(ssrc).seq(*number).payload_len(bytes - HEADER).build());
                }
                Step::Pass(time) => rig.pass(time),
                Step::Rebind(ssrc) => {
                    rig.unbind(ssrc);
                    rig.bind(stream_info::bare(ssrc)).unwrap();
                }
                // What has no bounds, or waits with too small a burst, is refused.
                Step::Set(scope, rates) => drop(rig.handle.set_rate(scope, rates)),
            }
            let totals = rig.totals();
            prop_assert!(totals.waiting.bytes <= options.max_waiting_bytes as u64);
            let known = totals.streams.passed + totals.unbound.passed + totals.streams.dropped()
                + totals.unbound.dropped() + totals.waiting.packets;
            let came = if streams_count { bound } else { 0 } + if unbound_count { unbound } else { 0 };
            prop_assert_eq!(known, came, "{:?}", totals);
        }
        // Each stream in its order, and all that has passed is out.
        let mut last = BTreeMap::<u32, u16>::new();
        for (_, packet) in &rig.out {
            let before = last.insert(packet.ssrc(), packet.sequence_number()).unwrap_or_default();
            prop_assert!(packet.sequence_number() > before, "{} overtook {before}", packet.sequence_number());
        }
        let totals = rig.totals();
        let (passed, of_streams) = (totals.streams.passed + totals.unbound.passed, rig.out.iter());
        let limited = |ssrc| if ssrc == 4 { unbound_count } else { streams_count };
        prop_assert_eq!(passed, of_streams.filter(|(_, packet)| limited(packet.ssrc())).count() as u64);
        // In the end nobody waits.
        rig.chain.close(rig.clock.now()).unwrap();
        let totals = rig.totals();
        prop_assert_eq!(totals.waiting.packets, 0);
    }

    #[test]
    fn no_window_of_time_holds_more_than_burst_and_rate(
        outgoing in any::<bool>(),
        policy in prop_oneof![Just(Policy::Drop), Just(Policy::Wait { packets: 100, bytes: 100_000 })],
        packets in a_rate(1),
        bytes in a_rate(1500),
        pauses in prop::collection::vec((0..20_000_u64, HEADER..1500_usize), 1..200),
    ) {
        let way = if outgoing { Way::Outgoing } else { Way::Incoming };
        let bounds = Bounds::default().with_packets(packets).with_bytes(bytes).with_policy(policy);
        let mut rig = Rig::of_streams(way, bounds);
        rig.bind(stream_info::bare(1)).unwrap();
        for (micros, len) in pauses {
            rig.give(rtp(1).payload_len(len - HEADER).build());
            rig.pass(Duration::from_micros(micros));
        }
        rig.pass(Duration::from_secs(1));
        for (first, (begin, _)) in rig.out.iter().enumerate() {
            let (mut count, mut sum) = (0_u128, 0_u128);
            for (at, packet) in &rig.out[first..] {
                count += 1;
                sum += packet.total_len() as u128;
                let nanos = (*at - *begin).as_nanos();
                let within = |granted: u128, rate: Rate| {
                    granted * 1_000_000_000 <= u128::from(rate.burst()) * 1_000_000_000 + u128::from(rate.amount()) * nanos
                };
                prop_assert!(within(count, packets) && within(sum, bytes));
            }
        }
    }
}
