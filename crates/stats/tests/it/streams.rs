//! What RTP packets add up to.

use std::time::SystemTime;

use interceptor_core::{Codec, Playout, StreamInfo};
use interceptor_packet::{Ecn, Origin, Recovery, RtpPacket};
use interceptor_stats::{JitterRule, MediaKind, StatsOptions};
use interceptor_test::rtp;

use crate::support::{Bench, LOCAL, LOCAL_RTX, REMOTE, REMOTE_FEC, REMOTE_RTX, START, ms, video};

/// Media packets with these numbers, 10 ms apart.
fn receive(bench: &mut Bench, seqs: impl IntoIterator<Item = u16>) {
    for seq in seqs {
        bench.clock.advance(ms(10));
        bench.receive(rtp(REMOTE).seq(seq).ts(u32::from(seq) * 900).payload_len(100).build());
    }
}

/// A retransmission of media packet `original`.
fn rtx(seq: u16, original: u16) -> RtpPacket {
    let payload = [&original.to_be_bytes()[..], &[7; 100]].concat();
    rtp(REMOTE_RTX).pt(97).seq(seq).payload(payload).build()
}

#[test]
fn retransmissions_and_repair_packets_are_part_of_their_media_stream() {
    let mut bench = Bench::with_video();
    receive(&mut bench, [1, 2, 4]);
    bench.receive(rtx(500, 3));
    bench.receive(rtp(REMOTE_FEC).pt(98).seq(9).payload_len(60).build());
    let inbound = bench.inbound();
    assert_eq!((inbound.packets_received, inbound.bytes_received), (5, 3 * 100 + 102 + 60));
    assert_eq!((inbound.retransmitted_packets_received, inbound.retransmitted_bytes_received), (1, 102));
    assert_eq!((inbound.fec_packets_received, inbound.fec_bytes_received), (1, 60));
    assert_eq!((inbound.rtx_ssrc, inbound.fec_ssrc), (Some(REMOTE_RTX), Some(REMOTE_FEC)));
    // Loss before repair, RFC 3550 A.3.
    assert_eq!(inbound.packets_lost, 1);
    assert_eq!(bench.handle.stream("call", REMOTE_RTX), bench.handle.stream("call", REMOTE));
}

#[test]
fn retransmissions_and_plain_repeats_are_counted_apart_when_sent() {
    let mut bench = Bench::with_video();
    bench.send(rtp(LOCAL).seq(1).payload_len(100).build());
    bench.send(rtp(LOCAL_RTX).pt(97).seq(1).payload_len(102).build());
    bench.send(rtp(LOCAL).seq(1).payload_len(100).origin(Origin::Retransmission).build());
    let outbound = bench.outbound();
    assert_eq!((outbound.packets_sent, outbound.bytes_sent), (3, 302));
    assert_eq!((outbound.retransmitted_packets_sent, outbound.retransmitted_bytes_sent), (2, 202));
}

#[test]
fn a_retransmission_recovers_a_packet_once_and_only_if_it_was_missing() {
    let mut bench = Bench::with_video();
    receive(&mut bench, [65_534, 65_535, 2]);
    let recovered = |bench: &mut Bench, packet: RtpPacket| {
        bench.receive(packet);
        bench.inbound().packets_recovered_by_rtx
    };
    assert_eq!(recovered(&mut bench, rtx(1, 0)), 1);
    assert_eq!(recovered(&mut bench, rtx(2, 0)), 1, "a second copy");
    assert_eq!(recovered(&mut bench, rtx(3, 65_535)), 1, "it had come");
    assert_eq!(recovered(&mut bench, rtx(4, 65_000)), 1, "sent before this stream began");
    assert_eq!(recovered(&mut bench, rtx(5, 3)), 1, "not known to be missing");
    assert_eq!(recovered(&mut bench, rtp(REMOTE_RTX).pt(97).seq(6).padding(255).build()), 1, "padding");
    assert_eq!(recovered(&mut bench, rtp(REMOTE_RTX).pt(97).seq(7).payload_len(1).build()), 1, "no number");
    assert_eq!(recovered(&mut bench, rtx(8, 1)), 2);
    assert_eq!(bench.inbound().packets_lost, 2);
}

#[test]
fn a_retransmission_before_any_media_recovers_nothing() {
    let mut bench = Bench::with_video();
    bench.receive(rtx(1, 0));
    assert_eq!(bench.inbound().packets_recovered_by_rtx, 0);
    assert_eq!(bench.inbound().retransmitted_packets_received, 1);
}

#[test]
fn above_rtx_and_fec_what_they_bring_back_is_counted() {
    let mut bench = Bench::with_video();
    receive(&mut bench, [1, 5]);
    for (seq, recovery) in [(2, Recovery::Rtx), (3, Recovery::Fec), (3, Recovery::Fec)] {
        let mut packet = rtp(REMOTE).seq(seq).payload_len(100).build();
        packet.info_mut().recovered_by = Some(recovery);
        bench.receive(packet);
    }
    let inbound = bench.inbound();
    assert_eq!((inbound.packets_recovered_by_rtx, inbound.packets_recovered_by_fec), (1, 1));
    assert_eq!((inbound.packets_lost, inbound.packets_received), (3, 5));
}

#[test]
fn duplicates_and_reordered_packets_have_counters_of_their_own() {
    let mut bench = Bench::with_video();
    receive(&mut bench, [1, 3, 2, 3, 2, 2, 4]);
    let inbound = bench.inbound();
    assert_eq!((inbound.packets_duplicated, inbound.packets_reordered), (3, 1));
    // RFC 3550 A.3: duplicates count as received.
    assert_eq!(inbound.packets_lost, -3);
}

#[test]
fn a_late_original_of_a_recovered_packet_is_a_duplicate() {
    let mut bench = Bench::with_video();
    receive(&mut bench, [1, 3]);
    bench.receive(rtx(1, 2));
    receive(&mut bench, [2]);
    assert_eq!((bench.inbound().packets_duplicated, bench.inbound().packets_reordered), (1, 0));
}

#[test]
fn a_packet_reordered_further_than_a_hundred_is_late_and_no_restart() {
    let mut bench = Bench::with_video();
    receive(&mut bench, (0..1000).filter(|seq| *seq != 500));
    receive(&mut bench, [500]);
    assert_eq!(bench.inbound().packets_reordered, 1);
    assert_eq!(bench.inbound().packets_received, 1000);
}

#[test]
fn loss_goes_on_when_the_sender_restarts_its_numbers() {
    let mut bench = Bench::with_video();
    receive(&mut bench, [100, 103]);
    assert_eq!(bench.inbound().packets_lost, 2);
    receive(&mut bench, [40_000, 40_001, 40_003]);
    let inbound = bench.inbound();
    assert_eq!((inbound.packets_lost, inbound.packets_received), (3, 5));
    assert!(inbound.jitter < ms(1000), "the jump is no jitter: {:?}", inbound.jitter);
}

#[test]
fn a_stray_packet_changes_nothing_but_the_count() {
    let mut bench = Bench::with_video();
    receive(&mut bench, [100, 101, 40_000, 102, 103]);
    let inbound = bench.inbound();
    assert_eq!((inbound.packets_lost, inbound.packets_received, inbound.packets_reordered), (0, 5, 0));
}

/// Numbers of a stream of 1000 packets a second, over the wrap, at the time and with the timestamp of their turn.
fn at_a_thousand_a_second(bench: &mut Bench, numbers: std::ops::Range<u32>, lost: &[u32]) {
    for number in numbers {
        bench.clock.advance(ms(1));
        if !lost.contains(&number) {
            bench.receive(rtp(REMOTE).seq((64_000 + number) as u16).ts(90 * number).build());
        }
    }
}

#[test]
fn two_in_a_row_that_are_late_by_two_hundred_are_lost_no_more() {
    let mut bench = Bench::with_video();
    at_a_thousand_a_second(&mut bench, 0..2000, &[1400, 1401]);
    assert_eq!(bench.inbound().packets_lost, 2);
    for number in [1400, 1401] {
        bench.receive(rtp(REMOTE).seq((64_000 + number) as u16).ts(90 * number).build());
    }
    at_a_thousand_a_second(&mut bench, 2000..2500, &[]);
    let inbound = bench.inbound();
    assert_eq!((inbound.packets_lost, inbound.packets_reordered, inbound.packets_duplicated), (0, 2, 0));
}

#[test]
fn an_outage_of_any_length_is_lost_in_full() {
    let mut bench = Bench::with_video();
    at_a_thousand_a_second(&mut bench, 0..1000, &[7]);
    bench.clock.advance(ms(9000));
    at_a_thousand_a_second(&mut bench, 10_000..10_500, &[]);
    let inbound = bench.inbound();
    assert_eq!((inbound.packets_lost, inbound.packets_received), (9001, 1499));
    assert!(inbound.jitter < ms(1), "the clock went on: {:?}", inbound.jitter);
}

#[test]
fn repeats_of_old_packets_are_duplicates_and_no_restart() {
    let mut bench = Bench::with_video();
    at_a_thousand_a_second(&mut bench, 0..3000, &[]);
    for number in [1000, 1001, 1002] {
        bench.receive(rtp(REMOTE).seq((64_000 + number) as u16).ts(90 * number).build());
    }
    at_a_thousand_a_second(&mut bench, 3000..3100, &[]);
    assert_eq!((bench.inbound().packets_duplicated, bench.inbound().packets_lost), (3, -3));
}

#[test]
fn losses_survive_every_wrap() {
    let mut bench = Bench::with_video();
    let numbers = (0u32..140_000).filter(|number| number % 10 != 3).map(|number| number as u16);
    receive(&mut bench, numbers);
    assert_eq!(bench.inbound().packets_lost, 14_000);
    assert_eq!(bench.inbound().packets_duplicated, 0);
}

#[test]
fn padding_is_header_bytes() {
    let mut bench = Bench::with_video();
    bench.send(rtp(LOCAL).padding(255).build());
    let outbound = bench.outbound();
    assert_eq!((outbound.packets_sent, outbound.bytes_sent, outbound.header_bytes_sent), (1, 0, 267));
}

#[test]
fn congestion_marks_are_counted() {
    let mut bench = Bench::with_video();
    for (seq, ecn) in [(1, Ecn::NotEct), (2, Ecn::Ect0), (3, Ecn::Ect1), (4, Ecn::Ect1), (5, Ecn::Ce)] {
        bench.receive(rtp(REMOTE).seq(seq).ecn(ecn).build());
        bench.send(rtp(LOCAL).seq(seq).ecn(ecn).build());
    }
    let inbound = bench.inbound();
    assert_eq!(inbound.packets_received_with_ect0, 1);
    assert_eq!(inbound.packets_received_with_ect1, 2);
    assert_eq!(inbound.packets_received_with_ce, 1);
    assert_eq!(bench.outbound().packets_sent_with_ect1, 2);
}

#[test]
fn timestamps_are_on_the_wall_clock() {
    let mut bench = Bench::with_video();
    assert_eq!(bench.inbound().last_packet_received_timestamp, None);
    assert_eq!(bench.outbound().last_packet_sent_timestamp, None);
    bench.clock.advance(ms(1500));
    bench.send(rtp(LOCAL).build());
    // The packet was on its way through the host for 20 ms: its arrival counts.
    let mut packet = rtp(REMOTE).build();
    packet.info_mut().arrival = Some(bench.clock.now() - ms(20));
    bench.receive(packet);
    let wall = |millis: u64| Some(SystemTime::UNIX_EPOCH + START + ms(millis));
    assert_eq!(bench.inbound().last_packet_received_timestamp, wall(1480));
    assert_eq!(bench.outbound().last_packet_sent_timestamp, wall(1500));
    assert_eq!(Some(bench.connection().timestamp), wall(1500));
}

#[test]
fn libwebrtc_jitter_is_an_option() {
    let options = StatsOptions::default().with_jitter(JitterRule::NewTimestamps);
    let mut libwebrtc = Bench::with(options, |registry| registry);
    libwebrtc.bind_remote(video(REMOTE));
    let mut rfc = Bench::new();
    rfc.bind_remote(video(REMOTE));
    // Frames of four packets, 5 ms apart from packet to packet; frames are on time.
    for number in 0..400u16 {
        for bench in [&mut libwebrtc, &mut rfc] {
            bench.clock.advance(ms(5));
            bench.receive(rtp(REMOTE).seq(number).ts(u32::from(number / 4) * 1800).build());
        }
    }
    // From the last packet of a frame to the first of the next: 5 ms instead of 20.
    assert!(libwebrtc.inbound().jitter.abs_diff(ms(15)) < ms(1), "{:?}", libwebrtc.inbound().jitter);
    // Three differences of 5 ms and one of 15.
    assert!(rfc.inbound().jitter.abs_diff(ms(7)) < ms(2), "{:?}", rfc.inbound().jitter);
}

#[test]
fn an_unknown_clock_gives_no_jitter() {
    let mut bench = Bench::new();
    bench.bind_remote(interceptor_core::StreamInfo::new(REMOTE, 96, 0));
    receive(&mut bench, [1, 2, 9]);
    assert_eq!(bench.inbound().jitter, ms(0));
    assert_eq!((bench.inbound().kind, bench.inbound().packets_lost), (None, 6));
}

#[test]
fn a_stream_is_named_as_it_was_bound() {
    let bench = Bench::with_video();
    let inbound = bench.inbound();
    assert_eq!((inbound.ssrc, &*inbound.name, inbound.kind), (REMOTE, "camera", Some(MediaKind::Video)));
    assert_eq!(bench.outbound().rtx_ssrc, Some(LOCAL_RTX));
    assert_eq!(bench.handle.stream("call", 1), None);
    assert_eq!(bench.handle.stream("another call", REMOTE), None);
}

#[test]
fn what_playout_throws_away_is_told_through_the_handle() {
    let bench = Bench::with_video();
    assert!(bench.handle.add_discarded("call", REMOTE, 3));
    assert!(bench.handle.add_discarded("call", REMOTE_RTX, 1));
    assert!(!bench.handle.add_discarded("call", LOCAL, 1));
    assert!(!bench.handle.add_discarded("none", REMOTE, 1));
    assert_eq!(bench.inbound().packets_discarded, 4);
}

#[test]
fn a_jitter_buffer_in_the_chain_is_heard() {
    let mut bench = Bench::with_video();
    let quiet = bench.inbound();
    assert_eq!((quiet.jitter_buffer_delay, quiet.jitter_buffer_emitted_count), (None, None));
    assert!(bench.handle.add_discarded("call", REMOTE, 3));
    let (delay_sum, target_sum, minimum_sum) = (ms(9000), ms(8000), ms(7000));
    let playout = Playout { ssrc: REMOTE, delay_sum, target_sum, minimum_sum, emitted: 100, discarded: 2 };
    let now = bench.clock.now();
    bench.chain.publish(playout, now);
    bench.chain.publish(Playout { ssrc: 12_345, discarded: 9, ..playout }, now);
    let told = bench.inbound();
    assert_eq!((told.packets_discarded, told.jitter_buffer_emitted_count), (5, Some(100)));
    assert_eq!(told.jitter_buffer_delay, Some(delay_sum));
    assert_eq!(told.jitter_buffer_target_delay, Some(target_sum));
    assert_eq!(told.jitter_buffer_minimum_delay, Some(minimum_sum));
}

#[test]
fn a_stream_that_is_described_anew_keeps_its_counts_and_shows_what_it_has_gained() {
    let mut bench = Bench::new();
    bench.bind_remote(video(REMOTE));
    let packet = |ssrc: u32, seq: u16| rtp(ssrc).seq(seq).ts(u32::from(seq) * 3000).payload_len(10).build();
    let now = bench.clock.now();
    bench.chain.read_rtp(packet(REMOTE, 1), now);
    bench.chain.amend_remote(video(REMOTE).with_rtx(REMOTE_RTX, 97), now).unwrap();
    bench.chain.read_rtp(packet(REMOTE, 2), now);
    let stats = bench
        .handle
        .stream("call", REMOTE_RTX)
        .and_then(|stream| stream.inbound_rtp)
        .expect("by its RTX SSRC");
    assert_eq!((stats.ssrc, stats.packets_received, stats.rtx_ssrc), (REMOTE, 2, Some(REMOTE_RTX)));
    bench.chain.amend_remote(video(REMOTE), now).unwrap();
    assert!(bench.handle.stream("call", REMOTE_RTX).is_none());
}

#[test]
fn jitter_is_a_time_on_whichever_clock_the_packets_run() {
    let mut bench = Bench::new();
    let stream = StreamInfo::new(REMOTE, 0, 8000).with_codec(Codec::new(111, 48_000));
    bench.bind_remote(stream);
    // Each second packet comes 2 ms late, first on one clock, then on the other.
    let mut jitter = |payload_type: u8, first: u16, step: u32| {
        for seq in first..first + 400 {
            let late = if seq % 2 == 1 { ms(2) } else { ms(0) };
            let now = bench.clock.now() + ms(20) * u32::from(seq) + late;
            let packet = rtp(REMOTE).pt(payload_type).seq(seq).ts(u32::from(seq) * step).payload_len(10);
            bench.chain.read_rtp(packet.build(), now);
        }
        let stream =
            bench.handle.stream("call", REMOTE).and_then(|stream| stream.inbound_rtp).expect("bound");
        stream.jitter
    };
    let (narrow, wide) = (jitter(0, 0, 160), jitter(111, 400, 960));
    for jitter in [narrow, wide] {
        assert!((ms(1)..ms(3)).contains(&jitter), "{jitter:?}, as {narrow:?} and {wide:?}");
    }
}
