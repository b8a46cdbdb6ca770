//! Goodbyes, with the last reports.

use interceptor_report::{ReportOptions, RtcpInterval};
use interceptor_test::stream_info;

use crate::harness::{Bench, blocks, options, outlines};

/// Two local streams that send, one that does not, and a remote one.
fn call(options: ReportOptions) -> Bench {
    let mut bench = Bench::new(options);
    bench.bind_local(0x1111);
    bench.bind_local_stream(stream_info::video_with_rtx(0x2222, 0x2223));
    bench.bind_local(0x3333);
    bench.bind_remote(0xa);
    for ssrc in [0x1111, 0x2222, 0x2223] {
        bench.send(ssrc, 1, 0, 10);
    }
    bench.receive(0xa, 1, 0);
    bench.wire_rtcp();
    bench
}

fn close(bench: &mut Bench) -> Vec<Vec<String>> {
    bench.chain.close(bench.now()).unwrap();
    outlines(&bench.wire_rtcp())
}

#[test]
fn a_stream_that_ends_says_goodbye_with_its_last_sender_reports() {
    let mut bench = call(options());
    bench.chain.unbind_local(0x2222, bench.now()).unwrap();
    let goodbye = ["SR 2222", "SR 2223", "SDES 2222 2223", "BYE 2222 2223"];
    assert_eq!(outlines(&bench.wire_rtcp()), [goodbye]);
    assert_eq!(bench.report().counters().goodbyes, 2);
    bench.chain.unbind_local(0x3333, bench.now()).unwrap();
    bench.chain.unbind_remote(0xa, bench.now()).unwrap();
    assert!(bench.wire_rtcp().is_empty(), "who never sent has nobody to say goodbye to");
}

#[test]
fn a_connection_that_closes_says_goodbye_once_with_its_last_reports() {
    let mut bench = call(options());
    let goodbye = ["SR 1111 a", "SR 2222", "SR 2223", "SDES 1111 2222 2223", "BYE 1111 2222 2223"];
    assert_eq!(close(&mut bench), [goodbye]);
    assert!(close(&mut bench).is_empty(), "closed already");
}

#[test]
fn a_receiver_says_goodbye_under_the_feedback_ssrc() {
    let mut bench = Bench::new(options());
    bench.bind_remote(0xa);
    bench.receive(0xa, 1, 0);
    assert_eq!(close(&mut bench), [["RR 1020304 a", "SDES 1020304", "BYE 1020304"]]);
}

#[test]
fn the_feedback_ssrc_leaves_as_well_if_it_has_spoken() {
    let mut bench = call(options());
    bench.chain.write_rtcp(
        interceptor_packet::RtcpPacket::builder().pli(0x0102_0304, 0xa).build().unwrap(),
        bench.now(),
    );
    bench.wire_rtcp();
    let goodbye = ["SR 1111 a", "SR 2222", "SR 2223", "SDES 1111 2222 2223", "BYE 1111 2222 2223 1020304"];
    assert_eq!(close(&mut bench), [goodbye]);
}

#[test]
fn who_never_sent_anything_says_nothing() {
    let mut bench = Bench::new(options());
    bench.bind_local(0x1111);
    bench.bind_remote(0xa);
    assert!(close(&mut bench).is_empty());
    assert!(close(&mut Bench::new(options())).is_empty());
}

#[test]
fn who_fell_silent_long_ago_leaves_without_a_sender_report() {
    let mut bench = Bench::new(options());
    bench.bind_local(0x1111);
    bench.send(0x1111, 1, 0, 10);
    (0..4).for_each(|_| drop(bench.next_report()));
    assert_eq!(close(&mut bench), [["RR 1111", "SDES 1111", "BYE 1111 1020304"]]);
}

#[test]
fn without_goodbyes_the_last_reports_still_leave() {
    let mut bench = call(options().with_bye(false));
    bench.chain.unbind_local(0x2222, bench.now()).unwrap();
    assert!(bench.wire_rtcp().is_empty());
    assert_eq!(close(&mut bench), [["SR 1111 a", "SDES 1111"]]);
}

#[test]
fn two_hundred_streams_leave_within_the_mtu() {
    let mut bench = Bench::new(options());
    for ssrc in 0..200 {
        bench.bind_local(1000 + ssrc);
        bench.bind_remote(5000 + ssrc);
        bench.send(1000 + ssrc, 1, 0, 10);
        bench.receive(5000 + ssrc, 1, 0);
    }
    bench.wire_rtcp();
    bench.chain.close(bench.now()).unwrap();
    let packets = bench.wire_rtcp();
    assert!(packets.iter().all(|packet| packet.len() <= 1200 && packet.is_compound()));
    assert_eq!(blocks(&packets).len(), 200);
    let lines = outlines(&packets).concat();
    let left: usize = lines.iter().filter(|l| l.starts_with("BYE")).map(|l| l.split(' ').count() - 1).sum();
    assert_eq!((left, lines.iter().filter(|line| line.starts_with("SR")).count()), (200, 200));
}

#[test]
fn a_crowd_is_left_in_silence() {
    // RFC 3550 §6.3.7: with 50 members or more a goodbye has to wait its turn, and a chain that closes cannot.
    let leave = |members| {
        let mut bench = Bench::new(options().with_interval(RtcpInterval::rfc3550(1_000_000)));
        bench.bind_local(0x1111);
        for member in 0..members {
            bench.receive_rtcp(|rtcp| {
                rtcp.receiver_report(7000 + member, &[]);
            });
        }
        bench.send(0x1111, 1, 0, 10);
        bench.wire_rtcp();
        close(&mut bench).concat().iter().any(|line| line.starts_with("BYE"))
    };
    assert!(leave(49));
    assert!(!leave(50));
}
