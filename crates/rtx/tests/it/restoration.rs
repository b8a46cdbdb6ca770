//! RTX packets on their way in.

use interceptor_core::packet::{Origin, Recovery};
use interceptor_core::{FecInfo, FecScheme, Outgoing, StreamInfo};
use interceptor_test::hex;

use crate::kit::{Bench, MEDIA, media, rtx, video};

#[test]
fn reads_the_vector() {
    let mut bench = Bench::new(video(), None);
    let packet = bench.read(hex("80e10001a0b0c0d0556677881234deadbeef")).unwrap();
    assert_eq!(packet.to_bytes(), hex("80e01234a0b0c0d011223344deadbeef"));
    assert_eq!((packet.info().origin, packet.info().recovered_by), (Origin::Media, Some(Recovery::Rtx)));
    assert_eq!(packet.info().arrival, Some(bench.now));
    assert_eq!(bench.counters().received.restored, 1);
    assert_eq!(bench.counters_of_bound().1.unwrap().restored, 1);
}

#[test]
fn the_payload_is_not_copied() {
    let mut bench = Bench::new(video(), None);
    let datagram = hex("80e10001a0b0c0d0556677881234deadbeef");
    let packet = bench.read(datagram.clone()).unwrap();
    assert_eq!(packet.payload().as_ptr(), datagram[14..].as_ptr());
}

#[test]
fn padding_of_the_rtx_packet_does_not_belong_to_the_original() {
    let mut bench = Bench::new(video(), None);
    let mut packet = rtx(b"\x00\x07media");
    packet.set_padding(9);
    let restored = bench.read(packet.to_bytes()).unwrap();
    assert_eq!(
        (restored.sequence_number(), restored.payload(), restored.padding_len()),
        (7, &b"media"[..], 0)
    );
}

#[test]
fn an_original_without_payload_is_one() {
    let mut bench = Bench::new(video(), None);
    let restored = bench.read(rtx(b"\x12\x34").to_bytes()).unwrap();
    assert_eq!((restored.sequence_number(), restored.payload()), (0x1234, &b""[..]));
}

#[test]
fn each_retransmission_type_has_its_payload_type() {
    let mut bench = Bench::new(video(), None);
    let mut red = rtx(b"\x00\x07\x60vp8");
    red.set_payload_type(119);
    let restored = bench.read(red.to_bytes()).unwrap();
    assert_eq!((restored.payload_type(), restored.payload()), (118, &b"\x60vp8"[..]));
}

#[test]
fn media_and_fec_pass_untouched() {
    let mut bench = Bench::new(video().with_fec(FecInfo::new(FecScheme::FlexFec03, 97).with_ssrc(3)), None);
    let mut fec = media(2);
    fec.set_ssrc(3);
    fec.set_payload_type(97);
    let mut odd = media(4);
    odd.set_payload_type(97);
    for packet in [media(1), fec, odd] {
        assert_eq!(bench.read(packet.to_bytes()), Some(packet));
    }
    assert_eq!(bench.counters().received.restored, 0);
}

#[test]
fn streams_without_rtx_are_left_alone() {
    let mut bench = Bench::new(StreamInfo::new(MEDIA, 96, 90_000), None);
    assert_eq!(bench.read(media(1).to_bytes()), Some(media(1)));
    assert!(bench.counters_of_bound().1.is_none());
}

#[test]
fn ended_streams_leave_their_counters() {
    let mut bench = Bench::new(video(), None);
    bench.read(rtx(b"\x00\x07media").to_bytes());
    bench.resend(media(1));
    let before = bench.counters();
    bench.chain.unbind_remote(MEDIA, bench.now).unwrap();
    bench.chain.unbind_local(MEDIA, bench.now).unwrap();
    assert_eq!(bench.counters(), before);
    assert_eq!((before.received.restored, before.sent.encapsulated), (1, 1));
    assert_eq!(bench.counters_of_bound(), (None, None));
    bench.chain.write_rtp(media(2), bench.now);
    assert!(matches!(bench.chain.poll_wire(), Some(Outgoing::Rtp(packet)) if packet == media(2)));
}

#[test]
fn a_closed_chain_leaves_its_counters() {
    let mut bench = Bench::new(video(), None);
    bench.read(rtx(b"\x00\x07media").to_bytes());
    bench.resend(media(1));
    let before = bench.counters();
    for _ in 0..2 {
        bench.chain.close(bench.now).unwrap();
        assert_eq!(bench.counters(), before);
    }
    assert_eq!((before.received.restored, before.sent.encapsulated), (1, 1));
}
