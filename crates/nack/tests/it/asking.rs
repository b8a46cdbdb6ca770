//! When packets are asked for, and when not.

use interceptor_core::packet::{Recovery, RtpPacket};
use interceptor_core::{Rtt, StreamInfo, packet::Origin};
use interceptor_nack::{Copies, NackOptions};

use crate::kit::{Bench, SENDER, SSRC, flexfec, ms, nacks, rtp, video, video_of};

#[test]
fn asks_at_once_for_what_a_packet_shows_to_be_missing() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([10, 11, 14]);
    let feedback = bench.feedback();
    assert_eq!(nacks(&feedback[0]), [(SSRC, vec![12, 13])]);
    assert_eq!(feedback[0].packets().next().unwrap().sender_ssrc(), Some(SENDER));
    assert_eq!(feedback.len(), 1);
    let counters = bench.asking();
    assert_eq!((counters.requests_sent, counters.packets_requested, counters.packets_missing), (1, 2, 2));
}

#[test]
fn asks_for_nothing_before_the_first_packet() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([10, 9, 11, 5]).run(5_000);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
}

#[test]
fn sets_no_timer_while_nothing_is_missing() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers(0..100);
    assert_eq!(bench.chain.next_timeout(), None);
    bench.read_numbers([101, 100]).run(200);
    assert_eq!(bench.chain.next_timeout(), None, "the hole is filled");
}

#[test]
fn repeats_after_one_round_trip_and_a_tenth() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(200);
    bench.read_numbers([10, 12]);
    assert_eq!(bench.asked(), [[11]]);
    bench.run(219);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
    bench.run(1);
    assert_eq!(bench.asked(), [[11]]);
    bench.run(220);
    assert_eq!(bench.asked(), [[11]]);
}

#[test]
fn believes_at_once_that_a_path_has_become_longer_but_not_shorter() {
    for (latest, repeat) in [(800, 880), (10, 110)] {
        let mut bench = Bench::receiver(NackOptions::default());
        let rtt = Rtt { latest: ms(latest), smoothed: ms(100), min: ms(10) };
        bench.chain.publish(rtt, bench.now);
        bench.read_numbers([10, 12]).run(repeat - 1);
        assert_eq!(bench.asked(), [[11]]);
        bench.run(1);
        assert_eq!(bench.asked(), [[11]]);
    }
}

#[test]
fn takes_a_round_trip_for_100_ms_until_it_is_measured() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([10, 12]).run(109);
    assert_eq!(bench.asked(), [[11]]);
    bench.run(1);
    assert_eq!(bench.asked(), [[11]]);
}

#[test]
fn never_repeats_within_20_ms() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(1);
    bench.read_numbers([10, 12]).run(19);
    assert_eq!(bench.asked(), [[11]]);
    bench.run(1);
    assert_eq!(bench.asked(), [[11]]);
}

#[test]
fn whatever_fills_the_hole_stops_the_asking() {
    let fill: [fn(&mut Bench) -> &mut Bench; 3] = [
        |bench| bench.read_numbers([11]),
        |bench| bench.read_recovered(11, Recovery::Rtx),
        |bench| bench.read_recovered(11, Recovery::Fec),
    ];
    let expected = [(1, 0, 0), (0, 1, 0), (0, 0, 1)];
    for (fill, expected) in fill.into_iter().zip(expected) {
        let mut bench = Bench::receiver(NackOptions::default());
        bench.read_numbers([10, 12]).pass(50);
        fill(&mut bench);
        bench.run(3_000);
        assert_eq!(bench.asked(), [[11]]);
        let counters = bench.asking();
        assert_eq!((counters.recovered_late, counters.recovered_rtx, counters.recovered_fec), expected);
        let times = bench.nack().time_to_recover();
        assert_eq!(times.count(), 1);
        assert!(times.max().unwrap().abs_diff(ms(50)) < ms(1));
    }
}

#[test]
fn asks_only_for_what_is_still_missing() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([10, 15]).pass(20);
    bench.read_numbers([12]).run(100);
    assert_eq!(bench.asked(), [vec![11, 12, 13, 14], vec![11, 13, 14]]);
}

#[test]
fn a_new_gap_does_not_repeat_the_requests_for_the_last() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([10, 12]).pass(30).read_numbers([14]);
    assert_eq!(bench.asked(), [[11], [13]]);
    bench.run(80);
    assert_eq!(bench.asked(), [[11]]);
    bench.run(30);
    assert_eq!(bench.asked(), [[13]]);
}

#[test]
fn padding_takes_a_number_and_is_not_missed() {
    let mut bench = Bench::receiver(NackOptions::default());
    let mut padding = rtp(11);
    padding.set_payload(&b""[..]);
    padding.set_padding(255);
    bench.read_numbers([10]).read(padding).read_numbers([12]);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
}

#[test]
fn numbers_of_rtx_and_fec_streams_are_not_looked_at() {
    let info = video().with_rtx(77, 97).with_fec(flexfec(88, 98));
    let mut bench = Bench::new(NackOptions::default(), |config| config).with_remote(info);
    bench.read_numbers([10]);
    for ssrc in [77, 88] {
        for seq in [500, 600] {
            bench.read(
                RtpPacket::builder().ssrc(ssrc).sequence_number(seq).payload(&b"x"[..]).build().unwrap(),
            );
        }
    }
    bench.read_numbers([11]).run(500);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
    assert_eq!(rtp(1).info().origin, Origin::Media);
}

#[test]
fn streams_without_nack_feedback_are_left_alone() {
    let others =
        [StreamInfo::new(SSRC, 96, 90_000), StreamInfo::new(SSRC, 96, 90_000).with_feedback("nack", "pli")];
    for info in others {
        let mut bench =
            Bench::new(NackOptions::default(), |config| config).with_remote(info.clone()).with_local(info);
        bench.read_numbers([10, 12]).write_numbers([1]).read_nack(&[1]).run(200);
        assert!(bench.chain.poll_wire().is_none());
        assert_eq!(bench.counters().unknown_ssrc, 1);
    }
}

#[test]
fn either_role_can_be_switched_off() {
    let silent = NackOptions::default().with_asking(false);
    let mut bench = Bench::receiver(silent.clone()).with_local(video());
    bench.read_numbers([10, 12]).write_numbers([1]);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
    assert_eq!(bench.read_nack(&[1]).resent(), [1]);
    let deaf = NackOptions::default().with_answering(false);
    let mut bench = Bench::receiver(deaf).with_local(video());
    bench.read_numbers([10, 12]);
    assert_eq!(bench.asked(), [[11]]);
    bench.write_numbers([1]).read_nack(&[1]);
    assert_eq!(bench.resent(), [0; 0]);
}

#[test]
fn streams_that_are_due_together_share_a_compound() {
    let mut bench = Bench::new(NackOptions::default(), |config| config);
    for ssrc in 1..=3 {
        bench = bench.with_remote(video_of(ssrc));
        for seq in [10, 12] {
            let mut packet = rtp(seq);
            packet.set_ssrc(ssrc);
            bench.read(packet);
        }
        bench.pass(2);
    }
    assert_eq!(bench.feedback().len(), 3, "each at once");
    bench.run(110);
    let feedback = bench.feedback();
    assert_eq!(feedback.len(), 1, "the repeats together");
    assert_eq!(nacks(&feedback[0]), [(1, vec![11]), (2, vec![11]), (3, vec![11])]);
}

#[test]
fn requests_that_leave_early_with_others_still_wait_a_round_trip() {
    for rtt in [1, 15, 20, 50, 100, 400] {
        let options = NackOptions::default().with_max_age(ms(5_000)).with_request_copies(Copies::Fixed(1));
        let mut bench = Bench::receiver(options);
        bench.set_rtt(rtt);
        let mut last = std::collections::BTreeMap::new();
        for seq in (1..1_000_u16).filter(|seq| seq % 7 != 0) {
            bench.read_numbers([seq]);
            let end = bench.now + ms(3);
            loop {
                for number in bench.asked().concat() {
                    if let Some(before) = last.insert(number, bench.now) {
                        let pause = bench.now - before;
                        assert!(pause >= ms(rtt).max(ms(20)), "{pause:?} of {rtt} ms");
                    }
                }
                let Some(at) = bench.chain.next_timeout().filter(|at| *at <= end) else { break };
                bench.now = at;
                bench.chain.handle_timeout(at);
            }
            bench.now = end;
        }
    }
}

#[test]
fn ended_streams_leave_their_counters_and_no_timer() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([10, 12]);
    assert_eq!(bench.asking_of(SSRC).unwrap().packets_missing, 1);
    bench.chain.unbind_remote(SSRC, bench.now).unwrap();
    assert!(bench.asking_of(SSRC).is_none());
    assert_eq!(bench.asking().packets_missing, 1);
    bench.asked();
    bench.run(1_000);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
    assert_eq!(bench.chain.next_timeout(), None);
}

#[test]
fn counters_outlast_their_streams_and_the_chain() {
    let mut bench = Bench::receiver(NackOptions::default()).with_local(video());
    bench = bench.with_remote(video_of(1)).with_local(video_of(1));
    let count = |bench: &mut Bench| {
        for ssrc in [SSRC, 1] {
            for seq in [10, 12] {
                let mut packet = rtp(seq);
                packet.set_ssrc(ssrc);
                bench.read(packet.clone()).write(packet);
            }
        }
        bench.read_nack(&[10, 11]);
    };
    count(&mut bench);
    let before = bench.counters();
    assert_eq!((before.asking.packets_missing, before.answering.packets_requested), (2, 2));
    assert_eq!(bench.asking_of(1).unwrap().packets_missing, 1);
    bench.chain.unbind_remote(SSRC, bench.now).unwrap();
    bench.chain.unbind_local(SSRC, bench.now).unwrap();
    assert_eq!(bench.counters(), before, "a stream has ended");
    bench.chain.close(bench.now).unwrap();
    assert_eq!(bench.counters(), before, "all have");
    bench.chain.close(bench.now).unwrap();
    assert_eq!(bench.counters(), before, "closing twice counts once");
}
