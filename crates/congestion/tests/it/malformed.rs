//! The rows of the table of malformed and hostile input.

use interceptor_core::packet::rtcp::{CcfbMetric, CcfbStream};
use interceptor_core::packet::{Ecn, RtcpPacket};
use interceptor_test::{hex, rtp};

use crate::breaker::report;
use crate::kit::{Bench, MEDIA, PEER, ccfb_video, ms, twcc};
use crate::limits::{KILO, remb, sender, tmmbr};

fn assert_unmoved(bench: &mut Bench) {
    assert_eq!(bench.told().len(), 0);
    assert_eq!(bench.target(), 300_000);
}

/// A TWCC message of a run of 8191 and seven times more: 65 528 packets.
fn runs(base: u16, symbol: u16) -> RtcpPacket {
    let mut fci: Vec<u8> = [base, 65_528, 0, 0].iter().flat_map(|half| half.to_be_bytes()).collect();
    fci.extend((0..8).flat_map(|_| (symbol << 13 | 8191).to_be_bytes()));
    let mut bytes = vec![0x8f, 205];
    bytes.extend(((8 + fci.len()) as u16 / 4).to_be_bytes());
    bytes.extend([PEER, MEDIA].iter().flat_map(|ssrc| ssrc.to_be_bytes()));
    bytes.extend(fci);
    RtcpPacket::parse(bytes.into()).unwrap()
}

#[test]
fn feedback_that_ends_before_its_packets_do_is_counted() {
    let mut bench = Bench::sender();
    bench.send(0..3);
    // Four packets with two deltas; no packet at all.
    bench.read("8fcd0005010203040a0b0c0d000000040000000020040000");
    bench.read("8fcd0005010203040a0b0c0d000000000000000020020000");
    assert_eq!(bench.counters().malformed_feedback, 2);
    assert_unmoved(&mut bench);
}

#[test]
fn feedback_about_packets_that_were_never_sent_is_counted() {
    let mut bench = Bench::sender();
    bench.read_rtcp(&twcc(0, 1, 0, &[Some(0), None]));
    bench.send(0..3).read_rtcp(&twcc(30_000, 1, 1, &[Some(0), None]));
    bench.read_rtcp(&twcc(3, 1, 2, &[Some(0); 5]));
    assert_eq!(bench.counters().not_known, 9);
    assert_unmoved(&mut bench);
}

#[test]
fn sixty_five_thousand_statuses_are_joined_with_what_was_sent_and_no_more() {
    let mut bench = Bench::sender();
    bench.send(0..100).read_rtcp(&runs(50, 3));
    assert_eq!(bench.told()[0].packets.len(), 100);
    assert_eq!(bench.counters().not_known, 65_528 - 50);
    // As many as one may name, of as many as were sent.
    let mut bench = Bench::sender();
    for number in 0..20_000 {
        bench.write(crate::kit::numbered(number));
        bench.now += std::time::Duration::from_micros(50);
    }
    bench.read_rtcp(&runs(0, 0));
    assert_eq!(bench.told()[0].packets.len(), 8191);
    assert_eq!(bench.counters().feedback_cut, 65_528 - 8191);
}

#[test]
fn feedback_that_comes_again_changes_nothing() {
    let mut bench = Bench::sender();
    bench.send(0..3);
    let feedback = twcc(0, 1, 0, &[Some(0), None, Some(2000)]);
    (0..1000).for_each(|_| {
        bench.read_rtcp(&feedback);
    });
    assert_eq!(bench.told().len(), 1);
    let counters = bench.counters();
    assert_eq!((counters.feedback_without_news, counters.told_again), (999, 2997));
    assert_eq!((counters.packets_received, counters.packets_lost), (2, 1));
}

#[test]
fn feedback_that_names_nobody_of_ours_is_counted() {
    let mut bench = Bench::sending([ccfb_video(MEDIA)]);
    bench.write(rtp(MEDIA).seq(0).build());
    let metrics = [CcfbMetric::received(Ecn::Ce, Some(ms(1))); 9];
    let stream = CcfbStream { ssrc: 99, begin_sequence: 0, metrics: &metrics };
    bench.read_rtcp(&RtcpPacket::builder().ccfb(PEER, &[stream], 1).build().unwrap());
    assert_eq!((bench.counters().unknown_ssrc, bench.counters().foreign_feedback), (9, 1));
    assert_unmoved(&mut bench);
}

#[test]
fn numbers_that_were_not_sent_are_counted_under_rfc_8888_as_well() {
    let mut bench = Bench::sending([ccfb_video(MEDIA)]);
    (100..110).for_each(|seq| {
        bench.write(rtp(MEDIA).seq(seq).build());
    });
    let metrics = [CcfbMetric::received(Ecn::NotEct, Some(ms(1))); 20];
    for begin in [95, 105, 30_000, 110] {
        let stream = CcfbStream { ssrc: MEDIA, begin_sequence: begin, metrics: &metrics };
        bench.read_rtcp(&RtcpPacket::builder().ccfb(PEER, &[stream], 1).build().unwrap());
    }
    // Five before and five behind; fifteen behind; all; all.
    assert_eq!(bench.counters().not_known, 10 + 15 + 20 + 20);
    assert_eq!(bench.counters().packets_received, 10);
}

#[test]
fn a_clock_that_leaps_with_each_message_moves_nothing() {
    let mut bench = Bench::sender();
    for number in 0..200_u16 {
        let reference = (i32::from(number).wrapping_mul(0x6d_3a71) << 8) >> 8;
        bench.send([number]).run(ms(20)).read_rtcp(&twcc(number, reference, number as u8, &[Some(0)]));
    }
    let times: Vec<i64> = bench.told().iter().flat_map(|told| told.short()).map(|(_, at)| at).collect();
    assert_eq!(times.len(), 200);
    let spread = times.iter().max().unwrap() - times.iter().min().unwrap();
    assert!(spread < 10_000_000 && bench.counters().clock_set > 100, "{spread}");
}

#[test]
fn truncations_and_noise_of_every_kind_pass_without_a_panic() {
    let whole = hex("8fcd0006010203040a0b0c0dfffd000700000502b780000404040404");
    let mut bench = Bench::sender();
    bench.send(65_530..=65_535).send(0..9);
    // Every length in words, with every value of every byte.
    for end in (4..=whole.len()).step_by(4) {
        for (place, flip) in (0..end).flat_map(|place| (0..=255).map(move |flip| (place, flip))) {
            let mut bytes = whole[..end].to_vec();
            bytes[3] = (end / 4 - 1) as u8;
            bytes[place] ^= flip;
            bench.chain.read_datagram(bytes.into(), bench.now);
            while bench.chain.poll_app().is_some() {}
        }
    }
    let malformed = bench.chain.counters().malformed_rtcp_packets;
    assert!(malformed > 100 && bench.counters().malformed_feedback > 0, "{malformed}");
    assert_eq!(bench.target(), 300_000);
}

#[test]
fn feedback_of_another_transport_is_not_ours() {
    let mut bench = Bench::sender();
    bench.send([0]);
    let feedback = twcc(0, 1, 0, &[Some(0)]);
    let mut bytes = feedback.as_bytes().to_vec();
    bytes[11] ^= 1;
    bench.read_rtcp(&RtcpPacket::parse(bytes.into()).unwrap());
    assert_eq!((bench.told().len(), bench.counters().foreign_feedback), (0, 1));
}

#[test]
fn times_that_go_back_are_given_as_they_are() {
    let mut bench = Bench::sender();
    bench.send(0..3).read_rtcp(&twcc(0, 100, 0, &[Some(0), Some(-50_000), Some(-80_000)]));
    assert_eq!(bench.told_once(), [(0, 0), (1, -50_000), (2, -80_000)]);
    assert_eq!(bench.counters().packets_received, 3);
}

#[test]
fn a_remb_is_a_cap_within_the_step_in_which_it_comes() {
    let mut bench = sender(900);
    bench.read_rtcp(&remb(500 * KILO, &[MEDIA]));
    assert_eq!(bench.target(), 500 * KILO);
    assert_eq!(bench.controller.script().limits.last().unwrap().max, 500 * KILO);
    bench.read_rtcp(&remb(1 << 62, &[MEDIA]));
    assert_eq!(bench.controller.script().limits.last().unwrap().max, 50_000 * KILO);
    bench.read_rtcp(&remb(0, &[MEDIA]));
    assert_eq!(bench.target(), 30 * KILO, "the least wins");
    assert_eq!(bench.counters().remb_received, 3);
}

#[test]
fn a_remb_about_others_is_not_ours() {
    let mut bench = sender(900);
    bench.read_rtcp(&remb(100 * KILO, &[7])).read_rtcp(&remb(100 * KILO, &[]));
    assert_eq!(bench.controller.script().limits.len(), 1);
    assert_eq!((bench.counters().remb_received, bench.counters().remb_foreign), (0, 2));
}

#[test]
fn requests_without_end_are_answered_together_ten_times_a_second() {
    let mut bench = sender(900);
    for owner in 0..1000 {
        bench.read_rtcp(&tmmbr(owner, MEDIA, 1_000_000 + u64::from(owner), 40)).run(ms(1));
    }
    assert!(bench.rtcp().len() <= 11);
    let counters = bench.counters();
    assert_eq!((counters.tmmbr_received, counters.tmmbr_ignored), (8, 992));
}

#[test]
fn report_blocks_that_leap_are_no_losses() {
    let mut bench = Bench::sender();
    for (highest, lost) in [(100, 3), (150, 13), (140, 900), (0x7fff_ffff, 1 << 22)] {
        bench.send([0]).read_rtcp(&report(highest, lost));
    }
    let reports = bench.controller.script().reports.clone();
    let told: Vec<_> = reports.iter().map(|report| (report.packets, report.lost)).collect();
    assert_eq!(told, [(0, 0), (50, 10), (0, 0), (0, 0)]);
    assert_eq!((bench.counters().report_blocks, bench.counters().report_blocks_odd), (4, 2));
}
