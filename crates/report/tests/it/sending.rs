//! Sender reports about what is sent.

use std::time::Duration;

use interceptor_core::{Codec, FecInfo, FecScheme, StreamInfo};
use interceptor_packet::{NtpTime, Origin};
use interceptor_test::{rtp, stream_info};

use crate::harness::{Bench, WALL, millis, options, outlines, sender_report};

const LOCAL: u32 = 0x1111;

fn sender() -> Bench {
    let mut bench = Bench::new(options());
    bench.bind_local(LOCAL);
    bench
}

/// The timestamp of the next sender report less what has passed since `at`.
fn anchor(bench: &mut Bench, at: Duration) -> u32 {
    let report = bench.next_report();
    let (_, timestamp, ..) = sender_report(&report, LOCAL).expect("a sender report");
    let passed = (bench.elapsed() - at).as_nanos() * 90_000 / 1_000_000_000;
    timestamp.wrapping_sub(passed as u32)
}

#[test]
fn a_sender_reports_its_counts_and_clock() {
    let mut bench = sender();
    for seq in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 11] {
        bench.send(LOCAL, seq, u32::from(seq), 2);
    }
    let report = bench.next_report();
    assert_eq!(outlines(&report), [["SR 1111", "SDES 1111"]]);
    let (ntp, timestamp, packets, octets) = sender_report(&report, LOCAL).unwrap();
    assert_eq!(ntp, NtpTime::from_unix(WALL) + bench.elapsed());
    let passed = bench.elapsed().as_nanos() * 90_000 / 1_000_000_000;
    assert_eq!((u128::from(timestamp), packets, octets), (12 + passed, 12, 24));
}

#[test]
fn the_clock_is_that_of_the_first_packet_of_the_newest_frame() {
    let mut bench = sender();
    bench.send(LOCAL, 1, 3000, 1200);
    bench.skip(millis(33));
    let newest = bench.elapsed();
    for packet in 0..50 {
        bench.send(LOCAL, 2 + packet, 6000, 1200);
        bench.skip(millis(2));
    }
    // An older frame's packet that left late changes nothing.
    bench.send(LOCAL, 0, 0, 1200);
    assert_eq!(anchor(&mut bench, newest), 6000);
}

#[test]
fn timestamp_zero_is_a_timestamp() {
    let mut bench = sender();
    bench.skip(millis(100));
    let first = bench.elapsed();
    bench.send(LOCAL, 1, 0, 10);
    bench.skip(millis(10));
    bench.send(LOCAL, 2, 0, 10);
    assert_eq!(anchor(&mut bench, first), 0);
}

#[test]
fn the_clock_follows_numbering_that_starts_again() {
    let mut bench = sender();
    bench.send(LOCAL, 40_000, 900_000, 10);
    bench.skip(millis(20));
    let restarted = bench.elapsed();
    bench.send(LOCAL, 10_000, 77, 10);
    assert_eq!(anchor(&mut bench, restarted), 77);
}

#[test]
fn a_day_of_silence_does_not_overflow_the_clock() {
    let mut bench = sender();
    bench.send(LOCAL, 1, 5, 10);
    bench.skip(Duration::from_secs(86_400));
    let report = bench.next_report();
    let (_, timestamp, ..) = sender_report(&report, LOCAL).unwrap();
    let passed = (bench.elapsed().as_nanos() * 90_000 / 1_000_000_000) as u32;
    assert_eq!(timestamp, passed.wrapping_add(5));
}

#[test]
fn octets_are_those_of_payloads_without_padding() {
    let mut bench = sender();
    let packet = rtp(LOCAL).csrc(9).ext(3, &[1, 2, 3]).payload_len(100).padding(20).build();
    bench.chain.write_rtp(packet, bench.now());
    bench.chain.write_rtp(rtp(LOCAL).seq(1).origin(Origin::Padding).padding(255).build(), bench.now());
    let report = bench.next_report();
    let (_, _, packets, octets) = sender_report(&report, LOCAL).unwrap();
    assert_eq!((packets, octets), (2, 100));
}

#[test]
fn no_report_before_the_first_packet() {
    let mut bench = sender();
    assert!(bench.next_report().is_empty());
    bench.bind_local(0x2222);
    bench.send(0x2222, 1, 0, 10);
    assert_eq!(outlines(&bench.next_report()), [["SR 2222", "SDES 2222"]]);
}

#[test]
fn reports_as_sender_for_two_more_reports_and_then_as_receiver() {
    let mut bench = sender();
    bench.send(LOCAL, 1, 0, 10);
    let first_lines: Vec<_> = (0..3).map(|_| outlines(&bench.next_report()).concat()[0].clone()).collect();
    assert_eq!(first_lines, ["SR 1111", "SR 1111", "RR 1020304"]);
}

#[test]
fn a_retransmission_on_the_media_ssrc_counts_and_does_not_move_the_clock() {
    let mut bench = sender();
    bench.send(LOCAL, 5, 500, 10);
    bench.skip(millis(50));
    bench.send_as(Origin::Retransmission, LOCAL, 7, 9999);
    let report_clock = anchor(&mut bench, Duration::ZERO);
    assert_eq!(report_clock, 500);
    let report = bench.next_report();
    assert_eq!(sender_report(&report, LOCAL).unwrap().2, 2);
}

#[test]
fn retransmissions_and_fec_count_under_their_own_ssrcs() {
    let mut bench = Bench::new(options());
    bench.bind_local_stream(
        stream_info::video_with_rtx(LOCAL, 0x2222)
            .with_fec(FecInfo::new(FecScheme::FlexFec03, 98).with_ssrc(0x3333)),
    );
    bench.send(LOCAL, 1, 3000, 100);
    bench.skip(millis(100));
    bench.send(LOCAL, 2, 12_000, 100);
    // The retransmission carries the old timestamp, but its clock is the media's.
    bench.send(0x2222, 900, 3000, 102);
    bench.send(0x3333, 50, 777, 40);
    let sent = bench.elapsed();
    let report = bench.next_report();
    assert_eq!(outlines(&report), [["SR 1111", "SR 2222", "SR 3333", "SDES 1111 2222 3333"]]);
    let passed = ((bench.elapsed() - sent).as_nanos() * 90_000 / 1_000_000_000) as u32;
    let said = |ssrc| {
        let (_, timestamp, packets, octets) = sender_report(&report, ssrc).unwrap();
        (timestamp - passed, packets, octets)
    };
    assert_eq!(said(LOCAL), (12_000, 2, 200));
    assert_eq!(said(0x2222), (12_000, 1, 102));
    assert_eq!(said(0x3333), (777, 1, 40));
}

#[test]
fn repair_streams_can_be_left_out() {
    let mut bench = Bench::new(options().with_repair_streams(false));
    bench.bind_local_stream(stream_info::video_with_rtx(LOCAL, 0x2222));
    bench.send(LOCAL, 1, 0, 10);
    bench.send(0x2222, 1, 0, 12);
    let report = bench.next_report();
    assert_eq!(outlines(&report), [["SR 1111", "SDES 1111"]]);
    assert_eq!(sender_report(&report, LOCAL).unwrap().2, 1);
}

#[test]
fn the_bytes_of_a_sender_report() {
    let mut bench = Bench::with_config(options(), |config| {
        let mut config = config;
        // The first report leaves some time after the start; begin so much earlier.
        config.ntp = NtpTime::default();
        config
    });
    bench.bind_local(0x0102_0304);
    for seq in 0..100 {
        bench.send(0x0102_0304, seq, 90_000, 1200);
    }
    let report = bench.next_report();
    let (ntp, timestamp, ..) = sender_report(&report, 0x0102_0304).unwrap();
    let expected = format!("80c8000601020304{:016x}{timestamp:08x}000000640001d4c0", ntp.0);
    let names = "81ca0003010203040104757365720000";
    assert_eq!(format!("{:x}", report[0].as_bytes()), expected + names);
}

#[test]
fn a_sender_report_s_timestamp_runs_on_the_clock_of_the_payload_type_that_was_sent_last() {
    let mut bench = Bench::new(options());
    bench.bind_local_stream(StreamInfo::new(LOCAL, 0, 8000).with_codec(Codec::new(111, 48_000)));
    for (seq, payload_type, rate) in [(1, 0, 8000), (2, 111, 48_000), (3, 0, 8000)] {
        let timestamp = u32::from(seq) * 1000;
        let packet = rtp(LOCAL).pt(payload_type).seq(seq).ts(timestamp).payload_len(10).build();
        let at = bench.elapsed();
        let now = bench.now();
        bench.chain.write_rtp(packet, now);
        let report = bench.next_report();
        let (_, reported, ..) = sender_report(&report, LOCAL).expect("a sender report");
        let passed = (bench.elapsed() - at).as_nanos() * rate / 1_000_000_000;
        assert_eq!(u128::from(reported), u128::from(timestamp) + passed, "payload type {payload_type}");
    }
}
