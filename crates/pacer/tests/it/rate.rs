//! What leaves when: never more than the pace, one burst and one packet.

use std::time::Duration;

use interceptor_core::Pacing;
use interceptor_core::packet::Ecn;
use interceptor_pacer::PacerOptions;

use crate::kit::{MS, Rig, SECOND, at, pacing, packet};

#[test]
fn without_a_pace_everything_passes_at_once() {
    let mut rig = Rig::video(PacerOptions::default(), &[1]);
    rig.give_all(1, 0..1000, 1200);
    assert_eq!((rig.out.len(), rig.handle.queue()), (1000, Default::default()));
    assert_eq!(rig.chain.next_timeout(), None);
}

#[test]
fn packets_leave_evenly_at_the_pace() {
    // A packet in 10 ms; the burst of 5 ms lets two leave at first.
    let mut rig = Rig::video(at(1_000_000), &[1]);
    rig.give_all(1, 0..6, 1250);
    rig.pass(100 * MS);
    assert_eq!(rig.times(), [0, 5, 15, 25, 35, 45]);
    // An idle pacer gathers one burst and no more.
    rig.out.clear();
    rig.give_all(1, 6..9, 1250);
    rig.pass(100 * MS);
    assert_eq!(rig.times(), [100, 105, 115]);
}

#[test]
fn what_is_told_replaces_the_option_and_changes_while_packets_wait() {
    let mut rig = Rig::video(at(1_000_000), &[1]);
    rig.tell(pacing(2_000_000));
    rig.give_all(1, 0..20, 1250);
    assert_eq!(rig.handle.queue().pace, Some(2_000_000));
    rig.pass(20 * MS);
    // What had come in at the old pace was less than a burst at the new one.
    assert_eq!(rig.times(), [0, 2, 7, 12, 17]);
    rig.tell(pacing(500_000));
    rig.pass(60 * MS);
    assert_eq!(rig.times()[5..], [30, 50, 70]);
    rig.tell(pacing(10_000_000));
    rig.pass(20 * MS);
    assert_eq!(rig.out.len(), 20);
}

#[test]
fn a_burst_is_ten_milliseconds_at_most() {
    let mut rig = Rig::video(PacerOptions::default(), &[1]);
    rig.tell(Pacing { burst: SECOND, ..pacing(8_000_000) });
    rig.give_all(1, 0..100, 1000);
    // 10 000 bytes, and one packet that leaves when nothing is owed.
    assert_eq!(rig.out.len(), 11);
}

#[test]
fn nothing_leaves_at_a_pace_of_nothing_but_one_packet_in_half_a_second() {
    let mut rig = Rig::video(at(1_000_000).with_max_queue_time(2 * SECOND), &[1]);
    rig.tell(pacing(0));
    rig.give_all(1, 0..10, 1000);
    rig.pass(1900 * MS);
    assert_eq!(rig.times(), [0, 500, 1000, 1500]);
    rig.tell(pacing(8_000_000));
    rig.pass(10 * MS);
    assert_eq!(rig.out.len(), 10);
}

#[test]
fn packets_leave_with_the_mark_that_is_told() {
    let mut rig = Rig::video(PacerOptions::default(), &[1]);
    rig.give(packet(1, 0, 1000));
    rig.tell(Pacing { ect: Some(Ecn::Ect1), ..pacing(1_000_000) });
    rig.give_all(1, 1..4, 1000);
    rig.pass(100 * MS);
    rig.tell(pacing(1_000_000));
    rig.give(packet(1, 4, 1000));
    let marks: Vec<_> = rig.out.iter().map(|(_, packet)| packet.info().ecn).collect();
    let ect = Some(Ecn::Ect1);
    assert_eq!(marks, [None, ect, ect, ect, None]);
}

#[test]
fn a_pacer_that_is_added_to_a_running_chain_knows_the_pace() {
    let mut rig = Rig::new(PacerOptions::default());
    assert!(rig.chain.remove("pacer", rig.now()).unwrap());
    rig.tell(pacing(1_000_000));
    rig.bind(interceptor_test::stream_info::video(1));
    let pacer = interceptor_pacer::PacerFactory::default();
    rig.chain.insert_with(&pacer, rig.now()).unwrap();
    rig.give_all(1, 0..3, 1250);
    assert_eq!((rig.out.len(), pacer.handle().queue().packets), (1, 2));
}

#[test]
fn the_queue_says_how_long_it_takes() {
    let mut rig = Rig::video(at(1_000_000), &[1]);
    rig.give_all(1, 0..21, 1250);
    let queue = rig.handle.connection("call").queue();
    assert_eq!((queue.packets, queue.bytes, queue.time), (20, 25_000, Duration::from_millis(200)));
    assert_eq!(rig.handle.connection("other").queue(), Default::default());
}

#[test]
fn the_shortest_burst_is_what_comes_in_between_two_timers() {
    // A packet in half a millisecond, and timers that fire once a millisecond.
    let mut rig = Rig::video(PacerOptions::default(), &[1]);
    rig.tell(Pacing { burst: Duration::ZERO, ..pacing(20_000_000) });
    rig.give_all(1, 0..200, 1250);
    rig.pass(SECOND);
    assert_eq!(rig.out.len(), 200);
    assert!((98..=100).contains(rig.times().last().unwrap()), "{:?}", rig.times());
}
