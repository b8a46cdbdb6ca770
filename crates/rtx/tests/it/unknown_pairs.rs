//! Streams of which only the RTX SSRC is known.

use interceptor_core::StreamInfo;
use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{FecInfo, FecScheme};

use crate::kit::{Bench, MEDIA, RTX, media, rtx};

fn unknown() -> StreamInfo {
    StreamInfo::unknown(MEDIA).with_rtx_ssrc(RTX)
}

fn media_of(payload_type: u8) -> RtpPacket {
    let mut packet = media(1);
    packet.set_payload_type(payload_type);
    packet
}

#[test]
fn any_payload_type_is_restored_as_that_of_the_last_media() {
    let mut bench = Bench::new(unknown(), None);
    for payload_type in [96, 118, 0, 96] {
        bench.read(media_of(payload_type).to_bytes());
        for rtx_type in [97, 119, 35] {
            let mut repair = rtx(b"\x00\x07media");
            repair.set_payload_type(rtx_type);
            let restored = bench.read(repair.to_bytes()).unwrap();
            assert_eq!((restored.ssrc(), restored.payload_type()), (MEDIA, payload_type));
            assert_eq!((restored.sequence_number(), restored.payload()), (7, &b"media"[..]));
        }
    }
    assert_eq!((bench.counters().received.restored, bench.counters().received.before_media), (12, 0));
    assert!(bench.chain.poll_event().is_none());
}

#[test]
fn neither_fec_nor_what_was_restored_says_what_media_is() {
    let fec = FecInfo::new(FecScheme::FlexFec03, 49).with_ssrc(3);
    let mut bench = Bench::new(unknown().with_fec(fec), None);
    let mut repair = media_of(49);
    repair.set_ssrc(3);
    bench.read(repair.to_bytes());
    assert_eq!(bench.read(rtx(b"\x00\x07media").to_bytes()), None);
    bench.read(media_of(96).to_bytes());
    bench.read(repair.to_bytes());
    assert_eq!(bench.read(rtx(b"\x00\x07media").to_bytes()).unwrap().payload_type(), 96);
}

#[test]
fn padding_is_consumed_as_ever() {
    let mut bench = Bench::new(unknown(), None);
    bench.read(media_of(96).to_bytes());
    let mut probe = rtx(b"");
    probe.set_padding(200);
    assert_eq!(bench.read(probe.to_bytes()), None);
    assert_eq!(bench.counters().received.padding, 1);
}

#[test]
fn pairs_that_become_known_count_from_then_on_and_the_other_way_round() {
    let mut bench = Bench::new(unknown(), None);
    bench.read(media_of(96).to_bytes());
    let mut repair = rtx(b"\x00\x07media");
    repair.set_payload_type(119);
    assert_eq!(bench.read(repair.to_bytes()).unwrap().payload_type(), 96);
    let known = StreamInfo::new(MEDIA, 118, 90_000).with_rtx(RTX, 119);
    bench.chain.amend_remote(known, bench.now).unwrap();
    assert_eq!(bench.read(repair.to_bytes()).unwrap().payload_type(), 118);
    // What media came with is not forgotten.
    bench.chain.amend_remote(unknown(), bench.now).unwrap();
    assert_eq!(bench.read(repair.to_bytes()).unwrap().payload_type(), 96);
}

#[test]
fn retransmissions_leave_on_the_media_ssrc() {
    let mut bench = Bench::new(unknown(), None);
    assert_eq!(bench.resend(media(1)), media(1));
    assert_eq!(bench.counters().sent.without_payload_type, 1);
}

#[test]
fn a_repeat_that_was_never_on_the_wire_is_not_taken_for_an_rtx_packet() {
    // As when one chain's packets are handed to another one.
    let mut bench = Bench::new(unknown(), None);
    let mut repeat = media_of(96);
    repeat.info_mut().origin = Origin::Retransmission;
    bench.chain.read_rtp(repeat.clone(), bench.now);
    let Some(interceptor_core::Incoming::Rtp(packet)) = bench.chain.poll_app() else {
        unreachable!("it passes")
    };
    assert_eq!((packet.to_bytes(), packet.info().recovered_by), (repeat.to_bytes(), None));
}
