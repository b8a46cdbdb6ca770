//! Parsing RTP: what is read, what leaves unchanged.

use bytes::{Bytes, BytesMut};
use interceptor_packet::{Origin, RtpPacket};

use crate::hex::hex;

#[track_caller]
pub(crate) fn parsed(text: &str) -> RtpPacket {
    let bytes = hex(text);
    let packet = RtpPacket::parse(bytes.clone()).unwrap();
    assert_eq!(packet.to_bytes(), bytes, "leaves as it came");
    packet
}

#[test]
fn reads_the_fixed_header() {
    let packet = parsed("80 e0 1234 a0b0c0d0 11223344 deadbeef");
    assert_eq!(packet.sequence_number(), 0x1234);
    assert_eq!(packet.timestamp(), 0xa0b0_c0d0);
    assert_eq!(packet.ssrc(), 0x1122_3344);
    assert_eq!(packet.payload_type(), 96);
    assert!(packet.marker());
    assert_eq!(packet.csrcs().count(), 0);
    assert_eq!(packet.payload(), &[0xde, 0xad, 0xbe, 0xef]);
    assert_eq!(packet.payload_bytes(), hex("deadbeef"));
    assert_eq!((packet.header_len(), packet.payload_len(), packet.total_len()), (12, 4, 16));
    assert_eq!(packet.padding_len(), 0);
    assert_eq!(packet.extension_block(), None);
    assert_eq!(packet.info().origin, Origin::Media);
}

#[test]
fn reads_a_packet_without_payload() {
    let packet = parsed("80 60 0000 00000000 00000000");
    assert!(!packet.marker());
    assert!(packet.payload().is_empty());
    assert_eq!(packet, RtpPacket::builder().payload_type(96).build().unwrap());
}

#[test]
fn reads_contributing_sources() {
    let packet = parsed("82 00 0001 00000002 00000003 aabbccdd 00000001 99");
    assert!(packet.csrcs().eq([0xaabb_ccdd, 1]));
    assert_eq!(packet.payload(), &[0x99]);
}

#[test]
fn reads_fifteen_contributing_sources_from_the_heap() {
    let mut bytes = BytesMut::from(&hex("8f 00 0001 00000002 00000003")[..]);
    for csrc in 100_u32..115 {
        bytes.extend_from_slice(&csrc.to_be_bytes());
    }
    bytes.extend_from_slice(b"x");
    let packet = RtpPacket::parse(bytes.clone().freeze()).unwrap();
    assert!(packet.csrcs().eq(100..115));
    assert_eq!(packet.header_len(), 72);
    assert_eq!(packet.payload(), b"x");
    assert_eq!(packet.clone().to_bytes(), bytes);
}

#[test]
fn reads_both_forms_of_extensions() {
    let one = parsed("90 60 0001 00000002 00000003 bede0001 31123400 99");
    assert!(one.extensions().eq([(3, &[0x12, 0x34][..])]));
    assert_eq!(one.payload(), &[0x99]);
    let two = parsed("90 60 0001 00000002 00000003 10000002 0300c801aa000000 99");
    assert!(two.extensions().eq([(3, &[][..]), (200, &[0xaa][..])]));
    assert_eq!(two.extension(3), Some(&[][..]));
    assert_eq!(two.extension(200), Some(&[0xaa][..]));
    assert_eq!(two.extension(4), None);
}

#[test]
fn padding_is_apart_from_the_payload_and_stays() {
    let packet = parsed("a0 60 0001 00000002 00000003 aabb 00000004");
    assert_eq!(packet.payload(), &[0xaa, 0xbb]);
    assert_eq!(packet.padding_len(), 4);
    assert_eq!(packet.total_len(), 18);
    assert_eq!(packet.as_slices().concat(), packet.to_bytes());
}

#[test]
fn a_packet_of_padding_only_has_no_payload() {
    let packet = parsed("a0 60 0001 00000002 00000003 000003");
    assert!(packet.payload().is_empty());
    assert_eq!(packet.padding_len(), 3);
}

#[test]
fn odd_padding_bytes_stay() {
    let packet = parsed("a0 60 0001 00000002 00000003 aa ffeedd04");
    assert_eq!(packet.payload(), &[0xaa]);
}

#[test]
fn the_payload_is_shared_and_not_copied() {
    let bytes = hex("80 60 0001 00000002 00000003 aabbcc");
    let packet = RtpPacket::parse(bytes.clone()).unwrap();
    assert_eq!(packet.payload().as_ptr(), bytes[12..].as_ptr());
    assert_eq!(packet.clone().payload_bytes().as_ptr(), bytes[12..].as_ptr());
}

#[test]
fn application_bits_of_the_two_byte_form_are_no_other_profile() {
    let packet = parsed("90 60 0001 00000002 00000003 100f0001 0301aa00 99");
    assert_eq!(packet.extension(3), Some(&[0xaa][..]));
}

#[test]
fn an_empty_block_is_no_error() {
    let packet = parsed("90 60 0001 00000002 00000003 bede0000 99");
    assert_eq!(packet.extension_block(), Some((0xbede, &[][..])));
    assert_eq!(packet.extensions().count(), 0);
    assert_eq!(packet.payload(), &[0x99]);
}

#[test]
fn padding_between_elements_is_skipped_and_stays() {
    let packet = parsed("90 60 0001 00000002 00000003 bede0003 00001 0aa 0000 20bb 00000000 99");
    assert!(packet.extensions().eq([(1, &[0xaa][..]), (2, &[0xbb][..])]));
}

#[test]
fn the_default_packet_is_version_2() {
    let packet = RtpPacket::default();
    assert_eq!(packet.to_bytes(), Bytes::from_static(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!(RtpPacket::parse(packet.to_bytes()), Ok(packet));
}

#[test]
fn taking_leaves_the_default_packet() {
    let mut packet = parsed("80 60 0001 00000002 00000003 aa");
    let taken = packet.take();
    assert_eq!(taken.ssrc(), 3);
    assert_eq!(packet, RtpPacket::default());
}
