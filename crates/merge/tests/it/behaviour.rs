//! What it does to copies.

use interceptor_core::Incoming;
use interceptor_core::packet::RtpPacket;
use interceptor_merge::MergeOptions;
use interceptor_test::rtp;

use crate::kit::{COPIES, MEDIA, RTX, Rig, ms, packet};

#[test]
fn the_first_copy_goes_on_at_once_and_later_ones_end_here() {
    let mut rig = Rig::new(MergeOptions::default());
    assert_eq!(rig.bring(0, 1), [1]);
    assert_eq!(rig.bring(1, 1), []);
    // The second path may be ahead, and the first may have lost something.
    assert_eq!(rig.bring(1, 2), [2]);
    assert_eq!(rig.bring(1, 3), [3]);
    assert_eq!(rig.bring(0, 3), []);
    assert_eq!(rig.bring(0, 2), []);
    let counters = rig.counters();
    assert_eq!((counters.passed, counters.copies), (3, 3));
}

#[test]
fn what_goes_on_is_as_it_came() {
    let mut rig = Rig::new(MergeOptions::default());
    let mut sent = packet(9);
    sent.info_mut().path = 1;
    rig.chain.read_rtp(sent.clone(), rig.now);
    let Some(Incoming::Rtp(up)) = rig.chain.poll_app() else { panic!("it goes on") };
    assert_eq!((&up, up.info().path), (&sent, 1));
}

#[test]
fn numbers_in_any_order_go_on_once() {
    let mut rig = Rig::new(MergeOptions::default());
    let mut up = Vec::new();
    for (path, seq) in [(0, 10), (1, 7), (1, 12), (0, 7), (0, 8), (1, 8), (1, 9), (0, 11), (1, 11), (1, 10)] {
        up.extend(rig.bring(path, seq));
    }
    assert_eq!(up, [10, 7, 12, 8, 9, 11]);
}

#[test]
fn copies_over_the_same_path_end_here_as_well() {
    // Temporal redundancy (RFC 7197): the copy comes later, over the one path there is.
    let mut rig = Rig::new(MergeOptions::default());
    let mut up = Vec::new();
    for seq in 0..300 {
        up.extend(rig.bring(0, seq));
        if seq >= 100 {
            up.extend(rig.bring(0, seq - 100));
        }
        rig.wait(ms(1));
    }
    assert_eq!(up, (0..300).collect::<Vec<_>>());
    assert_eq!((rig.counters().copies, rig.counters().mismatched), (200, 0));
}

#[test]
fn copies_on_an_ssrc_of_their_own_are_the_medias() {
    let mut rig = Rig::new(MergeOptions::default());
    let copy = |seq| {
        let mut copy = packet(seq);
        copy.set_ssrc(COPIES);
        copy
    };
    assert_eq!(rig.bring(0, 1), [1]);
    assert_eq!(rig.read(1, copy(1)), []);
    let mut lost_on_the_first = copy(2);
    lost_on_the_first.info_mut().path = 1;
    rig.chain.read_rtp(lost_on_the_first, rig.now);
    let Some(Incoming::Rtp(up)) = rig.chain.poll_app() else { panic!("it goes on") };
    assert_eq!((up.ssrc(), up.sequence_number()), (MEDIA, 2));
    assert_eq!(rig.counters().renumbered, 2);
}

#[test]
fn retransmissions_have_numbers_of_their_own() {
    let mut rig = Rig::new(MergeOptions::default());
    let rtx = |seq| rtp(RTX).pt(97).seq(seq).payload_len(50).build();
    assert_eq!(rig.bring(0, 1), [1]);
    assert_eq!(rig.read(0, rtx(1)), [1]);
    assert_eq!(rig.read(1, rtx(1)), []);
    assert_eq!(rig.read(1, rtx(2)), [2]);
    assert_eq!(rig.bring(1, 1), []);
    assert_eq!(rig.path(1).received, 1, "reports are about the media");
}

#[test]
fn a_sender_that_counts_anew_is_followed_over_all_paths() {
    let mut rig = Rig::new(MergeOptions::default());
    let mut up = Vec::new();
    // The second path is ten packets late, also when the first has begun anew.
    let sent: Vec<u16> = (40_000..40_100).chain(20_000..20_100).collect();
    for (at, seq) in sent.iter().enumerate() {
        up.extend(rig.bring(0, *seq));
        if at >= 10 {
            up.extend(rig.bring(1, sent[at - 10]));
        }
        rig.wait(ms(1));
    }
    assert_eq!(up, sent);
    let counters = rig.counters();
    assert_eq!((counters.restarts, counters.strays, counters.passed), (1, 1, 200));
    assert_eq!(rig.path(0).lost + rig.path(1).lost, 0);
}

#[test]
fn a_sender_that_falls_back_behind_what_is_known_is_followed_as_soon_as_nobody_brings_more() {
    // Fifty packets a second: 64 numbers are known, and these are behind them.
    let mut rig = Rig::new(MergeOptions::default());
    let both = |rig: &mut Rig, seq| {
        let up = [rig.bring(0, seq), rig.bring(1, seq)].concat();
        rig.wait(ms(20));
        up
    };
    (1000..1500).for_each(|seq| assert_eq!(both(&mut rig, seq), [seq]));
    let up: Vec<u16> = (1000..1100).flat_map(|seq| both(&mut rig, seq)).collect();
    assert_eq!(up, (1011..1100).collect::<Vec<_>>(), "after the skew, and two in a row");
    let counters = rig.counters();
    assert_eq!((counters.restarts, counters.strays, counters.passed), (1, 0, 589));
    assert_eq!(counters.copies + counters.too_old, 1200 - 589);
}

#[test]
fn what_one_path_lost_while_the_sender_began_anew_comes_over_the_other() {
    let mut rig = Rig::new(MergeOptions::default());
    let mut up = Vec::new();
    for seq in (1000..1010).chain(50_000..50_010) {
        if seq % 3 != 0 {
            up.extend(rig.bring(0, seq));
        }
        up.extend(rig.bring(1, seq));
    }
    assert_eq!(up.len(), 20, "{up:?}");
}

#[test]
fn a_stream_that_comes_back_after_a_long_silence_goes_on() {
    let mut rig = Rig::new(MergeOptions::default());
    (0..10).for_each(|seq| assert_eq!(rig.bring(0, seq), [seq]));
    rig.wait(ms(20_000));
    (20_000..20_010).for_each(|seq| {
        assert_eq!(rig.bring(0, seq), [seq]);
        assert_eq!(rig.bring(1, seq), []);
    });
}

#[test]
fn a_path_that_returns_a_whole_lap_later_is_merged() {
    let mut rig = Rig::new(MergeOptions::default());
    let number = |n: u32| n as u16;
    for n in 0..66_000_u32 {
        assert_eq!(rig.bring(0, number(n)).len(), 1);
        if !(100..65_600).contains(&n) {
            assert_eq!(rig.bring(1, number(n)), [], "number {n}");
        }
        rig.wait(ms(1));
    }
    assert_eq!((rig.counters().too_old, rig.path(1).lost), (0, 65_500));
}

#[test]
fn the_window_follows_the_rate_and_a_gap_is_no_reason_to_forget() {
    // Few packets, then a hundred lost on the first path: the second brings them 50 ms later.
    let mut rig = Rig::new(MergeOptions::default());
    (0..60).for_each(|seq| assert_eq!(rig.bring(0, seq), [seq]));
    assert_eq!(rig.bring(0, 160), [160]);
    rig.wait(ms(50));
    (0..60).for_each(|seq| assert_eq!(rig.bring(1, seq), []));
    (60..160).for_each(|seq| assert_eq!(rig.bring(1, seq), [seq]));
    assert_eq!(rig.bring(1, 160), []);
}

#[test]
fn a_stream_may_be_described_anew_in_the_middle_of_traffic() {
    let mut rig = Rig::new(MergeOptions::default());
    let rtx = |ssrc, seq| rtp(ssrc).pt(97).seq(seq).payload_len(50).build();
    assert_eq!((rig.bring(0, 1), rig.read(0, rtx(RTX, 1))), (vec![1], vec![1]));
    let amended = interceptor_test::stream_info::video_with_rtx(MEDIA, 77);
    rig.chain.amend_remote(amended, rig.now).unwrap();
    assert_eq!(
        (rig.bring(1, 1), rig.read(0, rtx(77, 1)), rig.read(1, rtx(77, 1))),
        (vec![], vec![1], vec![])
    );
}

#[test]
fn packets_without_payload_are_merged_by_their_numbers() {
    let mut rig = Rig::new(MergeOptions::default());
    let mut empty = RtpPacket::default();
    empty.set_ssrc(MEDIA);
    assert_eq!((rig.read(0, empty.clone()), rig.read(1, empty)), (vec![0], vec![]));
}
