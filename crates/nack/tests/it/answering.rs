//! What is sent again, and what not.

use interceptor_core::packet::{NackPair, Origin, RtcpPacket, RtpPacket};
use interceptor_nack::NackOptions;

use crate::kit::{Bench, SENDER, SSRC, flexfec, ms, rtp, video};

/// Not limited by the ratio.
fn generous() -> NackOptions {
    NackOptions::default().with_max_resend_ratio(100.0)
}

#[test]
fn sends_the_very_packet_again_as_a_retransmission() {
    let plain = rtp(7);
    let long = RtpPacket::builder().ssrc(SSRC).sequence_number(8).marker(true).csrc(1).csrc(2);
    let long = long.extension(1, &[1; 16]).extension(2, &[2; 16]).payload(&b"long"[..]).build().unwrap();
    let padded =
        RtpPacket::builder().ssrc(SSRC).sequence_number(9).payload(&b"padded"[..]).padding(5).build();
    let packets = [plain, long, padded.unwrap()];
    let mut bench = Bench::sender(generous());
    for packet in packets.clone() {
        bench.write(packet);
    }
    let again = bench.pass(50).read_nack(&[7, 8, 9]).sent();
    assert_eq!(again, packets);
    assert!(again.iter().all(|packet| packet.info().origin == Origin::Retransmission));
    let counters = bench.answering();
    assert_eq!((counters.requests_received, counters.packets_requested, counters.packets_resent), (1, 3, 3));
    assert_eq!(counters.bytes_resent, packets.iter().map(|packet| packet.total_len() as u64).sum());
    assert_eq!(bench.answering_of(SSRC), Some(counters));
}

#[test]
fn the_request_goes_on_to_the_application() {
    let mut bench = Bench::sender(generous());
    bench.write_numbers([1]).read_nack(&[1]);
    assert!(matches!(bench.chain.poll_app(), Some(interceptor_core::Incoming::Rtcp(_))));
}

#[test]
fn answers_for_packets_that_were_sent_out_of_order_or_twice() {
    let mut bench = Bench::sender(generous());
    bench.write_numbers([65_534, 0, 65_535, 65_535, 2, 1, 65_530]).pass(50);
    assert_eq!(
        bench.read_nack(&[65_530, 65_534, 65_535, 0, 1, 2]).resent(),
        [65_530, 65_534, 65_535, 0, 1, 2]
    );
}

#[test]
fn keeps_only_the_streams_own_packets() {
    let info = video().with_rtx(77, 97).with_fec(flexfec(88, 98));
    let mut bench = Bench::new(generous(), |config| config).with_local(info);
    for ssrc in [77, 88] {
        bench.write(RtpPacket::builder().ssrc(ssrc).sequence_number(5).payload(&b"x"[..]).build().unwrap());
    }
    let mut repeated = rtp(6);
    repeated.info_mut().origin = Origin::Retransmission;
    bench.write(repeated).read_nack(&[5, 6]);
    assert_eq!(bench.resent(), [0; 0]);
    assert_eq!(bench.answering().never_sent, 2);
}

#[test]
fn answers_once_a_round_trip() {
    let mut bench = Bench::sender(generous());
    bench.set_rtt(100);
    bench.write_numbers(0..5).pass(100);
    let pairs = [2, 3, 2].map(|packet_id| NackPair { packet_id, lost_packets: 1 });
    let packet = RtcpPacket::builder().nack_from(SENDER, SSRC, pairs).build().unwrap();
    bench.chain.read_rtcp(packet, bench.now);
    assert_eq!(bench.resent(), [2, 3, 4], "repeats in one message count once");
    assert_eq!(bench.pass(99).read_nack(&[2]).resent(), [0; 0]);
    assert_eq!(bench.answering().suppressed_by_cooldown, 4);
    assert_eq!(bench.pass(1).read_nack(&[2]).resent(), [2]);
}

#[test]
fn answers_no_sooner_than_10_ms_however_short_the_round_trip() {
    for rtt in [None, Some(1)] {
        let mut bench = Bench::sender(generous());
        rtt.into_iter().for_each(|rtt| bench.set_rtt(rtt));
        bench.write_numbers(0..5).read_nack(&[2]);
        assert_eq!(bench.pass(9).read_nack(&[2]).resent(), [2]);
        assert_eq!(bench.pass(1).read_nack(&[2]).resent(), [2]);
    }
}

#[test]
fn a_cooldown_of_ones_own_holds_whatever_the_round_trip() {
    let mut bench = Bench::sender(generous().with_resend_cooldown(Some(ms(40))));
    bench.set_rtt(100);
    bench.write_numbers(0..5).read_nack(&[2]);
    assert_eq!(bench.pass(39).read_nack(&[2]).resent(), [2]);
    assert_eq!(bench.pass(1).read_nack(&[2]).resent(), [2]);
}

#[test]
fn keeps_packets_for_a_second_or_three_round_trips() {
    for (rtt, age) in [(100, 1_000), (500, 1_500)] {
        let mut bench = Bench::sender(generous());
        bench.write_numbers([1]);
        bench.set_rtt(rtt);
        assert_eq!(bench.run(age).write_numbers([2]).read_nack(&[1]).resent(), [1]);
        assert_eq!(bench.run(10).read_nack(&[1]).resent(), [0; 0]);
        assert_eq!(bench.answering().too_old, 1);
    }
}

#[test]
fn keeps_as_many_packets_and_bytes_as_it_may() {
    let mut bench = Bench::sender(generous().with_send_history_packets(100));
    bench.write_numbers(0..150);
    assert_eq!(bench.read_nack(&[49, 50, 149]).resent(), [50, 149]);
    let mut bench = Bench::sender(generous().with_send_history_bytes(1_500));
    for seq in 0..10 {
        let mut packet = rtp(seq);
        packet.set_payload(vec![0; 500]);
        bench.write(packet);
    }
    assert_eq!(bench.read_nack(&[6, 7, 9]).resent(), [7, 9]);
    assert_eq!(bench.answering().too_old, 1);
}

#[test]
fn a_muted_stream_holds_no_packets_and_no_timer() {
    let mut bench = Bench::sender(generous());
    bench.write_numbers(0..100);
    assert!(bench.chain.next_timeout().is_some());
    bench.run(3_000);
    assert_eq!(bench.chain.next_timeout(), None);
    bench.write_numbers([100]);
    assert!(bench.chain.next_timeout().is_some());
}

#[test]
fn sends_no_more_again_than_was_sent() {
    let mut bench = Bench::sender(NackOptions::default().with_max_resend_ratio(0.5));
    bench.write_numbers(0..20);
    let everything: Vec<u16> = (0..20).collect();
    assert_eq!(bench.read_nack(&everything).resent().len(), 10);
    assert_eq!(bench.answering().suppressed_by_ratio, 10);
    assert_eq!(bench.pass(500).read_nack(&everything).resent(), [0; 0]);
    // A second after the media it counts no more, and neither do its repeats.
    bench.pass(600).write_numbers(20..30);
    assert_eq!(bench.read_nack(&(20..30).collect::<Vec<_>>()).resent().len(), 5);
}

#[test]
fn a_ratio_of_nothing_answers_nothing() {
    let mut bench = Bench::sender(NackOptions::default().with_max_resend_ratio(0.0));
    assert_eq!(bench.write_numbers(0..20).read_nack(&[3]).resent(), [0; 0]);
}

#[test]
fn sends_256_packets_of_a_stream_for_one_datagram() {
    let mut bench = Bench::sender(generous());
    bench.write_numbers(0..1_000);
    let half: Vec<u16> = (0..200).collect();
    let rest: Vec<u16> = (200..400).collect();
    let packet = RtcpPacket::builder().nack(SENDER, SSRC, &half).nack(SENDER, SSRC, &rest).build().unwrap();
    bench.chain.read_rtcp(packet, bench.now);
    assert_eq!(bench.run(100).resent(), (0..256).collect::<Vec<_>>());
    assert_eq!(bench.answering().cut_short, 1);
    assert_eq!(bench.read_nack(&[300]).resent(), [300], "the next datagram");
}

#[test]
fn survives_the_wrap_of_its_millisecond_clock() {
    let mut bench = Bench::sender(generous());
    bench.pass(u64::from(u32::MAX) - 20);
    bench.write_numbers(0..5).pass(40);
    assert_eq!(bench.read_nack(&[2]).resent(), [2]);
    assert_eq!(bench.pass(5).read_nack(&[2, 3]).resent(), [3]);
    assert_eq!(bench.pass(1_000).read_nack(&[4]).resent(), [0; 0]);
}
