//! What the far end reports, and round-trip times.

use std::time::{Duration, SystemTime};

use interceptor_packet::{NtpTime, ReportBlockData, RtcpPacket};
use interceptor_test::rtp;

use crate::support::{Bench, LOCAL, REMOTE, REMOTE_RTX, REPORTER, START, ms, video};

fn block(last_sr: u32, delay: u32) -> ReportBlockData {
    ReportBlockData { ssrc: LOCAL, last_sr, delay_since_last_sr: delay, ..ReportBlockData::default() }
}

/// A report comes in whose SR left `rtt` ago and waited for no time at the far end.
fn round_trip(bench: &mut Bench, rtt: Duration) {
    let sent = bench.ntp().middle_32();
    bench.clock.advance(rtt);
    bench.receive_rtcp(RtcpPacket::builder().receiver_report(REMOTE, &[block(sent, 0)]));
}

#[test]
fn nothing_is_remote_before_the_first_report() {
    let bench = Bench::with_video();
    assert_eq!((bench.remote_inbound(), bench.remote_outbound()), (None, None));
    assert_eq!((bench.inbound().remote_id, bench.outbound().remote_id), (None, None));
}

#[test]
fn round_trips_add_up() {
    let mut bench = Bench::with_video();
    for rtt in [100, 50, 150] {
        round_trip(&mut bench, ms(rtt));
    }
    let remote = bench.remote_inbound().expect("reported");
    let close = |a: Duration, b: Duration| a.abs_diff(b) < Duration::from_micros(50);
    assert!(remote.round_trip_time.is_some_and(|rtt| close(rtt, ms(150))), "{remote:?}");
    assert!(close(remote.total_round_trip_time, ms(300)), "{remote:?}");
    assert_eq!((remote.round_trip_time_measurements, remote.reports_received), (3, 3));
    assert_eq!(remote.timestamp, SystemTime::UNIX_EPOCH + START + ms(300));
    assert_eq!(bench.outbound().remote_id, Some(remote.id));
}

#[test]
fn without_lsr_there_is_no_round_trip() {
    let mut bench = Bench::with_video();
    bench.receive_rtcp(RtcpPacket::builder().receiver_report(REMOTE, &[block(0, 65_536)]));
    let remote = bench.remote_inbound().expect("reported");
    assert_eq!((remote.round_trip_time, remote.round_trip_time_measurements), (None, 0));
}

#[test]
fn a_delay_of_zero_is_a_delay() {
    let mut bench = Bench::with_video();
    round_trip(&mut bench, ms(30));
    assert_eq!(bench.remote_inbound().expect("reported").round_trip_time_measurements, 1);
}

#[test]
fn a_negative_round_trip_is_zero_and_an_absurd_one_is_dropped() {
    let mut bench = Bench::with_video();
    let now = bench.ntp().middle_32();
    // The far end says that it held the report longer than ago it was sent.
    bench.receive_rtcp(
        RtcpPacket::builder().receiver_report(REMOTE, &[block(now.wrapping_sub(0x1_0000), 0x1_0001)]),
    );
    assert_eq!(bench.remote_inbound().expect("reported").round_trip_time, Some(ms(0)));
    bench
        .receive_rtcp(RtcpPacket::builder().receiver_report(REMOTE, &[block(now.wrapping_sub(61 << 16), 0)]));
    let remote = bench.remote_inbound().expect("reported");
    assert_eq!((remote.round_trip_time_measurements, remote.reports_received), (1, 2));
}

#[test]
fn the_arrival_counts_not_the_time_of_processing() {
    let mut bench = Bench::with_video();
    let sent = bench.ntp().middle_32();
    bench.clock.advance(ms(100));
    let report = block(sent, 0);
    let mut packet = RtcpPacket::builder().receiver_report(REMOTE, &[report]).build().expect("valid");
    packet.info_mut().arrival = Some(bench.clock.now());
    bench.clock.advance(ms(400));
    bench.chain.read_rtcp(packet, bench.clock.now());
    let rtt = bench.remote_inbound().and_then(|remote| remote.round_trip_time).expect("measured");
    assert!(rtt.abs_diff(ms(100)) < ms(1), "{rtt:?}");
}

#[test]
fn an_sr_is_credited_to_its_senders_stream_only() {
    let mut bench = Bench::with_video();
    bench.bind_remote(video(77));
    // The sender of stream 77 reports on itself, with blocks about a remote and a local stream (pion overwrites).
    let blocks = [ReportBlockData { ssrc: REMOTE, ..ReportBlockData::default() }, block(0, 0)];
    bench.receive_rtcp(RtcpPacket::builder().sender_report(
        77,
        NtpTime::from_unix(START),
        0,
        5,
        500,
        &blocks,
    ));
    assert_eq!(bench.remote_outbound(), None);
    assert!(bench.remote_inbound().is_some());
    let other =
        bench.handle.stream("call", 77).and_then(|stream| stream.remote_outbound_rtp).expect("reported");
    assert_eq!((other.packets_sent, other.bytes_sent, other.reports_sent), (5, 500, 1));
}

#[test]
fn an_sr_of_the_rtx_stream_does_not_touch_the_media() {
    let mut bench = Bench::with_video();
    let now = bench.ntp();
    bench.receive_rtcp(RtcpPacket::builder().sender_report(REMOTE, now, 0, 100, 10_000, &[]));
    bench.receive_rtcp(RtcpPacket::builder().sender_report(REMOTE_RTX, now, 0, 3, 300, &[]));
    let remote = bench.remote_outbound().expect("reported");
    assert_eq!((remote.packets_sent, remote.bytes_sent, remote.reports_sent), (100, 10_000, 1));
}

#[test]
fn the_senders_clock_is_told() {
    let mut bench = Bench::with_video();
    let theirs = NtpTime::from_unix(START + ms(5250));
    bench.clock.advance(ms(100));
    bench.receive_rtcp(RtcpPacket::builder().sender_report(REMOTE, theirs, 0, 1, 1, &[]));
    let remote = bench.remote_outbound().expect("reported");
    assert_eq!(remote.remote_timestamp, Some(SystemTime::UNIX_EPOCH + START + ms(5250)));
    assert_eq!(remote.timestamp, SystemTime::UNIX_EPOCH + START + ms(100));
}

#[test]
fn counts_of_sender_reports_go_on_over_their_wrap() {
    let mut bench = Bench::with_video();
    let now = bench.ntp();
    for octets in [u32::MAX - 10, 90, 1000] {
        bench.receive_rtcp(RtcpPacket::builder().sender_report(REMOTE, now, 0, 1, octets, &[]));
    }
    assert_eq!(bench.remote_outbound().expect("reported").bytes_sent, (1 << 32) + 1000);
}

#[test]
fn only_answers_to_our_own_clock_are_round_trips() {
    let mut bench = Bench::with_video();
    let sent = bench.ntp().middle_32();
    bench.clock.advance(ms(80));
    let measured = |bench: &mut Bench, entry: (u32, u32, u32)| {
        bench.receive_rtcp(RtcpPacket::builder().xr_dlrr(REMOTE, &[entry]));
        bench.remote_outbound().map_or(0, |remote| remote.round_trip_time_measurements)
    };
    assert_eq!(measured(&mut bench, (4711, sent, 0)), 0, "somebody else's");
    assert_eq!(measured(&mut bench, (REPORTER, 0, 0)), 0, "it has not heard us");
    assert_eq!(measured(&mut bench, (REPORTER, sent, 0)), 1, "the connection's feedback SSRC");
    assert_eq!(measured(&mut bench, (LOCAL, sent, 0)), 2, "a local stream");
    let ntp = bench.ntp();
    bench.send_rtcp(RtcpPacket::builder().xr_rrtr(4711, ntp));
    assert_eq!(measured(&mut bench, (4711, sent, 0)), 3, "we have told our clock under this SSRC");
    // An answer in the report of a stream that is not bound has no place.
    bench.receive_rtcp(RtcpPacket::builder().xr_dlrr(99, &[(REPORTER, sent, 0)]));
    assert_eq!(bench.remote_outbound().expect("measured").round_trip_time_measurements, 3);
}

#[test]
fn of_several_answers_that_to_the_reporter_of_the_stream_counts() {
    let mut bench = Bench::with_video();
    let ntp = bench.ntp();
    let about = ReportBlockData { ssrc: REMOTE, ..ReportBlockData::default() };
    // As Chromium does: 1 reports on video, 2 on audio, both tell their clocks.
    bench.send_rtcp(RtcpPacket::builder().receiver_report(1, &[about]).xr_rrtr(1, ntp));
    bench.clock.advance(ms(70));
    let later = bench.ntp();
    bench.send_rtcp(RtcpPacket::builder().receiver_report(2, &[]).xr_rrtr(2, later));
    bench.clock.advance(ms(30));
    let answers = [(2, later.middle_32(), 0), (1, ntp.middle_32(), 0)];
    bench.receive_rtcp(RtcpPacket::builder().xr_dlrr(REMOTE, &answers));
    bench.receive_rtcp(RtcpPacket::builder().xr_dlrr(REMOTE, &answers[..1]));
    let remote = bench.remote_outbound().expect("measured");
    assert_eq!(remote.round_trip_time_measurements, 1);
    assert!(remote.round_trip_time.is_some_and(|rtt| rtt.abs_diff(ms(100)) < ms(1)), "{remote:?}");
}

#[test]
fn reports_before_the_first_packet_are_harmless() {
    let mut bench = Bench::with_video();
    let report = ReportBlockData { extended_sequence_number: 70_000, cumulative_lost: -5, ..block(0, 0) };
    bench.receive_rtcp(RtcpPacket::builder().receiver_report(REMOTE, &[report]));
    let remote = bench.remote_inbound().expect("reported");
    assert_eq!((remote.packets_received, remote.packets_lost), (5, -5));
    bench.send(rtp(LOCAL).seq(70_000u32 as u16).build());
}
