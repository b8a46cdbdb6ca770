//! All streams of a connection together, and what is of no stream.

use interceptor_limit::{Bounds, Excess, LimitOptions, OverLimit, Policy, Rates, Reached, Scope, Way};
use interceptor_test::{rtp, stream_info};

use crate::kit::{BOTH, MS, Rig, SECOND, packets, rate};

const WAIT: Policy = Policy::Wait { packets: 1000, bytes: 1 << 20 };

fn together(way: Way, connection: Bounds, streams: Option<Bounds>) -> Rig {
    let mut options = LimitOptions::default().with_connection(connection);
    (options.local, options.remote) = (streams, streams);
    let mut rig = Rig::new(way, options);
    for ssrc in [1, 2] {
        rig.bind(stream_info::video(ssrc)).unwrap();
    }
    rig
}

#[test]
fn streams_share_what_the_connection_may_carry() {
    for way in BOTH {
        let mut rig = together(way, packets(10, 4, Policy::Drop), None);
        for seq in 0..4 {
            rig.give(rtp(1).seq(seq).build());
            rig.give(rtp(2).seq(seq).build());
        }
        assert_eq!(rig.numbers(), [0, 0, 1, 1]);
        assert_eq!((rig.counters().dropped_connection, rig.counters().dropped_rate), (4, 0));
        assert_eq!(rig.told(), [Reached::Connection(Excess::Rate)]);
    }
}

#[test]
fn a_packet_that_the_connection_does_not_take_costs_its_stream_nothing() {
    for way in BOTH {
        let mut rig = together(way, packets(2, 1, Policy::Drop), Some(packets(1, 3, Policy::Drop)));
        (0..20).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
        // The stream has two left of three, and the connection has one twice a second.
        rig.pass(500 * MS);
        rig.give(rtp(1).seq(20).build());
        rig.pass(500 * MS);
        rig.give(rtp(1).seq(21).build());
        assert_eq!(rig.numbers(), [0, 20, 21]);
    }
}

#[test]
fn what_waits_for_the_connection_leaves_in_the_order_it_came() {
    for way in BOTH {
        let mut rig = together(way, packets(100, 1, WAIT), None);
        let came: Vec<(u32, u16)> = (0..20).map(|seq| (1 + u32::from(seq % 3 == 0), seq)).collect();
        came.iter().for_each(|(ssrc, seq)| rig.give(rtp(*ssrc).seq(*seq).build()));
        rig.pass(SECOND);
        let left: Vec<_> =
            rig.out.iter().map(|(_, packet)| (packet.ssrc(), packet.sequence_number())).collect();
        assert_eq!(left, came);
        assert_eq!(rig.out[19].0, 190 * MS);
        assert_eq!((rig.counters().delayed, rig.totals().waiting.packets), (19, 0));
    }
}

#[test]
fn a_packet_may_wait_for_its_stream_and_then_for_the_connection() {
    for way in BOTH {
        let mut rig = together(way, packets(10, 1, WAIT), Some(packets(10, 1, WAIT)));
        for seq in 0..5 {
            rig.give(rtp(1).seq(seq).build());
            rig.give(rtp(2).seq(seq).build());
        }
        rig.pass(2 * SECOND);
        let times: Vec<_> = rig.out.iter().map(|(at, _)| *at).collect();
        assert_eq!(times, (0..10).map(|tenth| 100 * tenth * MS).collect::<Vec<_>>());
        for ssrc in [1, 2] {
            let of_stream = rig.out.iter().filter(|(_, packet)| packet.ssrc() == ssrc);
            assert!(of_stream.map(|(_, packet)| packet.sequence_number()).eq(0..5));
        }
    }
}

#[test]
fn marks_of_both_are_one_mark() {
    let mut rig = together(Way::Outgoing, packets(1, 3, Policy::Mark), Some(packets(1, 2, Policy::Mark)));
    (0..3).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
    (3..6).for_each(|seq| rig.give(rtp(2).seq(seq).build()));
    let marked: Vec<_> =
        rig.out.iter().map(|(_, packet)| packet.info().attributes.get::<OverLimit>().is_some()).collect();
    assert_eq!(marked, [false, false, true, true, true, true]);
    assert_eq!((rig.counters().passed, rig.counters().marked), (6, 4));
}

#[test]
fn a_connection_that_is_over_is_stopped_as_a_whole() {
    let mut rig = together(Way::Incoming, packets(1, 2, Policy::Stop), None);
    (0..3).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
    rig.pass(10 * SECOND);
    rig.give(rtp(2).build());
    rig.give(rtp(9).build());
    assert_eq!(rig.out.len(), 2);
    assert_eq!((rig.counters().dropped_stopped, rig.totals().unbound.dropped_stopped), (2, 1));
    assert_eq!(rig.told(), [Reached::Connection(Excess::Stopped)]);
}

#[test]
fn each_way_of_a_connection_can_have_a_rate_of_its_own() {
    for (way, other) in [(Way::Outgoing, Scope::Incoming), (Way::Incoming, Scope::Outgoing)] {
        let mut rig = together(way, packets(1, 4, Policy::Drop), None);
        let narrow = Rates::default().with_packets(rate(1, 1));
        assert_eq!(rig.handle.set_rate(other, narrow).unwrap(), 1);
        (0..9).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
        assert_eq!(rig.out.len(), 4, "that was the other way's");
        assert_eq!(rig.handle.set_rate(Scope::Connection, narrow).unwrap(), 2);
        rig.pass(10 * SECOND);
        (9..19).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
        // The first brings the rate, and ten seconds at the old one had filled the bucket: up to the new burst.
        assert_eq!(rig.out.len(), 5);
    }
}

#[test]
fn what_is_of_no_stream_counts_for_the_connection() {
    for way in BOTH {
        let mut rig = together(way, packets(10, 3, WAIT), None);
        for ssrc in [9, 1, 9, 1, 9] {
            rig.give(rtp(ssrc).build());
        }
        assert_eq!(rig.out.len(), 3);
        rig.pass(SECOND);
        let left: Vec<_> = rig.out.iter().map(|(_, packet)| packet.ssrc()).collect();
        assert_eq!(left, [9, 1, 9, 1, 9]);
        let unbound = rig.totals().unbound;
        assert_eq!((unbound.passed, unbound.delayed), (3, 1));
    }
}

#[test]
fn a_packet_that_passed_before_its_stream_was_bound_is_not_charged_to_the_connection_twice() {
    let mut rig = together(Way::Incoming, packets(1, 2, Policy::Drop), None);
    rig.give(rtp(9).seq(1).build());
    rig.bind(stream_info::video(9)).unwrap();
    let mut again = rtp(9).seq(1).build();
    again.info_mut().seen_unbound = true;
    rig.give(again);
    rig.give(rtp(9).seq(2).build());
    rig.give(rtp(9).seq(3).build());
    assert_eq!(rig.numbers(), [1, 1, 2]);
}

#[test]
fn a_stream_that_ends_leaves_the_others_in_their_order_and_at_their_rate() {
    for way in BOTH {
        let mut rig = together(way, packets(10, 1, WAIT), None);
        let came = [(1, 0), (2, 1), (2, 2), (9, 3), (2, 4), (1, 5), (2, 6)];
        came.iter().for_each(|(ssrc, seq)| rig.give(rtp(*ssrc).seq(*seq).build()));
        rig.unbind(2);
        rig.pass(SECOND);
        let left: Vec<_> = rig.out.iter().map(|(at, packet)| (*at, packet.sequence_number())).collect();
        assert_eq!(left, [(std::time::Duration::ZERO, 0), (100 * MS, 3), (200 * MS, 5)]);
        assert_eq!((rig.counters().dropped_ended, rig.totals().waiting.packets), (4, 0));
    }
}

#[test]
fn a_giant_that_waited_for_the_connection_costs_its_stream_nothing() {
    for way in BOTH {
        let bytes = |burst| Bounds::default().with_bytes(rate(1500, burst)).with_policy(WAIT);
        let mut rig = together(way, bytes(9000), Some(packets(1, 3, Policy::Drop)));
        for seq in 0..2 {
            rig.give(rtp(1).seq(seq).payload_len(8000).build());
        }
        rig.handle.set_rate(Scope::Connection, Rates::default().with_bytes(rate(1500, 3000))).unwrap();
        rig.give(rtp(2).seq(9).payload_len(10).build());
        rig.pass(MS);
        assert_eq!(rig.counters().dropped_oversize, 1);
        // It had three packets: one has passed, and the giant's is back.
        (2..6).for_each(|seq| rig.give(rtp(1).seq(seq).payload_len(10).build()));
        rig.pass(SECOND / 2);
        assert_eq!(rig.numbers(), [0, 9, 2, 3]);
    }
}
