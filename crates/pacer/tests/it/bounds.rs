//! What happens when more waits than may: the pace rises, then the least needed goes.

use interceptor_core::packet::Origin;
use interceptor_core::{Abandoned, Fact, FecInfo, FecScheme, KeyframeRequested};
use interceptor_pacer::{Class, PacerOptions};
use interceptor_test::{rtp, stream_info};

use crate::kit::{HEADERS, MS, Rig, SECOND, at, pacing};

/// A frame of packets of 1250 bytes on the wire, the last with the marker.
fn frame(rig: &mut Rig, ssrc: u32, seqs: std::ops::Range<u16>, ts: u32) {
    for seq in seqs.clone() {
        let last = seq + 1 == seqs.end;
        rig.give(rtp(ssrc).seq(seq).ts(ts).marker(last).payload_len(1250 - HEADERS).build());
    }
}

fn abandoned(rig: &Rig) -> Vec<(u32, u16, u16)> {
    let runs = rig.facts.iter().filter_map(|fact| match fact {
        Fact::Abandoned(Abandoned { ssrc, first, count }) => Some((*ssrc, *first, *count)),
        _ => None,
    });
    runs.collect()
}

fn key_frames(rig: &Rig) -> Vec<u32> {
    let asked = rig.facts.iter().filter_map(|fact| match fact {
        Fact::KeyframeRequested(KeyframeRequested { ssrc }) => Some(*ssrc),
        _ => None,
    });
    asked.collect()
}

#[test]
fn the_pace_rises_so_that_nothing_waits_for_too_long() {
    // More than 600 ms at the pace.
    let mut rig = Rig::video(at(1_000_000), &[1]);
    rig.give_all(1, 0..62, 1250);
    rig.pass(SECOND);
    let times = rig.times();
    assert!((450..=500).contains(times.last().unwrap()), "{times:?}");
    assert_eq!(rig.totals().all().dropped(), 0);
    // Then the pace is what it was.
    rig.out.clear();
    rig.give_all(1, 100..110, 1250);
    rig.pass(SECOND);
    assert_eq!(rig.times(), [1000, 1005, 1015, 1025, 1035, 1045, 1055, 1065, 1075, 1085]);
}

#[test]
fn the_pace_rises_to_twice_its_value_at_most() {
    let mut rig = Rig::video(at(1_000_000), &[1]);
    rig.give_all(1, 0..100, 1250);
    rig.pass(100 * MS);
    // Twenty in a tenth of a second, and what the burst lets through.
    assert!((20..=23).contains(&rig.out.len()), "{}", rig.out.len());
    rig.pass(400 * MS);
    assert_eq!((rig.out.len(), rig.totals().all().dropped()), (100, 0));
}

#[test]
fn the_oldest_frame_goes_as_a_whole_and_a_key_frame_is_asked_for() {
    let mut rig = Rig::video(at(100_000), &[1]);
    // 100 ms a packet. Of the first frame three leave before it is too late for the others.
    frame(&mut rig, 1, 0..10, 1);
    rig.pass(300 * MS);
    frame(&mut rig, 1, 10..12, 2);
    rig.pass(700 * MS);
    let left: Vec<u16> = rig.left().iter().map(|left| left.1).collect();
    let first = left.iter().filter(|seq| **seq < 10).count() as u16;
    assert!((4..9).contains(&first), "{left:?}");
    assert_eq!(left[usize::from(first)..], [10, 11]);
    assert_eq!((abandoned(&rig), key_frames(&rig)), (vec![(1, first, 10 - first)], vec![1]));
    let told: Vec<_> = rig.overflows.iter().map(|told| (told.ssrc, told.class)).collect();
    assert_eq!(told, [(1, Class::Video)]);
    let book = rig.counters(Class::Video);
    assert_eq!(
        (book.passed, book.dropped_late, book.came()),
        (u64::from(first) + 2, 10 - u64::from(first), 12)
    );
}

#[test]
fn what_is_still_to_come_of_a_dropped_frame_is_of_no_use() {
    let mut rig = Rig::video(at(20_000), &[1]);
    for seq in 0..40 {
        rig.give(rtp(1).seq(seq).ts(1).payload_len(1210).build());
        rig.pass(40 * MS);
    }
    let waiting = rig.counters(Class::Video).waiting;
    assert_eq!(waiting, 0);
    frame(&mut rig, 1, 40..42, 1);
    frame(&mut rig, 1, 42..44, 2);
    rig.pass(500 * MS);
    let left: Vec<u16> = rig.left().iter().map(|left| left.1).collect();
    assert_eq!(left[left.len() - 2..], [42, 43], "{left:?}");
    // Told when a packet passes, of all that were not sent, once.
    let sent = left.len() as u16 - 2;
    assert_eq!((abandoned(&rig), key_frames(&rig)), (vec![(1, sent, 42 - sent)], vec![1]));
}

#[test]
fn beyond_the_bytes_that_may_wait_the_least_needed_goes_first() {
    // 64 KiB are 52 packets of 1250 bytes.
    let mut rig = Rig::new(at(100_000).with_pace_audio(true));
    rig.bind(stream_info::video_with_rtx(1, 2).with_fec(FecInfo::new(FecScheme::FlexFec03, 49).with_ssrc(3)));
    rig.bind(stream_info::audio(5));
    let mut give = |origin, ssrc, seq| {
        let mut packet = rtp(ssrc).seq(seq).ts(seq.into()).marker(true).payload_len(1250 - HEADERS).build();
        packet.info_mut().origin = origin;
        rig.give(packet);
        rig.pass(MS);
    };
    (0..11).for_each(|seq| give(Origin::Padding, 2, seq));
    (0..10).for_each(|seq| give(Origin::FecRepair, 3, seq));
    (0..10).for_each(|seq| give(Origin::Media, 1, seq));
    (0..10).for_each(|seq| give(Origin::Retransmission, 1, seq + 100));
    (0..12).for_each(|seq| give(Origin::Media, 5, seq));
    let classes = [Class::Padding, Class::Fec, Class::Video, Class::Retransmission, Class::Audio];
    let dropped = |rig: &Rig| classes.map(|class| rig.counters(class).dropped_full);
    // One has left at once; 52 wait.
    assert_eq!((dropped(&rig), rig.totals().all().waiting), ([0; 5], 52));
    let mut order = Vec::new();
    for seq in 12..48 {
        let before = dropped(&rig);
        rig.give(rtp(5).seq(seq).payload_len(1250 - HEADERS).build());
        rig.pass(MS);
        let after = dropped(&rig);
        order.extend((0..5).flat_map(|class| vec![class; (after[class] - before[class]) as usize]));
    }
    // The repeats' lane holds the padding that is before them: padding alone has one of its own no more.
    let mut sorted = order.clone();
    sorted.dedup();
    assert_eq!(sorted, [1, 2, 0, 3], "{order:?}");
    assert!(rig.totals().all().waiting_bytes <= 64 << 10);
    assert_eq!(rig.counters(Class::Audio).dropped(), 0);
}

#[test]
fn audio_is_dropped_only_when_it_has_waited_for_200_ms() {
    let mut rig = Rig::new(at(1000).with_pace_audio(true));
    rig.bind(stream_info::audio(5));
    for seq in 0..53 {
        rig.give(rtp(5).seq(seq).payload_len(1210).build());
    }
    rig.pass(MS);
    assert_eq!((rig.counters(Class::Audio).waiting, rig.totals().all().dropped()), (52, 0));
    rig.give(rtp(5).seq(53).payload_len(1210).build());
    rig.pass(199 * MS);
    assert_eq!((rig.counters(Class::Audio).waiting, rig.totals().all().dropped()), (53, 0));
    rig.pass(100 * MS);
    rig.give(rtp(5).seq(54).payload_len(1210).build());
    rig.pass(MS);
    assert_eq!(rig.counters(Class::Audio).dropped_full, 2);
}

#[test]
fn at_a_high_pace_twice_the_time_that_packets_may_wait_fits() {
    // 100 ms of 80 Mbit/s are a megabyte.
    let mut rig = Rig::video(at(80_000_000).with_max_queue_time(100 * MS), &[1]);
    rig.give_all(1, 0..1601, 1250);
    rig.pass(MS);
    assert_eq!(rig.totals().all().dropped(), 0);
}

#[test]
fn a_cut_makes_less_wait() {
    let mut rig = Rig::video(PacerOptions::default(), &[1]);
    rig.tell(pacing(8_000_000));
    for seq in 0..600 {
        rig.give(rtp(1).seq(seq).ts((seq / 10).into()).marker(seq % 10 == 9).payload_len(1210).build());
    }
    rig.pass(MS);
    assert_eq!(rig.totals().all().dropped(), 0);
    rig.tell(pacing(800_000));
    let book = rig.totals().all();
    assert!(book.waiting_bytes <= 100_000 && book.dropped_full > 400, "{book:?}");
    assert_eq!(book.came(), 600);
}
