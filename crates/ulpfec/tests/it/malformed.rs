//! The rows of the table of malformed and hostile input.

use bytes::Bytes;
use interceptor_core::Registry;
use interceptor_core::packet::RtpPacket;
use interceptor_test::{hex, rtp};
use interceptor_ulpfec::{UlpfecFactory, UlpfecOptions};

use crate::kit::{FEC, RED, Rig, SSRC, VP8, in_red, media, repair, repair_of, template, video};

fn rig() -> Rig {
    Rig::new(UlpfecOptions::default())
}

fn red(seq: u16, payload: impl Into<Bytes>) -> RtpPacket {
    template(seq).pt(RED).payload(payload).build()
}

#[test]
fn a_malformed_datagram_never_comes_here() {
    let mut rig = rig();
    let now = rig.now();
    rig.chain.read_datagram(hex("80 76 0001"), now);
    assert_eq!((rig.received().red_packets, rig.chain.counters().malformed_datagrams), (0, 1));
}

#[test]
fn blocks_that_do_not_fit_end_here() {
    let mut rig = rig();
    for text in ["e0", "e00f0002", "e00f0002 60 aa"] {
        assert_eq!(rig.read(red(1, hex(text))), []);
    }
    assert_eq!(rig.received().malformed, 3);
}

#[test]
fn a_payload_type_that_was_not_negotiated_ends_here() {
    let mut rig = rig();
    assert_eq!(rig.read(red(1, vec![100, 1, 2])), []);
    assert_eq!(rig.read(red(1, vec![RED, VP8, 1, 2])), []);
    assert_eq!(rig.received().foreign, 2);
}

#[test]
fn a_redundant_block_of_media_is_skipped() {
    let mut rig = rig();
    assert_eq!(rig.read(red(1, hex("e00f0001 60 aa bb")))[0].payload(), [0xbb]);
    assert_eq!(rig.received().blocks_skipped, 1);
}

#[test]
fn a_repair_that_is_none_is_counted_and_its_number_goes_on() {
    let mut rig = Rig::of(&Registry::new().with(UlpfecFactory::default()));
    rig.bind(video(SSRC));
    let whole = repair_of(&[media(0), media(1)]);
    let with = |at: usize, bytes: &[u8]| {
        let mut payload = whole.to_vec();
        payload[at..at + bytes.len()].copy_from_slice(bytes);
        payload
    };
    let cases = [
        whole[..9].to_vec(),
        whole[..13].to_vec(),
        // E = 1; no packet; no byte; more bytes than there are.
        with(0, &[0x80]),
        with(12, &[0, 0]),
        with(10, &[0, 0]),
        with(10, &[0xff, 0xff]),
        vec![],
    ];
    for (n, payload) in cases.iter().enumerate() {
        let out = rig.read(repair(5, payload));
        assert!(out.len() == 1 && out[0].payload().is_empty(), "{n}");
    }
    assert_eq!(rig.received().malformed_repairs, cases.len() as u64);
}

#[test]
fn a_repair_of_numbers_far_away_waits_for_nothing() {
    let mut rig = rig();
    for seq in 0..10 {
        rig.read(in_red(media(seq)));
    }
    for base in [32_768, 40_000, 10_000] {
        let far: Vec<_> = [base, base + 1].map(media).into();
        assert_eq!(rig.read(repair(10, &repair_of(&far))), []);
    }
    assert_eq!(rig.tally().expired, 3);
}

#[test]
fn a_repair_of_the_first_bytes_alone_gives_no_packet() {
    let mut rig = rig();
    let packets = [media(0), media(1)];
    let mut payload = repair_of(&packets).to_vec();
    // Level 0 protects 50 bytes.
    payload[10..12].copy_from_slice(&50_u16.to_be_bytes());
    payload.truncate(14 + 50);
    rig.read(in_red(packets[0].clone()));
    assert_eq!(rig.read(repair(2, &payload)), []);
    assert_eq!((rig.tally().partial, rig.received().recovered), (1, 0));
}

#[test]
fn a_repair_that_contradicts_what_came_gives_no_packet() {
    let mut rig = rig();
    let packets = [media(0), media(1)];
    let mut payload = repair_of(&packets).to_vec();
    // Another sum of lengths: longer than the body.
    payload[8] ^= 0x40;
    rig.read(in_red(packets[0].clone()));
    assert_eq!(rig.read(repair(2, &payload)), []);
    let tally = rig.tally();
    assert_eq!((tally.inconsistent + tally.partial, tally.recovered), (1, 0));
}

#[test]
fn a_flood_of_repairs_that_lack_two_packets_keeps_to_its_limits() {
    let mut rig = rig();
    rig.read(in_red(media(0)));
    for n in 0..5000_u16 {
        let base = 1 + 2 * (n % 100);
        let mut payload = repair_of(&[media(base), media(base + 1)]).to_vec();
        payload[15] ^= n as u8;
        assert_eq!(rig.read(repair(300, &payload)), []);
    }
    let tally = rig.tally();
    assert!(tally.expired + tally.useless >= 5000 - 64, "{tally:?}");
}

#[test]
fn an_empty_packet_of_its_own_is_no_repair() {
    let mut rig = rig();
    let empty = rtp(SSRC).pt(FEC).seq(1).payload_len(0).build();
    assert_eq!(rig.read(empty.clone()), [empty]);
    assert_eq!((rig.received().repairs, rig.ended().swallowed), (0, 0));
}
