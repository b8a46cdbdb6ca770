//! The rows of the table of malformed and hostile input.

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use interceptor_red::{Mode, RedSenderOptions};
use interceptor_rtx::{Rtx, RtxFactory};
use interceptor_test::{hex, rtp};

use crate::kit::{OPUS, RED, Rig, SSRC, STEP, opus, opus_packet, red_payload, redundant, sound, spoken};

/// A receiver that has packet 1.
fn receiver() -> Rig {
    let mut rig = Rig::both();
    rig.read(redundant(1, &[]));
    rig
}

fn red(seq: u16, payload: impl Into<Bytes>) -> RtpPacket {
    opus_packet(seq).pt(RED).payload(payload).build()
}

#[test]
fn a_malformed_datagram_never_comes_here() {
    let mut rig = receiver();
    let now = rig.now();
    rig.chain.read_datagram(hex("80 3f 0001"), now);
    assert_eq!((rig.received().packets, rig.chain.counters().malformed_datagrams), (1, 1));
}

#[test]
fn a_payload_that_ends_inside_its_headers_ends_here() {
    let mut rig = receiver();
    for text in ["ef", "ef0f00", "ef0f0002", "ef0f0002 ef0f0002"] {
        assert_eq!(rig.read(red(3, hex(text))), []);
    }
    assert_eq!(rig.received().malformed, 4);
    assert_eq!(rig.numbers(redundant(4, &[1])), [3, 4], "its number has not come");
}

#[test]
fn blocks_longer_than_the_payload_end_here() {
    let mut rig = receiver();
    assert_eq!(rig.read(red(3, hex("ef0f0002 6f aa"))), []);
    assert_eq!(rig.read(red(3, hex("efffffff 6f aabb"))), []);
    assert_eq!(rig.received().malformed, 2);
}

#[test]
fn more_than_32_blocks_end_here() {
    let mut rig = receiver();
    let blocks = |count| [hex("ef0f0000").repeat(count), vec![OPUS, 1]].concat();
    assert_eq!(rig.read(red(3, blocks(33))), []);
    assert_eq!(rig.numbers(red(3, blocks(32))), [3]);
    assert_eq!(rig.received().malformed, 1);
}

#[test]
fn red_within_red_ends_here() {
    let mut rig = receiver();
    let inner = red_payload(&[], OPUS, &sound(3));
    assert_eq!(rig.read(red(3, red_payload(&[], RED, &inner))), []);
    assert_eq!(rig.received().foreign_primaries, 1);
}

#[test]
fn a_primary_payload_of_a_foreign_type_ends_here() {
    let mut rig = receiver();
    assert_eq!(rig.read(red(3, red_payload(&[(OPUS, STEP, &sound(2))], 100, &sound(3)))), []);
    assert_eq!((rig.received().foreign_primaries, rig.received().recovered), (1, 0));
}

#[test]
fn a_block_of_a_foreign_type_is_skipped() {
    let mut rig = receiver();
    for inner in [100, RED] {
        let payload = red_payload(&[(inner, STEP, &sound(2))], OPUS, &sound(3));
        assert_eq!(rig.read(red(3, payload)), [spoken(3)], "the primary payload still goes on");
    }
    assert_eq!((rig.received().foreign_blocks, rig.received().recovered), (2, 0));
}

#[test]
fn a_block_of_no_packet_is_skipped() {
    let mut rig = receiver();
    // No offset; before the first packet; between two packets that have come; empty.
    rig.read(redundant(2, &[]));
    for (offset, payload) in [(0, &[1][..]), (9 * STEP, &[1]), (STEP / 2, &[1]), (2 * STEP, &[])] {
        let payload = red_payload(&[(OPUS, offset, payload)], OPUS, &sound(3));
        assert_eq!(rig.read(red(3, payload)), [spoken(3)]);
    }
    let counters = rig.received();
    assert_eq!((counters.unplaced, counters.unneeded, counters.recovered), (4, 0, 0));
}

#[test]
fn a_block_of_a_packet_that_has_come_is_skipped() {
    let mut rig = receiver();
    assert_eq!(rig.numbers(redundant(3, &[1, 2])), [2, 3]);
    assert_eq!(rig.numbers(redundant(4, &[1, 2, 3])), [4], "2 was made before");
    assert_eq!(rig.received().unneeded, 4);
}

#[test]
fn a_payload_that_says_the_same_thing_32_times_makes_one_packet() {
    let mut rig = receiver();
    let block = [1];
    let payload = red_payload(&[(OPUS, STEP, &block[..]); 32], OPUS, &sound(3));
    assert_eq!(rig.numbers(red(3, payload)), [2, 3]);
    assert_eq!((rig.received().recovered, rig.received().unneeded), (1, 31));
}

#[test]
fn a_packet_far_ahead_makes_nothing_up() {
    let mut rig = receiver();
    rig.read(redundant(2, &[]));
    // Of 98 that are missing, those that it has.
    assert_eq!(rig.numbers(redundant(101, &[1, 2])), [99, 100, 101]);
    assert_eq!(rig.numbers(redundant(2, &[1])), [2], "behind all that is remembered");
    assert_eq!(rig.received().unplaced, 1);
}

#[test]
fn red_in_retransmissions_without_a_pair_for_it_never_comes_here() {
    let mut rig = Rig::with(
        Mode::Decode,
        RedSenderOptions::default(),
        |config| config,
        |registry| registry.with(RtxFactory::default()),
    );
    rig.bind(opus(SSRC).with_rtx(2, 112));
    // 113 would be RED's.
    assert_eq!(rig.read(rtp(2).pt(113).seq(9).payload(hex("0003 6f aabb")).build()), []);
    let rtx = rig.chain.with_streams::<Rtx, _>(|rtx, streams| rtx.counters(&streams)).unwrap();
    assert_eq!((rtx.received.unknown_payload_type, rig.received().packets), (1, 0));
}
