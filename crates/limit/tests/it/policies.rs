//! What happens beyond the rates, and to what they apply.

use interceptor_core::packet::Origin;
use interceptor_core::{FecInfo, FecScheme};
use interceptor_limit::{Bounds, OverLimit, Policy, Reached, Way};
use interceptor_test::{rtp, stream_info};

use crate::kit::{BOTH, HEADER, MS, Rig, SECOND, packets, rate};

/// Ten packets at once where three fit.
fn flood(way: Way, policy: Policy) -> Rig {
    let mut rig = Rig::of_streams(way, packets(10, 3, policy));
    rig.bind(stream_info::video(1)).unwrap();
    (0..10).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
    rig
}

#[test]
fn what_is_over_is_dropped() {
    for way in BOTH {
        let mut rig = flood(way, Policy::Drop);
        assert_eq!(rig.numbers(), [0, 1, 2]);
        let counters = rig.counters();
        assert_eq!((counters.passed, counters.dropped_rate, counters.dropped()), (3, 7, 7));
        assert_eq!(counters.dropped_bytes, 7 * rtp(1).build().total_len() as u64);
        assert_eq!(rig.told(), [Reached::Rate { ssrc: 1 }], "once, not seven times");
        // A tenth of a second later there is one more token.
        rig.pass(100 * MS);
        rig.give(rtp(1).seq(10).build());
        assert_eq!(rig.numbers(), [0, 1, 2, 10]);
    }
}

#[test]
fn what_is_over_is_marked() {
    for way in BOTH {
        let mut rig = flood(way, Policy::Mark);
        assert_eq!(rig.numbers(), (0..10).collect::<Vec<u16>>());
        let marked = |seq: usize| rig.out[seq].1.info().attributes.get::<OverLimit>().is_some();
        assert_eq!((0..10).map(marked).collect::<Vec<_>>(), [[false; 3].as_slice(), &[true; 7]].concat());
        let counters = rig.counters();
        assert_eq!((counters.passed, counters.marked, counters.dropped()), (10, 7, 0));
        assert_eq!(rig.told(), [Reached::Rate { ssrc: 1 }]);
    }
}

#[test]
fn a_stream_that_is_over_is_stopped_until_it_is_bound_anew() {
    for way in BOTH {
        let mut rig = flood(way, Policy::Stop);
        rig.pass(60 * SECOND);
        rig.give(rtp(1).seq(10).build());
        assert_eq!(rig.numbers(), [0, 1, 2], "rates it keeps to now do not help");
        assert_eq!(rig.counters().dropped_stopped, 8);
        assert_eq!(rig.told(), [Reached::Stopped { ssrc: 1 }]);
        rig.unbind(1);
        rig.bind(stream_info::video(1)).unwrap();
        rig.give(rtp(1).seq(11).build());
        assert_eq!(rig.numbers(), [0, 1, 2, 11]);
    }
}

#[test]
fn an_excursion_is_told_again_when_a_second_has_passed_without_one() {
    let mut rig = flood(Way::Outgoing, Policy::Drop);
    assert_eq!(rig.told().len(), 1);
    // Over it all the time: the same excursion.
    for seq in 10..40 {
        rig.pass(50 * MS);
        rig.give(rtp(1).seq(seq).build());
    }
    assert_eq!(rig.told(), []);
    rig.pass(5 * SECOND);
    (40..50).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
    assert_eq!(rig.told(), [Reached::Rate { ssrc: 1 }]);
}

#[test]
fn packets_and_bytes_are_taken_together_or_not_at_all() {
    for way in BOTH {
        let bounds = Bounds::default().with_packets(rate(1, 4)).with_bytes(rate(1, 2000));
        let mut rig = Rig::of_streams(way, bounds);
        rig.bind(stream_info::video(1)).unwrap();
        let packet = |seq: u16, bytes: usize| rtp(1).seq(seq).payload_len(bytes - HEADER).build();
        rig.give(packet(0, 1500));
        // Too many bytes: none of these takes a packet …
        (1..10).for_each(|seq| rig.give(packet(seq, 600)));
        // … so that three are left; and with these gone, what is too much is packets and takes no bytes.
        (10..13).for_each(|seq| rig.give(packet(seq, 100)));
        (13..20).for_each(|seq| rig.give(packet(seq, 100)));
        rig.pass(SECOND);
        rig.give(packet(20, 200));
        assert_eq!(rig.numbers(), [0, 10, 11, 12, 20]);
        assert_eq!(rig.counters().passed_bytes, 2000);
    }
}

#[test]
fn retransmissions_and_fec_count_as_their_stream() {
    for way in BOTH {
        let mut rig = Rig::of_streams(way, packets(1, 4, Policy::Drop));
        rig.bind(
            stream_info::video_with_rtx(1, 2).with_fec(FecInfo::new(FecScheme::FlexFec03, 99).with_ssrc(3)),
        )
        .unwrap();
        for (seq, ssrc) in [(0, 1), (1, 2), (2, 3)] {
            rig.give(rtp(ssrc).seq(seq).build());
        }
        rig.give(rtp(1).seq(3).origin(Origin::Padding).build());
        rig.give(rtp(2).seq(4).build());
        rig.give(rtp(1).seq(5).build());
        assert_eq!(rig.numbers(), [0, 1, 2, 3]);
        let counters = rig.counters();
        assert_eq!((counters.dropped_rate, counters.dropped_repair), (2, 1));
    }
}

#[test]
fn streams_have_buckets_of_their_own() {
    let mut rig = Rig::of_streams(Way::Outgoing, packets(1, 2, Policy::Drop));
    for ssrc in [1, 2] {
        rig.bind(stream_info::video(ssrc)).unwrap();
        (0..3).for_each(|seq| rig.give(rtp(ssrc).seq(seq).build()));
    }
    assert_eq!(rig.numbers(), [0, 1, 0, 1]);
    let streams = rig.handle.connection("call").streams();
    assert!(streams.iter().all(|stream| (stream.counters.passed, stream.counters.dropped_rate) == (2, 1)));
    assert_eq!(rig.handle.stream(Way::Outgoing, 2), Some(streams[1].clone()));
    assert_eq!(rig.handle.connection("other").streams(), []);
}

#[test]
fn one_way_does_not_count_for_the_other() {
    let mut rig = Rig::new(
        Way::Outgoing,
        interceptor_limit::LimitOptions::default().with_local(packets(1, 1, Policy::Drop)),
    );
    rig.bind(stream_info::video(1)).unwrap();
    rig.way = Way::Incoming;
    rig.bind(stream_info::video(1)).unwrap();
    (0..5).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
    assert_eq!(rig.numbers().len(), 5, "nothing limits what comes in");
    rig.way = Way::Outgoing;
    (0..5).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
    assert_eq!((rig.numbers().len(), rig.counters().dropped_rate), (6, 4));
}
