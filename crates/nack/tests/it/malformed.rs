//! Hostile input: ignored, counted, and never worth more than it cost.

mod copies;

use bytes::Bytes;
use interceptor_core::packet::{Recovery, RtcpPacket, RtpPacket};
use interceptor_nack::NackOptions;
use interceptor_test::hex;
use proptest::prelude::*;

use crate::kit::{Bench, SENDER, SSRC, flexfec, rtp, video, video_of};

#[test]
fn a_nack_without_a_whole_pair_is_ignored_and_counted() {
    let broken = [
        // No FCI.
        "81cd0002010203040a0b0c0d",
        // A pair of which padding takes half.
        "a1cd0003010203040a0b0c0d00010002",
        // Not even a media SSRC.
        "81cd000101020304",
    ];
    let mut bench = Bench::sender(NackOptions::default());
    bench.write_numbers([1]);
    for (index, broken) in broken.into_iter().enumerate() {
        // A sound packet beside it is still answered.
        let now = bench.pass(50).now;
        bench.chain.read_datagram(hex(&format!("{broken}81cd0003010203040a0b0c0d00010000")), now);
        assert_eq!(bench.counters().malformed, index as u64 + 1, "{broken}");
        assert_eq!(bench.answering().packets_requested, index as u64 + 1);
        bench.write_numbers([1]);
    }
}

#[test]
fn a_nack_for_an_unknown_ssrc_is_ignored_and_counted() {
    let info = video().with_rtx(77, 97).with_fec(flexfec(88, 98));
    let mut bench = Bench::new(NackOptions::default(), |config| config).with_local(info);
    bench.write_numbers([5]);
    // Its RTX and FEC streams, and one of nobody.
    for ssrc in [77, 88, 99] {
        let packet = RtcpPacket::builder().nack(SENDER, ssrc, &[5]).build().unwrap();
        bench.chain.read_rtcp(packet, bench.now);
    }
    assert_eq!(bench.resent(), [0; 0]);
    assert_eq!(bench.counters().unknown_ssrc, 3);
}

#[test]
fn a_number_never_sent_is_skipped_and_counted() {
    let mut bench = Bench::sender(NackOptions::default());
    assert_eq!(bench.read_nack(&[5]).resent(), [0; 0]);
    assert_eq!(bench.answering().never_sent, 1, "nothing was");
    bench.write_numbers(100..200).read_nack(&[200, 30_000, 150]);
    assert_eq!(bench.resent(), [150]);
    assert_eq!((bench.answering().never_sent, bench.answering().too_old), (3, 0));
}

/// Of 65 kB: all payload, or all in the header's extension block, which is kept apart from the payload.
fn giant(ssrc: u32, seq: u16, in_header: bool) -> RtpPacket {
    let mut bytes = vec![if in_header { 0x90 } else { 0x80 }, 96];
    bytes.extend(seq.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(ssrc.to_be_bytes());
    if in_header {
        bytes.extend([0x12, 0x34]);
        bytes.extend(16_200_u16.to_be_bytes());
    }
    bytes.resize(65_500, 0);
    RtpPacket::parse(bytes.into()).unwrap()
}

#[test]
fn giants_on_many_streams_stay_within_the_total() {
    const TOTAL: u64 = 10_000_000;
    for in_header in [false, true] {
        let options =
            NackOptions::default().with_send_history_total_bytes(TOTAL).with_max_resend_ratio(100.0);
        let mut bench = Bench::sender(options);
        for ssrc in 1..=63 {
            bench = bench.with_local(video_of(ssrc));
        }
        let info = allocation_counter::measure(|| {
            // A stream of small packets among them.
            for seq in 0..60 {
                bench.write(rtp(seq)).pass(10);
                (1..=63).for_each(|ssrc| _ = bench.write(giant(ssrc, seq, in_header)));
            }
        });
        // The packet that comes, a copy of its header, and slots in reserve come on top.
        assert!(info.bytes_max < TOTAL + 600_000, "{info:?}");
        assert!(info.bytes_max > TOTAL / 2, "{info:?}");
        assert_eq!(bench.read_nack(&[0, 30, 59]).resent(), [0, 30, 59], "small ones have their share");
        let packet = RtcpPacket::builder().nack(SENDER, 1, &[0]).build().unwrap();
        bench.chain.read_rtcp(packet, bench.now);
        assert_eq!(bench.answering().too_old, 1, "the first of a giant's");
    }
}

#[test]
fn a_long_header_counts_as_payload_does() {
    let options = NackOptions::default().with_send_history_bytes(400_000).with_answer_spread(false);
    let mut bench = Bench::sender(options);
    (0..10).for_each(|seq| _ = bench.write(giant(SSRC, seq, true)));
    assert_eq!(bench.read_nack(&[6, 7, 9]).resent(), [7, 9]);
}

#[test]
fn a_number_no_longer_kept_is_skipped_and_counted() {
    let mut bench = Bench::sender(NackOptions::default().with_send_history_packets(100));
    bench.write_numbers(100..300).read_nack(&[99, 100, 199, 200]);
    assert_eq!(bench.resent(), [200]);
    assert_eq!((bench.answering().too_old, bench.answering().never_sent), (3, 0));
}

#[test]
fn the_same_numbers_again_and_again_are_suppressed() {
    let mut bench = Bench::sender(NackOptions::default());
    bench.set_rtt(20);
    let mut media = 0;
    let mut resent = 0;
    for step in 0..2_000_u16 {
        let mut packet = rtp(step);
        packet.set_payload(vec![0; 1_000]);
        media += packet.total_len();
        bench.write(packet);
        // 5 ms a packet; the whole last second, each time.
        let newest: Vec<u16> = (step.saturating_sub(200)..=step).collect();
        bench.read_nack(&newest);
        resent += bench.sent().iter().map(interceptor_core::packet::RtpPacket::total_len).sum::<usize>();
        bench.pass(5);
    }
    assert!(resent <= media, "{resent} of {media}");
    let counters = bench.answering();
    assert!(counters.suppressed_by_ratio > 0 && counters.suppressed_by_cooldown > 0);
}

#[test]
fn an_abnormal_start_of_the_receive_window_costs_no_memory() {
    let measured = allocation_counter::measure(|| {
        let mut bench = Bench::receiver(NackOptions::default());
        // As much missing as may be, jump after jump.
        for jump in 0..5_000_u32 {
            bench.read(rtp((jump * 1_000) as u16));
        }
        assert!(bench.chain.next_timeout().is_some());
        while bench.chain.poll_wire().is_some() {}
        while bench.chain.poll_event().is_some() {}
    });
    assert!(measured.bytes_max < 4 << 20, "{measured:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn takes_any_sequence_numbers_at_any_time(
        steps in prop::collection::vec((any::<u16>(), 0_u64..300, any::<bool>()), 1..200),
        window in prop::sample::select(vec![64_u32, 1024, 32_768]),
    ) {
        let options = NackOptions::default().with_history_packets(window).with_max_missing(32_768);
        let mut bench = Bench::receiver(options).with_local(video());
        for (seq, pause, ours) in steps {
            if ours { bench.write_numbers([seq]); } else { bench.read_numbers([seq]); }
            bench.run(pause).read_nack(&[seq, seq ^ 0x8000]);
            while bench.chain.poll_wire().is_some() {}
        }
        let counters = bench.asking();
        prop_assert!(counters.recovered_late + counters.given_up <= counters.packets_missing);
    }

    #[test]
    fn takes_any_bytes_as_rtcp(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
        pairs in prop::collection::vec(any::<(u16, u16)>(), 0..50),
    ) {
        let mut bench = Bench::sender(NackOptions::default());
        bench.write_numbers(0..300);
        let mut packet = vec![0x81, 0xcd];
        packet.extend(((2 + pairs.len()) as u16).to_be_bytes());
        packet.extend(SENDER.to_be_bytes());
        packet.extend(SSRC.to_be_bytes());
        pairs.iter().for_each(|(pid, blp)| packet.extend([pid.to_be_bytes(), blp.to_be_bytes()].concat()));
        packet.extend(bytes);
        bench.chain.read_datagram(Bytes::from(packet), bench.now);
        prop_assert!(bench.sent().len() <= 256);
    }
}

#[test]
fn more_numbers_than_are_answered_for_a_datagram_are_cut_short() {
    let mut bench = Bench::sender(NackOptions::default().with_max_resend_ratio(100.0));
    bench.write_numbers(0..2_000);
    let all: Vec<u16> = (0..=65_535).collect();
    let packet = RtcpPacket::builder().nack(SENDER, SSRC, &all).build().unwrap();
    bench.chain.read_rtcp(packet, bench.now);
    assert_eq!(bench.run(100).sent().len(), 256);
    assert_eq!(bench.answering().cut_short, 1);
}

#[test]
fn a_packet_that_came_before_or_precedes_the_first_changes_nothing() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers(1_000..1_100);
    let counted = |bench: &mut Bench, number| {
        bench.chain.read_rtp(rtp(number), bench.now);
        assert!(bench.chain.poll_app().is_some(), "it goes on");
        bench.asking().duplicates_or_old
    };
    assert_eq!(counted(&mut bench, 1_099), 1, "the newest again");
    assert_eq!(counted(&mut bench, 1_050), 2, "one of the window again");
    assert_eq!(counted(&mut bench, 990), 3, "one from before the first");
    bench.read_numbers([1_101]);
    assert_eq!(bench.asked(), [[1_100]]);
    assert_eq!(bench.asking().resets, 0);
}

#[test]
fn a_restored_packet_again_and_again_is_consumed() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers(65_000..65_100);
    // One that was lost, one that had come, the newest, and one from before the first.
    for number in [65_100, 65_050, 65_099, 64_990] {
        for copy in 0..1_000 {
            let mut packet = rtp(number);
            packet.info_mut().recovered_by = Some(Recovery::Rtx);
            bench.chain.read_rtp(packet, bench.now);
            let is_first = copy == 0 && [65_100, 64_990].contains(&number);
            assert_eq!(bench.chain.poll_app().is_some(), is_first, "copy {copy} of {number}");
        }
    }
    assert_eq!(bench.asking().restored_duplicates, 3_998);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
}

#[test]
fn a_number_far_from_all_others_does_not_move_the_window() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers(10_000..12_000).read_numbers([30_000, 12_000, 50_000, 12_001, 10_100, 12_003]).run(10);
    assert_eq!(bench.asked(), [[12_002]]);
    assert_eq!((bench.asking().out_of_place, bench.asking().resets), (3, 0));
}

#[test]
fn packets_in_a_row_that_are_later_than_the_window_are_no_new_sequence() {
    for rtx in [false, true] {
        let info = if rtx { video().with_rtx(77, 97) } else { video() };
        let mut bench = Bench::new(NackOptions::default(), |config| config).with_remote(info);
        bench.read_numbers((0..300).chain(700..=4_300)).read_numbers(300..700);
        let asking = bench.asking();
        assert_eq!((asking.resets, asking.out_of_place), (0, 400), "rtx: {rtx}");
        let _ = bench.asked();
        bench.read_numbers([4_301, 4_303]);
        assert_eq!(bench.asked(), [[4_302]]);
    }
}

#[test]
fn a_restored_packet_outside_the_window_does_not_move_it() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers(5_000..5_010);
    // Each of them followed by its next: a sender cannot start anew through RTX.
    for number in [20_000, 20_001, 40_000, 40_001, 100, 101] {
        bench.read_recovered(number, Recovery::Rtx);
    }
    bench.read_numbers([5_010, 5_012]).run(10);
    assert_eq!(bench.asked(), [[5_011]]);
    assert_eq!((bench.asking().out_of_place, bench.asking().resets), (6, 0));
}

#[test]
fn jumps_that_leave_everything_missing_start_the_window_anew() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([0, 901, 1_802, 2_703]).run(500);
    let counters = bench.asking();
    // The second gap is too much with the first; the third is what the new window begins with.
    assert_eq!((counters.resets, counters.given_up, counters.packets_missing), (1, 1_800, 2_700));
}
