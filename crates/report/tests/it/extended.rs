//! Round-trip times by extended reports (RFC 3611).

use std::time::Duration;

use interceptor_core::Registry;
use interceptor_packet::{NtpTime, RtcpPacket};
use interceptor_report::{ReportFactory, ReportOptions, RtcpInterval, RttReports};
use interceptor_test::{LinkOptions, Pair, PairOptions, Received, Side, rtp, stream_info};

use crate::harness::{Bench, FEEDBACK, millis, options, outlines};

/// A sends to B for five seconds over a path of 25 ms each way.
fn call(a: ReportOptions, b: ReportOptions) -> Pair {
    let registry = |options| Registry::new().with(ReportFactory::new(options).unwrap());
    let links = LinkOptions::default().with_delay(millis(25));
    let mut pair = Pair::new(&registry(a), &registry(b), PairOptions::default().with_links(links)).unwrap();
    pair.bind(Side::A, stream_info::video(1)).unwrap();
    pair.feed(Side::A, rtp(1).payload_len(100).stream().every(millis(20)).take(250));
    pair.run_for(Duration::from_secs(5));
    pair
}

/// What each datagram consisted of that this side received.
fn received(pair: &Pair, side: Side) -> Vec<Vec<String>> {
    let rtcp: Vec<RtcpPacket> = pair.received(side).iter().filter_map(Received::rtcp).cloned().collect();
    outlines(&rtcp)
}

fn count_extended(datagrams: &[Vec<String>]) -> usize {
    datagrams.concat().iter().filter(|line| line.starts_with("XR")).count()
}

#[test]
fn an_end_that_only_receives_learns_the_round_trip_by_default() {
    let pair = call(options(), options());
    let rtt = pair.chain(Side::B).facts().rtt().expect("B measured").latest;
    assert!(rtt.abs_diff(millis(50)) < Duration::from_micros(31), "{rtt:?}");
    // B tells its clock in each report; A, which sends, only answers.
    let asks = received(&pair, Side::A);
    assert!(
        asks.len() > 3 && asks.iter().all(|report| report.last().unwrap().ends_with(" RRTR")),
        "{asks:?}"
    );
    let answers = received(&pair, Side::B);
    assert!(count_extended(&answers) > 2, "{answers:?}");
    assert!(!answers.concat().iter().any(|line| line.contains("RRTR")), "{answers:?}");
}

#[test]
fn who_always_asks_is_answered_under_the_ssrc_that_asked() {
    let pair = call(options().with_rtt_reports(RttReports::Always), options());
    let asks = received(&pair, Side::B).concat();
    assert!(asks.contains(&"XR 1 RRTR".to_owned()), "{asks:?}");
    let answers = received(&pair, Side::A).concat();
    assert!(answers.iter().any(|line| line.starts_with("XR") && line.ends_with(" 1")), "{answers:?}");
    for side in [Side::A, Side::B] {
        let counters = pair.chain(side).get::<interceptor_report::Report>().unwrap().counters();
        assert_eq!(counters.unknown_ssrcs, 0);
        assert!(counters.round_trips > 2);
    }
}

#[test]
fn an_end_that_may_not_neither_asks_nor_answers() {
    let never = || options().with_rtt_reports(RttReports::Never);
    let pair = call(never(), never());
    assert_eq!(pair.chain(Side::B).facts().rtt(), None);
    for side in [Side::A, Side::B] {
        let datagrams = received(&pair, side);
        assert!(datagrams.len() > 3 && count_extended(&datagrams) == 0, "{datagrams:?}");
    }
    // A peer that asks gets no answer.
    let pair = call(never(), options());
    assert_eq!(pair.chain(Side::B).facts().rtt(), None);
    assert_eq!(count_extended(&received(&pair, Side::B)), 0);
}

#[test]
fn a_peer_that_ignores_it_costs_20_bytes_a_report() {
    let report = |rtt_reports| {
        let mut bench = Bench::new(options().with_rtt_reports(rtt_reports));
        bench.bind_remote(0xa);
        bench.receive(0xa, 1, 0);
        bench.next_report()[0].len()
    };
    assert_eq!(report(RttReports::Auto) - report(RttReports::Never), 20);
}

#[test]
fn it_asks_while_no_local_stream_sends() {
    let mut bench = Bench::new(options());
    bench.bind_local(0x1111);
    bench.bind_remote(0xa);
    bench.receive(0xa, 1, 0);
    let asks = |bench: &mut Bench| {
        outlines(&bench.next_report()).concat().iter().any(|line| line.ends_with(" RRTR"))
    };
    assert!(asks(&mut bench), "a local stream is bound, but sends nothing");
    bench.send(0x1111, 1, 0, 10);
    assert!(!asks(&mut bench) && !asks(&mut bench), "two rounds as sender");
    assert!(asks(&mut bench), "silent again");
}

#[test]
fn in_a_crowd_receivers_leave_it_to_the_sender() {
    // 16 others are no crowd, 17 are.
    let extended = |others: u32, sends: bool, rtt_reports| {
        let mut bench = Bench::new(
            options().with_interval(RtcpInterval::rfc3550(100_000_000)).with_rtt_reports(rtt_reports),
        );
        bench.bind_local(0x1111);
        bench.bind_remote(0xa);
        bench.receive(0xa, 1, 0);
        if sends {
            bench.send(0x1111, 1, 0, 10);
            bench.wire_rtcp();
        }
        // The source of the stream is one of them.
        for other in (1..others).map(|other| 1000 + other) {
            bench.receive_rtcp(|rtcp| {
                rtcp.receiver_report(other, &[]).xr_rrtr(other, NtpTime(1 << 40));
            });
        }
        let report = loop {
            let report = bench.next_report();
            if !report.is_empty() {
                break outlines(&report).concat();
            }
        };
        let asks = report.iter().any(|line| line.ends_with(" RRTR"));
        (asks, report.iter().filter(|line| line.starts_with("XR")).count() - usize::from(asks))
    };
    assert_eq!(extended(16, false, RttReports::Auto), (true, 1));
    assert_eq!(extended(17, false, RttReports::Auto), (false, 0));
    assert_eq!(extended(17, true, RttReports::Auto), (false, 1));
    assert_eq!(extended(17, false, RttReports::Always), (true, 0));
}

#[test]
fn only_reports_carry_the_clock_with_and_without_reduced_size() {
    for reduced in [true, false] {
        let mut bench = Bench::with_config(options(), |config| config.with_reduced_size_rtcp(reduced));
        bench.bind_remote(0xa);
        bench.receive(0xa, 1, 0);
        bench.chain.write_rtcp(RtcpPacket::builder().pli(FEEDBACK, 0xa).build().unwrap(), bench.now());
        let feedback = outlines(&bench.wire_rtcp());
        assert_eq!((feedback.len(), count_extended(&feedback)), (1, 0), "{feedback:?}");
        assert_eq!(count_extended(&outlines(&bench.next_report())), 1);
    }
}

#[test]
fn the_bytes_of_both_blocks() {
    let mut bench = Bench::new(options());
    bench.bind_remote(0xa);
    bench.receive(0xa, 1, 0);
    let ask = bench.next_report();
    let now = NtpTime::from_unix(crate::harness::WALL) + bench.elapsed();
    let expected = format!("80cf00040102030404000002{:016x}", now.0);
    assert!(format!("{:x}", ask[0].as_bytes()).ends_with(&expected));

    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(0x0a0b_0c0d, &[]).xr_rrtr(0x0a0b_0c0d, NtpTime(0xe8fe_6f80_1f9a_dd37));
    });
    let heard = bench.elapsed();
    let answer = bench.next_report();
    let delay = interceptor_packet::duration_to_short(bench.elapsed() - heard);
    let expected = format!("80cf000501020304050000030a0b0c0d6f801f9a{delay:08x}");
    assert!(format!("{:x}", answer[0].as_bytes()).ends_with(&expected));
    // Each clock is answered once.
    assert!(!outlines(&bench.next_report()).concat().iter().any(|line| line.ends_with(" a0b0c0d")));
}

#[test]
fn only_answers_to_us_count_and_clocks_are_capped() {
    let mut bench = Bench::new(options());
    bench.bind_remote(0xa);
    bench.receive(0xa, 1, 0);
    bench.next_report();
    let last = (NtpTime::from_unix(crate::harness::WALL) + bench.elapsed()).middle_32();
    bench.skip(millis(40));
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(9, &[]).xr_dlrr(9, &[(0xdead, last, 0), (FEEDBACK, 0, 0)]);
    });
    assert!(bench.rtts().is_empty());
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(9, &[]).xr_dlrr(9, &[(FEEDBACK, last, 1 << 10)]);
    });
    let [rtt] = bench.rtts()[..] else { panic!("one measurement") };
    assert!(rtt.latest.abs_diff(millis(40) - Duration::from_micros(15_625)) < Duration::from_micros(31));

    for stranger in 0..100 {
        bench.receive_rtcp(|rtcp| {
            rtcp.receiver_report(stranger, &[]).xr_rrtr(stranger, NtpTime(1 << 40));
        });
    }
    let lines = outlines(&bench.next_report()).concat();
    let answered = lines.iter().find(|line| line.starts_with("XR") && !line.contains("RRTR")).unwrap();
    assert_eq!(answered.split(' ').count() - 2, 16, "the newest sixteen: {answered}");
}

#[test]
fn extended_reports_find_room_within_the_mtu() {
    let mut bench = Bench::new(options());
    for ssrc in 0..48 {
        // Alone they fill 1184 of 1200 bytes.
        bench.bind_remote(1000 + ssrc);
        bench.receive(1000 + ssrc, 1, 0);
    }
    for receiver in 0..16 {
        bench.receive_rtcp(|rtcp| {
            rtcp.receiver_report(receiver, &[]).xr_rrtr(receiver, NtpTime(1 << 40));
        });
    }
    let sent = bench.next_report();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|packet| packet.len() <= 1200 && packet.is_compound()));
    let lines = outlines(&sent).concat();
    assert_eq!(lines.iter().filter(|line| line.starts_with("XR")).count(), 2);
}
