//! Values that others have published, and those that they have published wrong.

use interceptor_packet::{NtpTime, ReportBlockData, RtcpPacket};
use interceptor_test::{hex, rtp};

use crate::support::{Bench, LOCAL, LOCAL_RTX, REMOTE, REPORTER, START, built, ms, video};

fn block(ssrc: u32) -> ReportBlockData {
    ReportBlockData { ssrc, ..ReportBlockData::default() }
}

/// Media packets 7, 10 and 11, the third `late` after its time.
fn three_packets(late: u64) -> Bench {
    let mut bench = Bench::new();
    bench.bind_remote(video(REMOTE));
    for (seq, ts, wait) in [(7, 0, 0), (10, 90_000, 1000), (11, 180_000, 1000 + late)] {
        bench.clock.advance(ms(wait));
        bench.receive(rtp(REMOTE).seq(seq).ts(ts).build());
    }
    bench
}

#[test]
fn pion_packets_on_time() {
    let inbound = three_packets(0).inbound();
    assert_eq!((inbound.packets_received, inbound.packets_lost), (3, 2));
    assert_eq!(inbound.jitter, ms(0));
    assert_eq!(inbound.header_bytes_received, 36);
}

#[test]
fn pion_bytes_are_headers_too_but_ours_are_payload() {
    let mut bench = Bench::new();
    bench.bind_remote(video(REMOTE));
    bench.bind_local(video(LOCAL));
    bench.receive(rtp(REMOTE).payload_len(100).padding(20).build());
    bench.send(rtp(LOCAL).payload_len(100).padding(20).ext(1, &[1]).build());
    assert_eq!((bench.inbound().bytes_received, bench.inbound().header_bytes_received), (100, 32));
    // Header extension: four bytes and a word.
    assert_eq!((bench.outbound().bytes_sent, bench.outbound().header_bytes_sent), (100, 40));
}

#[test]
fn pion_third_packet_is_100_ms_late() {
    assert_eq!(three_packets(100).inbound().jitter, ms(100) / 16);
}

#[test]
fn jitter_is_the_first_difference_where_pion_takes_the_second() {
    let mut alternating = Bench::new();
    alternating.bind_remote(video(REMOTE));
    let mut drifting = Bench::new();
    drifting.bind_remote(video(REMOTE));
    for seq in 0..2000u16 {
        let ts = u32::from(seq) * 1800;
        // 20 ms apart, each second one 10 ms late: every difference is 10 ms.
        let wait = if seq % 2 == 0 { 10 } else { 30 };
        alternating.clock.advance(ms(wait));
        alternating.receive(rtp(REMOTE).seq(seq).ts(ts).build());
        // A sender whose clock runs 1 ms a packet fast.
        drifting.clock.advance(ms(21));
        drifting.receive(rtp(REMOTE).seq(seq).ts(ts).build());
    }
    let near =
        |bench: &Bench, expected: u64| bench.inbound().jitter.abs_diff(ms(expected)) < ms(expected) / 50;
    assert!(near(&alternating, 10), "{:?}", alternating.inbound().jitter);
    assert!(near(&drifting, 1), "{:?}", drifting.inbound().jitter);
}

#[test]
fn jitter_holds_over_the_timestamp_wrap_where_pion_jumps() {
    let mut bench = Bench::new();
    bench.bind_remote(video(REMOTE));
    for (step, ts) in (0u16..).zip([0xffff_f000_u32, 0xffff_fbb8, 0x0000_0770, 0x0000_1328]) {
        bench.clock.advance(ms(if step == 2 { 34 } else { 33 }));
        bench.receive(rtp(REMOTE).seq(step).ts(ts).build());
    }
    assert!(bench.inbound().jitter < ms(1), "{:?}", bench.inbound().jitter);
}

/// Packets with these numbers are sent, then this block comes.
fn reported(sent: &[u16], report: ReportBlockData) -> u64 {
    let mut bench = Bench::new();
    bench.bind_local(video(LOCAL));
    sent.iter().for_each(|seq| bench.send(rtp(LOCAL).seq(*seq).build()));
    bench.receive_rtcp(RtcpPacket::builder().receiver_report(REMOTE, &[report]));
    bench.remote_inbound().expect("reported").packets_received
}

#[test]
fn pion_report_block() {
    let mut bench = Bench::new();
    bench.bind_local(video(LOCAL));
    [1, 3].iter().for_each(|seq| bench.send(rtp(LOCAL).seq(*seq).build()));
    let report = ReportBlockData {
        fraction_lost: 85,
        cumulative_lost: 1,
        extended_sequence_number: 3,
        jitter: 45_000,
        ..block(LOCAL)
    };
    bench.receive_rtcp(RtcpPacket::builder().receiver_report(REMOTE, &[report]));
    let remote = bench.remote_inbound().expect("reported");
    assert_eq!((remote.packets_received, remote.packets_lost), (2, 1));
    assert_eq!(remote.jitter, ms(500));
    assert!((remote.fraction_lost - 0.332_031_25).abs() < f64::EPSILON);
    assert_eq!(remote.round_trip_time, None);
}

#[test]
fn pion_packets_received_over_the_wrap() {
    let report = ReportBlockData { extended_sequence_number: 1 << 16, ..block(LOCAL) };
    assert_eq!(reported(&[65_535, 0], report), 2);
}

#[test]
fn packets_received_do_not_need_the_receiver_to_count_wraps_as_we_do() {
    // The receiver has heard the stream for five cycles, this end was attached a moment ago.
    let report = ReportBlockData { extended_sequence_number: 5 << 16 | 12, ..block(LOCAL) };
    assert_eq!(reported(&[10, 11, 12], report), 3);
}

#[test]
fn pion_nonsense_reports_give_zero() {
    let more_lost_than_sent =
        ReportBlockData { cumulative_lost: 10, extended_sequence_number: 1, ..block(LOCAL) };
    assert_eq!(reported(&[1], more_lost_than_sent), 0);
    let before_the_first = ReportBlockData { extended_sequence_number: 999, ..block(LOCAL) };
    assert_eq!(reported(&[1000], before_the_first), 0);
    assert_eq!(reported(&[], before_the_first), 0);
}

#[test]
fn pion_round_trip_of_an_sr_and_an_rr() {
    let mut bench = Bench::new();
    bench.bind_local(video(LOCAL));
    let sent = bench.ntp();
    bench.send_rtcp(RtcpPacket::builder().sender_report(LOCAL, sent, 0, 0, 0, &[]));
    bench.clock.advance(ms(2000));
    let report = ReportBlockData { last_sr: sent.middle_32(), delay_since_last_sr: 1 << 16, ..block(LOCAL) };
    bench.receive_rtcp(RtcpPacket::builder().receiver_report(REMOTE, &[report]));
    let remote = bench.remote_inbound().expect("reported");
    assert_eq!(remote.round_trip_time, Some(ms(1000)));
    assert_eq!((remote.total_round_trip_time, remote.round_trip_time_measurements), (ms(1000), 1));
}

#[test]
fn pion_round_trip_of_an_rrtr_and_a_dlrr() {
    let mut bench = Bench::new();
    bench.bind_remote(video(REMOTE));
    let sent = bench.ntp();
    bench.send_rtcp(RtcpPacket::builder().xr_rrtr(REPORTER, sent));
    bench.clock.advance(ms(2000));
    bench.receive_rtcp(RtcpPacket::builder().xr_dlrr(REMOTE, &[(REPORTER, sent.middle_32(), 1 << 16)]));
    let remote = bench.remote_outbound().expect("answered");
    assert_eq!(remote.round_trip_time, Some(ms(1000)));
    assert_eq!((remote.total_round_trip_time, remote.round_trip_time_measurements), (ms(1000), 1));
    assert_eq!((remote.reports_sent, remote.remote_timestamp), (0, None));
}

#[test]
fn pion_counts_blocks_inside_sender_reports() {
    let mut bench = Bench::new();
    bench.bind_local(video(LOCAL));
    bench.send(rtp(LOCAL).seq(5).build());
    let report = ReportBlockData { extended_sequence_number: 5, jitter: 90, ..block(LOCAL) };
    bench.receive_rtcp(RtcpPacket::builder().sender_report(
        REMOTE,
        NtpTime::from_unix(START),
        0,
        0,
        0,
        &[report],
    ));
    let remote = bench.remote_inbound().expect("reported");
    assert_eq!((remote.packets_received, remote.jitter), (1, ms(1)));
}

#[test]
fn rfc_3550_figure_2_round_trip() {
    // A = b710:8000, LSR = b705:2000, DLSR = 5.25 s: 6.125 s.
    let mut bench = Bench::new();
    bench.bind_local(video(LOCAL));
    let wait = 0xb710_8000_u32.wrapping_sub(bench.ntp().middle_32());
    bench.clock.advance(interceptor_packet::short_to_duration(wait) + std::time::Duration::from_nanos(1));
    assert_eq!(bench.ntp().middle_32(), 0xb710_8000);
    let report = ReportBlockData { last_sr: 0xb705_2000, delay_since_last_sr: 0x0005_4000, ..block(LOCAL) };
    bench.receive_rtcp(RtcpPacket::builder().receiver_report(REMOTE, &[report]));
    assert_eq!(bench.remote_inbound().expect("reported").round_trip_time, Some(ms(6125)));
}

#[test]
fn a_report_on_the_wire_is_read_to_the_last_field() {
    let mut bench = Bench::new();
    bench.bind_local(video(LOCAL));
    bench.bind_remote(video(REPORTER));
    let report = "81c90007010203040a0b0c0d0c00000500010063000000256f801f9a00054000";
    let sender = "80c8000601020304e8fe6f801f9add3700015f90000000640001d4c0";
    bench.chain.read_datagram(hex(&format!("{sender}{report}")), bench.clock.now());
    let remote = bench.remote_inbound().expect("reported");
    assert_eq!(remote.packets_lost, 5);
    assert!((remote.fraction_lost - 12.0 / 256.0).abs() < f64::EPSILON);
    assert_eq!(remote.jitter.as_nanos(), 37 * 1_000_000_000 / 90_000);
    let stream = bench
        .handle
        .stream("call", REPORTER)
        .and_then(|stream| stream.remote_outbound_rtp)
        .expect("reported");
    assert_eq!((stream.packets_sent, stream.bytes_sent, stream.reports_sent), (100, 120_000, 1));
}

#[test]
fn a_negative_loss_keeps_its_sign() {
    let mut bench = Bench::new();
    bench.bind_local(video(LOCAL));
    (0x60..=0x63).for_each(|seq| bench.send(rtp(LOCAL).seq(seq).build()));
    let report = "81c90007010203040a0b0c0d00fffffd00000063000000000000000000000000";
    bench.chain.read_datagram(hex(report), bench.clock.now());
    let remote = bench.remote_inbound().expect("reported");
    assert_eq!((remote.packets_lost, remote.packets_received), (-3, 7));
    assert_eq!(remote.round_trip_time_measurements, 0);
}

#[test]
fn a_block_about_the_rtx_stream_says_nothing_of_the_media() {
    let mut bench = Bench::with_video();
    bench.send(rtp(LOCAL).seq(1).build());
    let media = ReportBlockData { extended_sequence_number: 1, cumulative_lost: 0, ..block(LOCAL) };
    let rtx = ReportBlockData { extended_sequence_number: 900, cumulative_lost: 500, ..block(LOCAL_RTX) };
    bench
        .chain
        .read_rtcp(built(RtcpPacket::builder().receiver_report(REMOTE, &[media, rtx])), bench.clock.now());
    let remote = bench.remote_inbound().expect("reported");
    assert_eq!((remote.packets_lost, remote.reports_received), (0, 1));
}
