//! What closes a block, and what joins it.

use interceptor_core::FecScheme;
use interceptor_core::packet::Origin;
use interceptor_flexfec::{Code, ProtectionOptions};
use interceptor_test::rtp;

use crate::kit::{MEDIA, MS, SECOND, Sender, coded, media, video};

fn interleaved() -> ProtectionOptions {
    coded(Code::Interleaved { n: 6, f: 2 })
}

#[test]
fn a_block_closes_with_its_last_packet() {
    let mut sender = Sender::new(interleaved());
    sender.give_all(0..14);
    assert_eq!(sender.blocks(), [vec![0, 2, 4], vec![1, 3, 5], vec![6, 8, 10], vec![7, 9, 11]]);
    let counters = sender.counters();
    assert_eq!((counters.protected, counters.blocks, counters.early, counters.repairs), (14, 2, 0, 4));
}

#[test]
fn a_block_closes_some_time_after_its_first_packet() {
    // Ten milliseconds before the end of the deadline of 200.
    let mut sender = Sender::new(interleaved());
    for seq in 0..4 {
        sender.pass(50 * MS);
        sender.give_all([seq]);
    }
    sender.pass(SECOND);
    assert_eq!(sender.covered(), [(240, vec![0, 2]), (240, vec![1, 3])]);
    assert_eq!((sender.counters().early, sender.chain.next_timeout()), (1, None));
    // Three packets in proportion: one repair packet.
    sender.give_all(4..7);
    sender.pass(SECOND);
    assert_eq!(sender.covered()[2], (1390, vec![4, 5, 6]));
    // The time is an option.
    let mut sender = Sender::new(interleaved().with_max_block_time(Some(30 * MS)));
    sender.give_all(0..6);
    sender.pass(20 * MS);
    sender.give_all([6]);
    sender.pass(SECOND);
    assert_eq!(sender.covered().into_iter().map(|(at, _)| at).collect::<Vec<_>>(), [0, 0, 50]);
}

#[test]
fn a_block_closes_at_a_marker_where_frames_are_blocks() {
    let frame = |seq: u16, marker| rtp(MEDIA).seq(seq).marker(marker).payload_len(50).build();
    let mut sender = Sender::new(coded(Code::Interleaved { n: 20, f: 4 }).with_per_frame(true));
    (0..10).for_each(|seq| sender.give(frame(seq, seq == 2 || seq == 9)));
    assert_eq!(sender.blocks(), [vec![0, 1, 2], vec![3, 5, 7, 9], vec![4, 6, 8]]);
    let mut sender = Sender::new(coded(Code::Interleaved { n: 20, f: 4 }));
    (0..10).for_each(|seq| sender.give(frame(seq, seq == 2 || seq == 9)));
    assert_eq!(sender.blocks(), [[0; 0]; 0]);
}

#[test]
fn a_block_closes_where_its_mask_ends() {
    // Masks of blocks of six reach over fifteen numbers.
    let mut sender = Sender::new(interleaved());
    sender.give_all([0, 1, 2, 14, 15, 16]);
    assert_eq!(sender.blocks(), [[0, 2], [1, 14]]);
    sender.unbind();
    assert_eq!(sender.blocks()[2..], [[15, 16]]);
    assert_eq!(sender.counters().early, 2);
}

#[test]
fn what_is_open_leaves_when_the_stream_or_the_chain_ends() {
    let mut sender = Sender::new(interleaved());
    sender.give_all(0..4);
    sender.unbind();
    assert_eq!(sender.blocks(), [[0, 2], [1, 3]]);
    assert_eq!(sender.handle.protected(), []);
    let mut sender = Sender::new(interleaved());
    sender.give_all(0..4);
    sender.close();
    assert_eq!((sender.blocks().len(), sender.counters().repairs), (2, 2));
}

#[test]
fn packets_in_another_order_join_the_block() {
    let mut sender = Sender::new(interleaved());
    sender.give_all([65_534, 1, 65_535, 65_532, 0, 65_533]);
    // Places are taken in the order of coming: the first, the third and the fifth are in the first repair packet.
    assert_eq!(sender.blocks(), [vec![65_534, 65_535, 0], vec![65_532, 65_533, 1]]);
    // That of the newest packet.
    assert!(sender.repairs().iter().all(|repair| repair.timestamp() == media(1).timestamp()));
}

#[test]
fn a_sender_that_begins_anew_ends_the_block() {
    let mut sender = Sender::new(interleaved());
    sender.give_all([40_000, 40_001, 5, 6, 7, 8, 9, 10]);
    assert_eq!(sender.blocks(), [vec![40_000, 40_001], vec![5, 7, 9], vec![6, 8, 10]]);
}

#[test]
fn blocks_go_on_over_the_wrap() {
    for scheme in [FecScheme::FlexFec03, FecScheme::FlexFec] {
        let mut sender = Sender::of(interleaved(), video(scheme));
        sender.give_all((0..12).map(|index: u16| index.wrapping_add(65_533)));
        let blocks = [vec![65_533, 65_535, 1], vec![65_534, 0, 2], vec![3, 5, 7], vec![4, 6, 8]];
        assert_eq!(sender.blocks(), blocks, "{scheme:?}");
    }
}

#[test]
fn only_media_is_protected() {
    let mut sender = Sender::new(coded(Code::Rows { l: 2 }));
    for origin in [Origin::Retransmission, Origin::Padding] {
        sender.give(rtp(MEDIA).seq(7).payload_len(20).origin(origin).build());
    }
    sender.give_all(0..2);
    assert_eq!(sender.blocks(), [[0, 1]]);
    assert_eq!(sender.counters().protected, 2);
}
