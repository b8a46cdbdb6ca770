//! Building and changing RTP packets.

use bytes::{Bytes, BytesMut};
use interceptor_packet::{BuildError, ExtensionError, PacketInfo, Recovery, RtpPacket};

use crate::hex::hex;

#[test]
fn builds_everything_at_once() {
    let mut info = PacketInfo::default();
    info.recovered_by = Some(Recovery::Fec);
    let packet = RtpPacket::builder()
        .ssrc(0x1122_3344)
        .sequence_number(0x1234)
        .timestamp(0xa0b0_c0d0)
        .payload_type(96)
        .marker(true)
        .csrc(7)
        .extension(3, &[0x12, 0x34])
        .csrc(8)
        .payload(vec![0xde, 0xad])
        .padding(3)
        .info(info)
        .build()
        .unwrap();
    let expected = hex("b2e01234a0b0c0d011223344 00000007 00000008 bede000131123400 dead 000003");
    assert_eq!(packet.to_bytes(), expected);
    assert_eq!(packet, RtpPacket::parse(expected).unwrap());
    assert_eq!(packet.info().recovered_by, Some(Recovery::Fec));
}

#[test]
fn rtx_encapsulation_vector() {
    // An application of RFC 4588: new SSRC, type and number, original number before the payload.
    let mut packet = RtpPacket::parse(hex("80e01234a0b0c0d011223344deadbeef")).unwrap();
    let mut payload = BytesMut::from(&packet.sequence_number().to_be_bytes()[..]);
    payload.extend_from_slice(packet.payload());
    packet.set_payload(payload);
    packet.set_payload_type(97);
    packet.set_ssrc(0x5566_7788);
    packet.set_sequence_number(1);
    assert_eq!(packet.to_bytes(), hex("80e10001a0b0c0d0556677881234deadbeef"));
}

#[test]
fn refuses_a_payload_type_over_127() {
    let error = RtpPacket::builder().payload_type(128).build().unwrap_err();
    assert_eq!(error.to_string(), "payload type is 128, outside 0..=127");
}

#[test]
fn refuses_a_sixteenth_contributing_source() {
    let full = (0..15).fold(RtpPacket::builder(), |builder, csrc| builder.csrc(csrc));
    assert_eq!(full.build().unwrap().csrcs().count(), 15);
    let over = (0..17).fold(RtpPacket::builder(), |builder, csrc| builder.csrc(csrc));
    assert!(matches!(over.build(), Err(BuildError::TooMany { count: 17, max: 15, .. })));
}

#[test]
fn refuses_an_extension_that_cannot_be() {
    let reserved = RtpPacket::builder().extension(0, b"x").build();
    assert_eq!(reserved, Err(BuildError::Extension(ExtensionError::ReservedId)));
    let long = RtpPacket::builder().extension(1, &[0; 256]).build();
    assert_eq!(long, Err(BuildError::Extension(ExtensionError::TooLong(256))));
}

#[test]
fn setting_the_type_keeps_the_marker_and_the_other_way_round() {
    let mut packet = RtpPacket::builder().payload_type(5).marker(true).build().unwrap();
    packet.set_payload_type(0xff);
    assert_eq!((packet.payload_type(), packet.marker()), (127, true));
    packet.set_marker(false);
    assert_eq!((packet.payload_type(), packet.marker()), (127, false));
}

#[test]
fn a_new_payload_drops_the_padding() {
    let mut packet = RtpPacket::builder().payload(&b"media"[..]).padding(200).build().unwrap();
    assert_eq!(packet.payload(), b"media");
    packet.set_payload(Bytes::from_static(b"other"));
    assert_eq!((packet.padding_len(), packet.payload()), (0, &b"other"[..]));
    assert_eq!(RtpPacket::parse(packet.to_bytes()), Ok(packet));
}

#[test]
fn padding_can_be_replaced_and_removed() {
    let mut packet = RtpPacket::builder().payload(&b"media"[..]).build().unwrap();
    for padding in [1, 255, 4] {
        packet.set_padding(padding);
        assert_eq!((packet.padding_len(), packet.payload()), (padding, &b"media"[..]));
        assert_eq!(packet.to_bytes().last(), Some(&padding));
        assert_eq!(RtpPacket::parse(packet.to_bytes()), Ok(packet.clone()));
    }
    packet.set_padding(0);
    assert_eq!(packet, RtpPacket::builder().payload(&b"media"[..]).build().unwrap());
}

#[test]
fn writing_appends() {
    let packet = RtpPacket::builder().ssrc(9).payload(&b"media"[..]).build().unwrap();
    let mut buffer = BytesMut::from(&b"dirty"[..]);
    packet.write_to(&mut buffer);
    assert_eq!(&buffer[..5], b"dirty");
    assert_eq!(&buffer[5..], &packet.to_bytes()[..]);
}

#[test]
fn equality_is_of_bytes_and_not_of_info() {
    let packet = RtpPacket::builder().ssrc(9).build().unwrap();
    let mut other = packet.clone();
    other.info_mut().recovered_by = Some(Recovery::Rtx);
    assert_eq!(packet, other);
    other.set_marker(true);
    assert_ne!(packet, other);
}

#[test]
fn printing_shows_fields_and_not_media() {
    let packet = RtpPacket::builder().ssrc(0xabc).payload(&b"secret"[..]).build().unwrap();
    let text = format!("{packet:?}");
    assert!(text.contains("0x00000abc") && text.contains("payload_len: 6"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}
