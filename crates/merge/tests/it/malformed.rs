//! The rows of the table of malformed and hostile input.

use std::time::Duration;

use interceptor_merge::{CopyTo, Duplicate, DuplicateOptions, MergeOptions, Order};
use interceptor_test::{hex, rtp};

use crate::duplicate::{counters, sender_with, sent};
use crate::kit::{Rig, ms, packet};

#[test]
fn a_malformed_datagram_is_no_copy() {
    let mut rig = Rig::new(MergeOptions::default());
    rig.chain.read_datagram(hex("80 60 0001"), rig.now);
    assert_eq!((rig.counters().passed, rig.chain.counters().malformed_datagrams), (0, 1));
}

#[test]
fn a_packet_of_an_unknown_ssrc_passes_as_often_as_it_comes() {
    let mut rig = Rig::new(MergeOptions::default());
    for path in [0, 1] {
        rig.read(path, rtp(99).build());
    }
    assert_eq!((rig.counters().passed, rig.chain.counters().unbound_read), (0, 2));
}

#[test]
fn a_packet_over_an_unknown_path_passes_unmerged() {
    let mut rig = Rig::new(MergeOptions::default().with_paths(2));
    assert_eq!((rig.bring(0, 1), rig.bring(2, 1), rig.bring(255, 1)), (vec![1], vec![1], vec![1]));
    let counters = rig.counters();
    assert_eq!((counters.unknown_path, counters.passed, counters.copies), (2, 3, 0));
}

#[test]
fn a_copy_beyond_the_window_ends_here() {
    let mut rig = Rig::new(MergeOptions::default());
    (0..5000).for_each(|seq| drop(rig.bring(0, seq)));
    // A path that is 3000 packets late brings nothing that is of use.
    (0..2000).for_each(|seq| assert_eq!(rig.bring(1, seq), []));
    let counters = rig.counters();
    assert_eq!((counters.passed, counters.copies + counters.too_old), (5000, 2000));
    // Nearly half of them are behind what there is room to know.
    (1000..2952).for_each(|seq| drop(rig.bring(1, seq)));
    assert_eq!(rig.counters().restarts, 0, "and it is not taken for a sender that counts anew");
}

#[test]
fn a_number_far_from_all_others_moves_nothing() {
    let mut rig = Rig::new(MergeOptions::default());
    (0..100).for_each(|seq| drop(rig.bring(0, seq)));
    assert_eq!(rig.bring(0, 30_000), [30_000]);
    assert_eq!(rig.bring(1, 30_000), [], "its copy is known all the same");
    (0..100).for_each(|seq| assert_eq!(rig.bring(1, seq), []));
    assert_eq!((rig.counters().strays, rig.counters().restarts), (1, 0));
}

#[test]
fn numbers_that_jump_about_take_no_more_memory_than_the_window() {
    let mut rig = Rig::new(MergeOptions::default());
    let mut jump = |round: u32| {
        for step in 0..2000_u32 {
            rig.bring(0, (step * 2047 * round) as u16);
            rig.bring(1, (step * 1500) as u16);
        }
    };
    jump(1);
    let info = allocation_counter::measure(|| jump(3));
    assert!(info.bytes_max < 1 << 16, "{info:?}");
    let counters = rig.counters();
    assert!(counters.strays > 0 && counters.restarts <= counters.strays, "{counters:?}");
}

#[test]
fn a_gap_that_is_never_filled_holds_no_more_than_it_may() {
    let options = MergeOptions::default().with_order(Order::Held).with_max_held_bytes(100_000);
    let mut rig = Rig::new(options);
    let mut up = rig.bring(0, 0).len();
    let mut most = 0;
    for seq in 0..10_000_u16 {
        // Every other number is missing, at one instant.
        let mut giant = packet(2 + 2 * seq);
        giant.set_payload(vec![7; 1000]);
        up += rig.read(0, giant).len();
        let held = |streams: interceptor_core::Streams<'_, interceptor_merge::Merge>| {
            streams.peek_remote(crate::kit::MEDIA).unwrap().held().1
        };
        most = most
            .max(rig.chain.with_streams::<interceptor_merge::Merge, _>(|_, streams| held(streams)).unwrap());
    }
    assert!(most <= 100_000, "{most}");
    rig.wait(ms(200));
    assert_eq!(up + rig.up().len(), 10_001);
    assert_eq!(rig.counters().passed, 10_001);
}

#[test]
fn forged_packets_on_one_path_leave_the_other_alone() {
    let mut rig = Rig::new(MergeOptions::default());
    let forged = |seq: u16| {
        let mut forged = packet(seq);
        forged.set_payload(vec![0xbb; 30]);
        forged
    };
    let mut true_ones = 0;
    for seq in 0..1000 {
        // Ahead of the true one.
        rig.read(1, forged(seq));
        true_ones += rig.bring(0, seq).len();
        rig.wait(ms(1));
    }
    assert_eq!(true_ones, 900, "a hundred are believed, and no more");
    assert_eq!((rig.counters().mismatched, rig.counters().distrusted), (100, 900));
}

#[test]
fn copies_beyond_what_may_wait_are_dropped() {
    let late = DuplicateOptions::default().with_copies([CopyTo::path(1).with_delay(Duration::from_secs(5))]);
    let len = packet(0).total_len();
    for options in [late.clone().with_max_waiting_packets(30), late.with_max_waiting_bytes(30 * len.max(50))]
    {
        let (mut chain, now) = sender_with(options);
        (0..100).for_each(|seq| chain.write_rtp(packet(seq), now));
        assert_eq!(sent(&mut chain).len(), 100, "the packets themselves leave");
        let (waiting, _) = chain.get::<Duplicate>().unwrap().waiting();
        assert_eq!((waiting, counters(&chain).dropped_queue), (30, 70));
        chain.close(now).unwrap();
        assert_eq!((sent(&mut chain), counters(&chain).dropped_ended), (vec![], 30));
    }
}
