//! How each path does, and what the owner is told.

use interceptor_core::packet::RtpPacket;
use interceptor_merge::{MergeOptions, PathChange};

use crate::kit::{MEDIA, Rig, ms, packet};

#[test]
fn a_report_tells_what_each_path_brought_and_lost() {
    let mut rig = Rig::new(MergeOptions::default());
    for seq in 0..1000 {
        // The first path loses every tenth, the second every fourth; of every twentieth both.
        if seq % 10 != 0 {
            rig.bring(0, seq);
        }
        if seq % 4 != 0 {
            rig.bring(1, seq);
        }
        rig.wait(ms(1));
    }
    let (first, second) = (rig.path(0), rig.path(1));
    assert_eq!(
        (first.received, first.first, first.lost),
        (900, 900, 99),
        "what was lost before its first is not known"
    );
    assert_eq!((second.received, second.first, second.lost), (750, 50, 249));
    assert_eq!((first.unique, second.unique), (200, 50));
    assert_eq!(first.last, Some(rig.now - ms(1)));
    assert_eq!(rig.path(2), Default::default());
}

#[test]
fn the_skew_is_how_much_later_than_the_first_copies_come() {
    let mut rig = Rig::new(MergeOptions::default());
    for seq in 0..400 {
        rig.bring(0, seq);
        if seq >= 40 {
            rig.bring(1, seq - 40);
        }
        rig.wait(ms(1));
    }
    assert_eq!(rig.path(0).skew, ms(0));
    let second = rig.path(1);
    assert!(second.skew > ms(39) && second.skew <= ms(40), "{second:?}");
    assert_eq!(second.max_skew, ms(40));
}

#[test]
fn a_path_that_dies_and_returns_is_told_once() {
    let mut rig = Rig::new(MergeOptions::default());
    for seq in 0..1500_u16 {
        rig.bring(0, seq);
        if !(500..1000).contains(&seq) {
            rig.bring(1, seq);
        }
        if seq == 900 {
            let changes = rig.changes();
            let [PathChange::Died { ssrc: MEDIA, path: 1, silent }] = changes[..] else {
                panic!("{changes:?}")
            };
            assert!(silent > ms(200) && silent < ms(300), "{silent:?}");
            assert!(rig.path(1).dead && !rig.path(0).dead);
        }
        rig.wait(ms(1));
    }
    assert_eq!(rig.changes(), [PathChange::Returned { ssrc: MEDIA, path: 1, after: ms(501) }]);
    assert!(!rig.path(1).dead);
    assert_eq!(rig.path(1).lost, 500);
}

#[test]
fn a_path_is_dead_only_while_another_lives() {
    let mut rig = Rig::new(MergeOptions::default());
    // Frames of five packets four times a second: between them nothing comes over either path.
    for frame in 0..40_u16 {
        (0..5).for_each(|part| drop(rig.bring(0, frame * 5 + part)));
        rig.wait(ms(30));
        (0..5).for_each(|part| drop(rig.bring(1, frame * 5 + part)));
        rig.wait(ms(220));
    }
    // And a pause of the sender.
    rig.wait(ms(10_000));
    (200..210).for_each(|seq| drop((rig.bring(0, seq), rig.bring(1, seq))));
    assert_eq!(rig.changes(), []);
}

#[test]
fn a_slow_stream_has_three_of_its_intervals() {
    let mut rig = Rig::new(MergeOptions::default());
    for seq in 0..30_u16 {
        rig.bring(0, seq);
        // Two in a row are lost now and then, and then all.
        if seq % 7 > 1 && seq < 20 {
            rig.bring(1, seq);
        }
        assert_eq!(rig.changes().len(), usize::from(seq == 24), "number {seq}");
        rig.wait(ms(300));
    }
}

/// A packet whose number another stream has as well.
fn other(seq: u16) -> RtpPacket {
    let mut other = packet(seq);
    other.set_payload(vec![0xee; 40]);
    other
}

#[test]
fn a_path_that_carries_something_else_is_shut_out() {
    let mut rig = Rig::new(MergeOptions::default());
    for seq in 0..99 {
        assert_eq!((rig.bring(0, seq), rig.read(1, other(seq))), (vec![seq], vec![]));
        rig.wait(ms(1));
    }
    assert!(rig.changes().is_empty() && !rig.path(1).distrusted, "so much may be chance");
    // It does not matter which of the two comes first.
    assert_eq!((rig.read(1, other(99)), rig.bring(0, 99)), (vec![99], vec![]));
    assert_eq!(rig.changes(), [PathChange::Distrusted { ssrc: MEDIA, path: 1 }]);
    assert_eq!((rig.read(1, other(100)), rig.bring(0, 100)), (vec![], vec![100]));
    let counters = rig.counters();
    assert_eq!((counters.mismatched, counters.distrusted, counters.copies), (100, 1, 100));
    assert_eq!((rig.path(0).mismatched, rig.path(1).mismatched), (0, 100));
}

#[test]
fn mismatches_that_are_rare_shut_nobody_out() {
    let mut rig = Rig::new(MergeOptions::default());
    for seq in 0..3000 {
        rig.bring(0, seq);
        rig.read(1, if seq % 11 == 0 { other(seq) } else { packet(seq) });
        rig.wait(ms(1));
    }
    assert_eq!((rig.changes(), rig.counters().mismatched), (vec![], 273));
}
