//! What shares a datagram, and what happens when it does not fit.

use std::collections::BTreeSet;

use interceptor_report::RtcpInterval;

use crate::harness::{Bench, blocks, options, outlines};

#[test]
fn all_streams_of_a_call_share_one_datagram() {
    let mut bench = Bench::new(options());
    for ssrc in [0x1111, 0x2222] {
        bench.bind_local(ssrc);
        bench.send(ssrc, 1, 0, 10);
    }
    for ssrc in [0xa, 0xb] {
        bench.bind_remote(ssrc);
        bench.receive(ssrc, 1, 0);
    }
    bench.wire_rtcp();
    assert_eq!(outlines(&bench.next_report()), [["SR 1111 a b", "SR 2222", "SDES 1111 2222"]]);
}

#[test]
fn more_than_31_blocks_take_a_second_report() {
    let mut bench = Bench::new(options());
    for ssrc in 0..33 {
        bench.bind_remote(1000 + ssrc);
        bench.receive(1000 + ssrc, 1, 0);
    }
    let report = bench.next_report();
    let blocks: Vec<usize> =
        outlines(&report).concat().iter().map(|line| line.split(' ').count() - 2).collect();
    // Two receiver reports, the names, and the clock.
    assert_eq!(blocks, [31, 2, 0, 1]);
}

#[test]
fn a_thousand_streams_are_reported_each_round_within_the_mtu() {
    let mut bench = Bench::new(options());
    for ssrc in 0..1000 {
        bench.bind_remote(ssrc + 1);
    }
    for round in 0..3 {
        (0..1000).for_each(|ssrc| bench.receive(ssrc + 1, round, 0));
        let report = bench.next_report();
        assert!(report.iter().all(|packet| packet.len() <= 1200 && packet.is_compound()));
        let reported: BTreeSet<u32> = blocks(&report).iter().map(|block| block.ssrc).collect();
        assert_eq!((reported.len(), blocks(&report).len(), report.len()), (1000, 1000, 21));
    }
    assert_eq!(bench.report().counters().datagrams, 63);
}

#[test]
fn streams_that_found_no_room_come_first_in_the_next_round() {
    let mut bench = Bench::new(options().with_max_datagrams(2));
    for ssrc in 0..150 {
        bench.bind_remote(1 + ssrc);
    }
    let mut reported = Vec::new();
    for round in 0..3 {
        (0..150).for_each(|ssrc| bench.receive(1 + ssrc, round, 0));
        let report = bench.next_report();
        assert_eq!(report.len(), 2);
        reported.extend(blocks(&report).iter().map(|block| block.ssrc));
    }
    // 47 beside the clock and 48: the second round starts with the 55 that waited.
    let expected: Vec<u32> = (1..=150).chain(1..=135).collect();
    assert_eq!(reported, expected);
}

#[test]
fn a_stream_that_waited_is_reported_over_its_whole_wait() {
    let mut bench = Bench::new(options().with_max_datagrams(1));
    for ssrc in 0..60 {
        bench.bind_remote(1 + ssrc);
    }
    // 47 find room. Stream 60 loses a packet in the first round and none in the second.
    for seqs in [[1, 3], [4, 5]] {
        (0..60).for_each(|ssrc| seqs.iter().for_each(|seq| bench.receive(1 + ssrc, *seq, 0)));
        let report = bench.next_report();
        if let Some(block) = blocks(&report).iter().find(|block| block.ssrc == 60) {
            assert_eq!((block.fraction_lost, block.cumulative_lost), (51, 1), "one of five");
            return;
        }
    }
    panic!("stream 60 was never reported");
}

#[test]
fn the_interval_of_rfc_3550_sends_one_datagram_a_round() {
    let mut bench = Bench::new(options().with_interval(RtcpInterval::rfc3550(10_000_000)));
    for ssrc in 0..100 {
        bench.bind_remote(1 + ssrc);
        bench.receive(1 + ssrc, 1, 0);
    }
    let mut reported = BTreeSet::new();
    let mut datagrams = 0;
    while reported.len() < 100 {
        let report = bench.next_report();
        assert!(report.len() <= 1, "none when the timer was reconsidered");
        datagrams += report.len();
        reported.extend(blocks(&report).iter().map(|block| block.ssrc));
    }
    assert_eq!(datagrams, 3);
}
