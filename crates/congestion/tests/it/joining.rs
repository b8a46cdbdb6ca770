//! Feedback joined with what was sent: what the controller is told, once, in order.

use interceptor_congestion::{FeedbackFormat, Outcome, PacketClass};
use interceptor_core::packet::Origin;
use interceptor_test::rtp;

use crate::kit::{Bench, ID, MEDIA, ms, twcc};

const LOST: i64 = -1;
const UNKNOWN: i64 = -2;

fn at(millis: i64) -> Option<i64> {
    Some(millis * 1000)
}

#[test]
fn the_controller_hears_of_what_leaves_and_of_what_became_of_it() {
    let mut bench = Bench::sender();
    bench.send([0, 1, 2]);
    let sent = bench.controller.script().sent.clone();
    // 12 bytes of header, 8 of extension, 1000 of payload, 28 of IP and UDP.
    let expected: Vec<_> = (0..3).map(|index| (index, 1048, PacketClass::Video)).collect();
    assert_eq!(sent.iter().map(|sent| (sent.index, sent.bytes, sent.class)).collect::<Vec<_>>(), expected);
    assert_eq!(bench.in_flight(), 3 * 1048);
    bench.run(ms(40)).read_rtcp(&twcc(0, 1, 0, &[at(0), None]));
    let told = bench.told();
    assert_eq!(told[0].short(), [(0, 0), (1, LOST)]);
    assert_eq!((told[0].in_flight, told[0].format), (1048, FeedbackFormat::Twcc));
    assert_eq!(told[0].rtt, Some(ms(43)));
    assert_eq!(told[0].packets[1].sent.micros(), 1000);
    assert_eq!(bench.in_flight(), 1048);
}

#[test]
fn a_packet_is_told_of_once_but_for_one_that_comes_after_all() {
    let mut bench = Bench::sender();
    bench.send(0..3).read_rtcp(&twcc(0, 1, 0, &[at(0), None, at(2)]));
    assert_eq!(bench.told_once(), [(0, 0), (1, LOST), (2, 2000)]);
    bench.read_rtcp(&twcc(0, 1, 1, &[at(0), at(5), None]));
    let told = bench.told();
    assert_eq!(told[0].short(), [(1, 5000)]);
    assert!(told[0].packets[0].was_lost);
    bench.read_rtcp(&twcc(0, 1, 2, &[at(0), at(5), at(7)]));
    assert_eq!(bench.told().len(), 0);
    let counters = bench.counters();
    assert_eq!((counters.packets_received, counters.packets_lost, counters.lost_and_come), (3, 0, 1));
    assert_eq!((counters.told_again, counters.feedback_without_news), (5, 1));
}

#[test]
fn what_no_feedback_tells_of_is_unknown_and_never_lost() {
    let mut bench = Bench::sender();
    bench.send(0..6).read_rtcp(&twcc(4, 1, 7, &[at(0)]));
    assert_eq!(bench.told_once(), [(0, UNKNOWN), (1, UNKNOWN), (2, UNKNOWN), (3, UNKNOWN), (4, 0)]);
    assert_eq!(bench.in_flight(), 1048, "only the last is on the way");
    // The message that was lost was late only.
    bench.read_rtcp(&twcc(0, 1, 6, &[at(0), None, at(2), at(3)]));
    assert_eq!(bench.told_once(), [(0, 0), (2, 2000), (3, 3000)]);
    let counters = bench.counters();
    assert_eq!((counters.packets_unknown, counters.unknown_and_come, counters.packets_lost), (1, 3, 0));
    assert_eq!((counters.feedback_missing, counters.feedback_late), (0, 1));
}

#[test]
fn missing_feedback_is_counted_by_its_number() {
    let mut bench = Bench::sender();
    bench.send(0..4);
    for (number, count) in [(0, 254), (1, 255), (2, 3), (3, 4)] {
        bench.read_rtcp(&twcc(number, 1, count, &[at(0)]));
    }
    assert_eq!(bench.counters().feedback_missing, 3);
}

#[test]
fn numbers_wrap() {
    let mut bench = Bench::sender();
    bench.send((65_000..=65_535).chain(0..600));
    bench.read_rtcp(&twcc(65_530, 1, 0, &[at(0); 12]));
    let told = bench.told_once();
    assert_eq!(told.len(), 530 + 12);
    assert_eq!(told.iter().filter(|(_, outcome)| *outcome == UNKNOWN).count(), 530);
    assert_eq!(told.last().map(|(index, at)| (*index, *at)), Some((65_541, 0)));
}

#[test]
fn reference_times_wrap_and_clocks_that_differ_are_of_no_account() {
    for reference in [0, 469, 0x7f_fffe, -0x80_0000, -1, -469] {
        let mut bench = Bench::sender();
        bench.send(0..4);
        for number in 0..4_i32 {
            let wrapped = ((reference + number) << 8) >> 8;
            bench.read_rtcp(&twcc(number as u16, wrapped, number as u8, &[at(0)]));
        }
        let told: Vec<_> = bench.told().iter().flat_map(|told| told.short()).collect();
        assert_eq!(told, [(0, 0), (1, 64_000), (2, 128_000), (3, 192_000)], "{reference}");
    }
}

#[test]
fn origins_become_classes_and_probes_come_back() {
    let mut bench = Bench::sender();
    let origins = [Origin::Media, Origin::Retransmission, Origin::FecRepair, Origin::Padding];
    for (number, origin) in (0_u16..).zip(origins) {
        let mut packet = rtp(MEDIA).seq(number).ext(ID, &number.to_be_bytes()).build();
        packet.info_mut().origin = origin;
        packet.info_mut().probe = (number == 1).then_some(9);
        bench.write(packet).run(ms(1));
    }
    bench.read_rtcp(&twcc(0, 1, 0, &[at(0), at(1), at(2), at(3)]));
    let told = bench.told().remove(0).packets;
    let classes: Vec<_> = told.iter().map(|packet| (packet.class, packet.probe)).collect();
    let class = [PacketClass::Video, PacketClass::Retransmission, PacketClass::Fec, PacketClass::Padding];
    assert_eq!(classes, [(class[0], None), (class[1], Some(9)), (class[2], None), (class[3], None)]);
}

#[test]
fn what_left_without_a_number_is_not_joined() {
    let mut bench = Bench::sender();
    bench.send([0]).write(rtp(MEDIA).seq(9).payload_len(100).build()).write(rtp(77).build()).send([1]);
    bench.read_rtcp(&twcc(0, 1, 0, &[at(0), at(1)]));
    assert_eq!(bench.told_once(), [(0, 0), (1, 1000)]);
    let counters = bench.counters();
    assert_eq!((counters.tracked, counters.untracked), (2, 2));
}

#[test]
fn numbers_that_were_left_out_belong_to_no_packet() {
    let mut bench = Bench::sender();
    bench.send([10, 11, 15, 16]).read_rtcp(&twcc(10, 1, 0, &[at(0); 7]));
    assert_eq!(bench.told_once(), [(10, 0), (11, 0), (15, 0), (16, 0)]);
    assert_eq!(bench.counters().not_known, 3);
}

#[test]
fn numbers_that_begin_anew_are_followed_after_sixteen() {
    let mut bench = Bench::sender();
    bench.send(1000..1100).send(0..40);
    assert_eq!(bench.counters().untracked, 15);
    bench.read_rtcp(&twcc(15, 1, 0, &[at(0); 25]));
    let told = bench.told_once();
    assert_eq!(told.iter().filter(|(index, outcome)| *outcome == 0 && *index >= 65_536).count(), 25);
}

#[test]
fn the_last_feedback_of_a_stream_that_has_ended_counts() {
    let mut bench = Bench::sender();
    bench.chain.bind_local(interceptor_test::stream_info::audio(5), bench.now).unwrap();
    bench.send(0..2);
    bench.chain.unbind_local(MEDIA, bench.now).unwrap();
    bench.read_rtcp(&twcc(0, 1, 0, &[at(0), at(1)]));
    assert_eq!(bench.told_once(), [(0, 0), (1, 1000)]);
}

#[test]
fn after_all_feedback_is_lost_nothing_is_on_the_way() {
    let mut bench = Bench::sender();
    bench.send(0..500);
    assert_eq!(bench.in_flight(), 500 * 1048);
    bench.run(ms(10_000));
    assert_eq!((bench.in_flight(), bench.counters().packets_expired), (0, 500));
    assert_eq!(bench.chain.next_timeout(), None, "there is nothing left to do");
    // What comes then is told all the same.
    bench.read_rtcp(&twcc(498, 1, 0, &[at(0), None]));
    let told = bench.told();
    let outcomes: Vec<_> = told[0].packets.iter().map(|packet| packet.outcome).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Unknown).count(), 498);
    assert_eq!((outcomes[499], told[0].in_flight), (Outcome::Lost, 0));
}
