//! Round-trip times of an end that only receives (RFC 3611).

use std::time::Duration;

use interceptor_core::Registry;
use interceptor_packet::{NtpTime, RtcpPacket};
use interceptor_report::{ReportFactory, ReportOptions};
use interceptor_test::{LinkOptions, Pair, PairOptions, Received, Side, rtp, stream_info};

use crate::harness::{Bench, FEEDBACK, millis, options, outlines};

fn call(options: ReportOptions) -> Pair {
    let registry = Registry::new().with(ReportFactory::new(options).unwrap());
    let links = LinkOptions::default().with_delay(millis(25));
    let mut pair = Pair::new(&registry, &registry, PairOptions::default().with_links(links)).unwrap();
    pair.bind(Side::A, stream_info::video(1)).unwrap();
    pair.feed(Side::A, rtp(1).payload_len(100).stream().every(millis(20)).take(250));
    pair.run_for(Duration::from_secs(5));
    pair
}

#[test]
fn a_receiver_learns_the_round_trip_if_it_was_negotiated() {
    let pair = call(options().with_xr(true));
    let rtt = pair.chain(Side::B).facts().rtt().expect("B measured").latest;
    assert!(rtt.abs_diff(millis(50)) < Duration::from_micros(31), "{rtt:?}");
    let rtcp =
        |side| pair.received(side).iter().filter_map(Received::rtcp).cloned().collect::<Vec<RtcpPacket>>();
    let lines = |side| outlines(&rtcp(side)).concat();
    assert!(lines(Side::A).iter().any(|line| line.starts_with("XR") && line.ends_with("RRTR")));
    assert!(lines(Side::B).iter().any(|line| line.starts_with("XR 1 ")));
}

#[test]
fn without_negotiation_nothing_extended_leaves() {
    let pair = call(options());
    assert_eq!(pair.chain(Side::B).facts().rtt(), None);
    let sent = [Side::A, Side::B].map(|side| pair.received(side).iter().filter_map(Received::rtcp).count());
    assert!(sent.iter().all(|datagrams| *datagrams > 3), "{sent:?}");
    for side in [Side::A, Side::B] {
        let rtcp: Vec<RtcpPacket> = pair.received(side).iter().filter_map(Received::rtcp).cloned().collect();
        assert!(!outlines(&rtcp).concat().iter().any(|line| line.starts_with("XR")));
    }
}

#[test]
fn the_bytes_of_both_blocks() {
    let mut bench = Bench::new(options().with_xr(true));
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
    let mut bench = Bench::new(options().with_xr(true));
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
    let mut bench = Bench::new(options().with_xr(true));
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
