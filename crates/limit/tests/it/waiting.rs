//! Packets that wait for their turn.

use std::time::Duration;

use interceptor_limit::{Bounds, LimitOptions, Policy, Reached, Way};
use interceptor_test::{rtp, stream_info};

use crate::kit::{BOTH, HEADER, MS, Rig, SECOND, packets, rate};

const WAIT: Policy = Policy::Wait { packets: 1000, bytes: 1 << 20 };

#[test]
fn what_is_over_waits_for_its_turn_to_the_nanosecond() {
    for way in BOTH {
        // A third of a second is no whole number of nanoseconds.
        let mut rig = Rig::of_streams(way, packets(3, 1, WAIT));
        rig.bind(stream_info::video(1)).unwrap();
        (0..4).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
        rig.pass(SECOND + MS);
        let nanos: Vec<u128> = rig.out.iter().map(|(at, _)| at.as_nanos()).collect();
        // A burst of one has no room for the rest of the nanosecond.
        assert_eq!(nanos, [0, 333_333_334, 666_666_668, 1_000_000_002]);
        assert_eq!(rig.numbers(), [0, 1, 2, 3]);
        let counters = rig.counters();
        assert_eq!((counters.passed, counters.delayed, counters.dropped()), (4, 3, 0));
        assert_eq!(rig.told(), [Reached::Rate { ssrc: 1 }]);
        assert_eq!(rig.chain.next_timeout(), None, "no timer without somebody who waits");
    }
}

#[test]
fn nobody_overtakes_those_who_wait() {
    for way in BOTH {
        let mut rig = Rig::of_streams(way, Bounds::default().with_bytes(rate(1000, 1500)).with_policy(WAIT));
        rig.bind(stream_info::video(1)).unwrap();
        let packet = |seq: u16, bytes: usize| rtp(1).seq(seq).payload_len(bytes - HEADER).build();
        rig.give(packet(0, 1400));
        rig.give(packet(1, 1400));
        // There are bytes enough for this one, but it came later.
        rig.give(packet(2, 50));
        assert_eq!(rig.numbers(), [0]);
        rig.pass(10 * SECOND);
        assert_eq!(rig.numbers(), [0, 1, 2]);
    }
}

#[test]
fn a_full_queue_drops_the_newest() {
    for (policy, held) in
        [(Policy::Wait { packets: 4, bytes: 1 << 20 }, 4), (Policy::Wait { packets: 100, bytes: 1500 }, 7)]
    {
        let mut rig = Rig::of_streams(Way::Outgoing, packets(10, 1, policy));
        rig.bind(stream_info::video(1)).unwrap();
        (0..20).for_each(|seq| rig.give(rtp(1).seq(seq).payload_len(200 - HEADER).build()));
        let stream = rig.handle.stream(Way::Outgoing, 1).unwrap();
        assert_eq!((stream.waiting.packets, stream.waiting.bytes), (held, held * 200));
        assert_eq!(stream.counters.dropped_queue, 19 - held);
        assert_eq!(rig.told(), [Reached::Rate { ssrc: 1 }, Reached::Queue { ssrc: 1 }]);
        rig.pass(10 * SECOND);
        assert_eq!(rig.numbers(), (0..=held as u16).collect::<Vec<_>>());
    }
}

#[test]
fn all_queues_together_hold_no_more_than_their_total() {
    let options = LimitOptions::default().with_local(packets(10, 1, WAIT)).with_max_waiting_bytes(3000);
    let mut rig = Rig::new(Way::Outgoing, options);
    for ssrc in 1..=10 {
        rig.bind(stream_info::video(ssrc)).unwrap();
        (0..4).for_each(|seq| rig.give(rtp(ssrc).seq(seq).payload_len(500 - HEADER).build()));
    }
    let totals = rig.totals();
    assert_eq!((totals.waiting.packets, totals.waiting.bytes), (6, 3000));
    assert_eq!((totals.streams.passed, totals.streams.dropped_queue), (10, 24));
    rig.pass(SECOND);
    assert_eq!(rig.out.len(), 16);
}

#[test]
fn a_stream_that_ends_with_a_full_queue_drops_and_counts_it() {
    for way in BOTH {
        let bounds = packets(1, 1, WAIT);
        let options = LimitOptions::default()
            .with_local(bounds)
            .with_remote(bounds)
            .with_connection(packets(2, 2, WAIT));
        let mut rig = Rig::new(way, options);
        for ssrc in [1, 2, 3] {
            rig.bind(stream_info::video(ssrc)).unwrap();
            (0..4).for_each(|seq| rig.give(rtp(ssrc).seq(seq).build()));
        }
        // Two have passed; the third's first waits for the connection, all others for their streams.
        assert_eq!(rig.totals().waiting.packets, 10);
        rig.unbind(3);
        assert_eq!((rig.totals().waiting.packets, rig.counters().dropped_ended), (6, 4));
        rig.chain.close(rig.clock.now()).unwrap();
        rig.poll();
        let totals = rig.totals();
        assert_eq!((totals.waiting.packets, totals.streams.dropped_ended, totals.streams.passed), (0, 10, 2));
        assert_eq!(rig.out.len(), 2, "nothing leaves late");
        assert_eq!(rig.chain.next_timeout(), None);
    }
}

#[test]
fn a_chain_that_is_dropped_counts_what_waited() {
    let mut rig = Rig::of_streams(Way::Outgoing, packets(1, 1, WAIT));
    rig.bind(stream_info::video(1)).unwrap();
    (0..4).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
    let handle = rig.handle.clone();
    drop(rig);
    let totals = handle.totals(Way::Outgoing);
    assert_eq!((totals.streams.passed, totals.streams.dropped_ended, totals.waiting.packets), (1, 3, 0));
}

#[test]
fn one_hour_at_the_rate_is_right_to_a_packet() {
    for way in BOTH {
        let mut rig = Rig::of_streams(way, packets(47, 3, Policy::Wait { packets: 50, bytes: 1 << 20 }));
        rig.bind(stream_info::video(1)).unwrap();
        let packet = rtp(1).payload_len(20);
        // 60 a second come, over the hour.
        for number in 0..60 * 3600_u32 {
            rig.give(packet.clone().seq(number as u16).build());
            rig.pass(SECOND / 60);
        }
        let seconds = rig.clock.elapsed().as_secs_f64();
        let expected = 3.0 + 47.0 * seconds;
        let passed = rig.out.len() as f64;
        assert!((passed - expected).abs() <= 1.0, "{passed} passed, {expected} expected");
        // Nor in any second of it.
        let most = rig.out.windows(51).filter(|window| window[50].0 - window[0].0 < SECOND).count();
        assert_eq!(most, 0, "more than burst and rate within a second");
        let totals = rig.totals();
        let known = totals.streams.passed + totals.streams.dropped() + totals.waiting.packets;
        assert_eq!(known, 60 * 3600);
    }
}

#[test]
fn ten_thousand_streams_that_wait_each_keep_their_rate() {
    let mut rig = Rig::of_streams(Way::Outgoing, packets(10, 1, Policy::Wait { packets: 4, bytes: 4096 }));
    for ssrc in 1..=10_000 {
        rig.bind(stream_info::bare(ssrc)).unwrap();
        (0..4).for_each(|seq| rig.give(rtp(ssrc).seq(seq).payload_len(20).build()));
    }
    rig.out.clear();
    for tenth in 1..=3_usize {
        rig.pass(Duration::from_millis(100) + 3 * MS);
        // 4096 leave at a time, and nobody is woken twice within a millisecond.
        assert_eq!(rig.out.len(), tenth * 10_000);
    }
    rig.pass(SECOND);
    assert_eq!((rig.out.len(), rig.totals().waiting.packets), (30_000, 0));
    assert_eq!(rig.chain.counters().dropped_emissions, 0);
}
