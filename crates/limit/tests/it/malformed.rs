//! The rows of the table of malformed and hostile input.

use interceptor_core::packet::Origin;
use interceptor_limit::{Bounds, LimitOptions, Policy, Reached, Way};
use interceptor_test::{hex, rtp, stream_info};

use crate::kit::{BOTH, HEADER, MS, Rig, SECOND, packets, rate};

#[test]
fn a_malformed_datagram_takes_no_tokens() {
    let mut rig = Rig::of_streams(Way::Incoming, packets(1, 1, Policy::Drop));
    rig.bind(stream_info::video(1)).unwrap();
    let now = rig.now();
    (0..5).for_each(|_| rig.chain.read_datagram(hex("80 60 0001"), now));
    rig.give(rtp(1).build());
    assert_eq!((rig.chain.counters().malformed_datagrams, rig.counters().passed), (5, 1));
}

#[test]
fn a_flood_is_dropped_beyond_the_rate() {
    for way in BOTH {
        let mut rig = Rig::of_streams(way, packets(100, 10, Policy::Drop));
        rig.bind(stream_info::video(1)).unwrap();
        for seq in 0..10_000_u16 {
            rig.give(rtp(1).seq(seq).build());
            rig.pass(MS / 10);
        }
        assert_eq!((rig.counters().passed, rig.counters().dropped_rate), (109, 9891));
    }
}

#[test]
fn a_flood_fills_the_queue_and_no_more() {
    for way in BOTH {
        let mut rig = Rig::of_streams(way, packets(1, 1, Policy::wait()));
        rig.bind(stream_info::video(1)).unwrap();
        (0..20_000_u32).for_each(|seq| rig.give(rtp(1).seq(seq as u16).payload_len(1188).build()));
        // 512 KiB are fewer than 512 packets of 1200 bytes.
        let totals = rig.totals();
        assert_eq!((totals.waiting.packets, totals.waiting.bytes), (436, 436 * 1200));
        assert_eq!(totals.streams.dropped_queue, 20_000 - 1 - 436);
    }
}

#[test]
fn a_giant_is_dropped_rather_than_waited_for() {
    for way in BOTH {
        for policy in [Policy::Drop, Policy::wait()] {
            let mut rig =
                Rig::of_streams(way, Bounds::default().with_bytes(rate(9000, 3000)).with_policy(policy));
            rig.bind(stream_info::video(1)).unwrap();
            rig.give(rtp(1).seq(0).payload_len(60_000).build());
            rig.give(rtp(1).seq(1).payload_len(3000 - HEADER).build());
            assert_eq!((rig.numbers(), rig.counters().dropped_oversize), (vec![1], 1));
        }
    }
}

#[test]
fn giants_take_no_room_from_those_who_wait() {
    for way in BOTH {
        let bounds = Bounds::default().with_packets(rate(10, 1)).with_bytes(rate(9000, 3000));
        let mut rig = Rig::of_streams(way, bounds.with_policy(Policy::Wait { packets: 2, bytes: 1 << 20 }));
        rig.bind(stream_info::video(1)).unwrap();
        // Giants come when there are no packets left, and when others wait.
        for (seq, bytes) in [(0, 100), (1, 60_000), (2, 100), (3, 60_000), (4, 100)] {
            rig.give(rtp(1).seq(seq).payload_len(bytes).build());
        }
        assert_eq!((rig.totals().waiting.packets, rig.counters().dropped_oversize), (2, 2));
        rig.pass(SECOND);
        assert_eq!(rig.numbers(), [0, 2, 4]);
    }
}

#[test]
fn a_giant_in_the_queue_goes_when_the_burst_becomes_smaller() {
    let wait = Policy::Wait { packets: 10, bytes: 100_000 };
    let mut rig =
        Rig::of_streams(Way::Outgoing, Bounds::default().with_bytes(rate(9000, 9000)).with_policy(wait));
    rig.bind(stream_info::video(1)).unwrap();
    for seq in 0..3 {
        rig.give(rtp(1).seq(seq).payload_len(5000).build());
    }
    let rates = interceptor_limit::Rates::default().with_bytes(rate(9000, 3000));
    rig.handle.set_rate(interceptor_limit::Scope::Local, rates).unwrap();
    rig.pass(SECOND);
    assert_eq!((rig.counters().passed, rig.counters().dropped_oversize), (1, 2));
}

#[test]
fn made_up_ssrcs_share_what_is_allowed_to_all_of_them() {
    for way in BOTH {
        let mut rig = Rig::new(way, LimitOptions::default().with_max_unbound(rate(100, 50)));
        (0..10_000).for_each(|ssrc| rig.give(rtp(1000 + ssrc).build()));
        let unbound = rig.totals().unbound;
        assert_eq!((rig.out.len(), unbound.passed, unbound.dropped_rate), (50, 50, 9950));
        assert_eq!(rig.told(), [Reached::Unbound]);
    }
}

#[test]
fn more_streams_than_there_may_be_are_refused() {
    let mut rig = Rig::new(Way::Incoming, LimitOptions::default().with_max_streams(3));
    let bound = (1..=50).filter(|ssrc| rig.bind(stream_info::video(*ssrc)).is_ok()).count();
    assert_eq!((bound, rig.totals().streams_refused), (3, 47));
}

#[test]
fn duplicates_and_what_comes_late_count_like_any_other() {
    for way in BOTH {
        let mut rig = Rig::of_streams(way, packets(1, 4, Policy::Drop));
        rig.bind(stream_info::video(1)).unwrap();
        for seq in [1, 1, 65_000, 3, 2] {
            rig.give(rtp(1).seq(seq).build());
        }
        assert_eq!((rig.numbers(), rig.counters().passed), (vec![1, 1, 65_000, 3], 4));
    }
}

#[test]
fn padding_counts_with_all_its_bytes() {
    for way in BOTH {
        let mut rig = Rig::of_streams(way, Bounds::default().with_bytes(rate(1000, 1500)));
        rig.bind(stream_info::video(1)).unwrap();
        let padding = rtp(1).payload_len(0).padding(255).origin(Origin::Padding);
        (0..9).for_each(|seq| rig.give(padding.clone().seq(seq).build()));
        assert_eq!((rig.out.len(), rig.counters().passed_bytes), (5, 5 * 267));
    }
}
