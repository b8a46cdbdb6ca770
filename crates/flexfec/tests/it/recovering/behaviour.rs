//! What comes back, when, and in which order.

use interceptor_core::packet::{Origin, Recovery};
use interceptor_core::{FecInfo, FecScheme, FecStats, PlayoutDeadline};
use interceptor_flexfec::{Code, RecoveryOptions};
use interceptor_test::stream_info;

use crate::kit::{MEDIA, MS, REPAIR, REPAIR_TYPE, Sender, coded, media};

use super::rig::{Receiver, assert_right, sent};

#[test]
fn a_lost_packet_comes_back_with_the_repair_packet_and_says_so() {
    for scheme in [FecScheme::FlexFec03, FecScheme::FlexFec] {
        let (media, repairs) = sent(scheme, Code::Rows { l: 5 }, 65_534..=65_535);
        assert!(repairs.is_empty() && media.len() == 2);
        let (media, repairs) =
            sent(scheme, Code::Rows { l: 5 }, (0..5).map(|index: u16| index.wrapping_add(65_533)));
        let mut receiver = Receiver::new(scheme);
        receiver.read_all(media.iter().filter(|packet| packet.sequence_number() != 65_535));
        receiver.read_all(&repairs);
        assert_eq!(receiver.numbers(), [65_533, 65_534, 0, 1, 65_535], "{scheme:?}");
        assert_right(&receiver.got);
        let info = receiver.got[4].info();
        assert_eq!(
            (info.origin, info.recovered_by, info.arrival),
            (Origin::Media, Some(Recovery::Fec), None)
        );
        let counters = receiver.counters();
        assert_eq!((counters.repairs, counters.recovered, counters.used, counters.discarded()), (1, 1, 1, 0));
    }
}

#[test]
fn what_came_back_goes_on_before_the_packet_that_completed_it() {
    let (media, repairs) = sent(FecScheme::FlexFec03, Code::Rows { l: 5 }, 0..5);
    let mut receiver = Receiver::new(FecScheme::FlexFec03);
    receiver.read_all(&media[..2]);
    receiver.read_all(&repairs);
    receiver.read(&media[3]);
    // The last one makes two what was one short of it.
    receiver.read(&media[4]);
    assert_eq!((receiver.numbers(), receiver.back()), (vec![0, 1, 3, 2, 4], vec![2]));
    assert_right(&receiver.got);
}

#[test]
fn rows_and_columns_help_each_other_and_a_packet_comes_once() {
    let (media, repairs) = sent(FecScheme::FlexFec, Code::TwoD { l: 4, d: 4 }, 0..16);
    let mut receiver = Receiver::new(FecScheme::FlexFec);
    receiver.read_all(media.iter().filter(|packet| ![0, 1, 2, 5, 10].contains(&packet.sequence_number())));
    receiver.read_all(&repairs);
    let mut back = receiver.back();
    back.sort_unstable();
    assert_eq!(back, [0, 1, 2, 5, 10]);
    assert_right(&receiver.got);
    assert_eq!((receiver.got.len(), receiver.counters().recovered), (16, 5));
}

#[test]
fn a_stream_that_shares_its_repair_packets_is_recovered_while_others_come_and_go() {
    let fec = FecInfo::new(FecScheme::FlexFec, REPAIR_TYPE).with_ssrc(REPAIR);
    let mut receiver = Receiver::of(RecoveryOptions::default(), stream_info::video(7).with_fec(fec));
    let now = receiver.clock.now();
    receiver.chain.bind_remote(stream_info::video(MEDIA).with_fec(fec), now).unwrap();
    let (media, repairs) = sent(FecScheme::FlexFec, Code::Rows { l: 3 }, 0..6);
    receiver.read_all([&media[0], &media[2], &repairs[0]]);
    assert_eq!(receiver.back(), [1]);
    // The first of the group ends; repair packets take the way of the next.
    receiver.chain.unbind_remote(7, now).unwrap();
    receiver.read_all([&media[3], &media[4], &repairs[1]]);
    assert_eq!(receiver.back(), [1, 5]);
}

#[test]
fn what_waits_when_its_stream_ends_is_counted() {
    let (media, repairs) = sent(FecScheme::FlexFec03, Code::Rows { l: 5 }, 0..5);
    let mut receiver = Receiver::new(FecScheme::FlexFec03);
    receiver.read_all(&media[..3]);
    receiver.read_all(&repairs);
    assert_eq!((receiver.counters().repairs, receiver.counters().discarded()), (1, 0));
    let now = receiver.clock.now();
    receiver.chain.unbind_remote(MEDIA, now).unwrap();
    assert_eq!((receiver.counters().expired, receiver.counters().discarded()), (1, 1));
}

#[test]
fn statistics_are_told_twice_a_second_at_most() {
    let mut sender = Sender::new(coded(Code::Rows { l: 2 }));
    sender.give_all(0..200);
    let mut receiver = Receiver::new(FecScheme::FlexFec03);
    for (_, packet) in &sender.out {
        receiver.read(packet);
        receiver.pass(10 * MS);
    }
    // Three seconds, of which the first half tells nothing yet.
    assert!((4..=7).contains(&receiver.stats.len()), "{:?}", receiver.stats);
    let now = receiver.clock.now();
    receiver.chain.unbind_remote(MEDIA, now).unwrap();
    receiver.read(&media(0));
    assert_eq!(receiver.stats.last(), Some(&FecStats { ssrc: MEDIA, received: 100, discarded: 100 }));
}

#[test]
fn a_repair_packet_waits_no_longer_than_what_comes_back_is_of_use() {
    let (media, repairs) = sent(FecScheme::FlexFec03, Code::Rows { l: 5 }, 0..5);
    for (waited, expired) in [(40 * MS, 0), (60 * MS, 1)] {
        let mut receiver = Receiver::new(FecScheme::FlexFec03);
        let deadline = PlayoutDeadline { ssrc: MEDIA, delay: 50 * MS };
        receiver.chain.publish(deadline, receiver.clock.now());
        receiver.read_all(&media[..3]);
        receiver.read_all(&repairs);
        receiver.pass(waited);
        receiver.read(&media[3]);
        assert_eq!((receiver.counters().expired, receiver.back().len()), (expired, 1 - expired as usize));
    }
}

#[test]
fn a_deadline_that_is_known_counts_for_a_stream_that_gets_fec_later() {
    let (media, repairs) = sent(FecScheme::FlexFec03, Code::Rows { l: 5 }, 0..5);
    let mut receiver = Receiver::of(RecoveryOptions::default(), stream_info::video(MEDIA));
    let now = receiver.clock.now();
    receiver.chain.publish(PlayoutDeadline { ssrc: MEDIA, delay: 50 * MS }, now);
    receiver.chain.amend_remote(crate::kit::video(FecScheme::FlexFec03), now).unwrap();
    receiver.read_all(&media[..3]);
    receiver.read_all(&repairs);
    receiver.pass(60 * MS);
    receiver.read(&media[3]);
    assert_eq!((receiver.counters().expired, receiver.back().len()), (1, 0));
}
