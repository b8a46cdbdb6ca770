//! Conversions with `rtp::packet::Packet`.

use bytes::Bytes;
use interceptor_packet::{BuildError, ExtensionError, RtpPacket};
use proptest::prelude::*;
use rtp::extension::transport_cc_extension::TransportCcExtension;
use rtp::extension::video_orientation_extension::VideoOrientationExtension;
use rtp::header::{Extension, Header};
use rtp::packet::Packet;
use webrtc_util::marshal::{Marshal, MarshalSize, Unmarshal};

use crate::hex::hex;

fn ours(text: &str) -> RtpPacket {
    RtpPacket::parse(hex(text)).unwrap()
}

fn header_with(profile: u16, extensions: &[(u8, &'static [u8])]) -> Packet {
    let extension =
        |(id, value): &(u8, &'static [u8])| Extension { id: *id, payload: Bytes::from_static(value) };
    let header = Header {
        extension: true,
        extension_profile: profile,
        extensions: extensions.iter().map(extension).collect(),
        ..Header::default()
    };
    Packet { header, payload: Bytes::from_static(b"x") }
}

#[test]
fn ordinary_packets_convert_as_rtp_parses_them_and_back() {
    for text in [
        "80e01234a0b0c0d011223344deadbeef",
        "806000010000000200000003",
        "82000001 00000002 00000003 aabbccdd 00000001 99",
        "90600001 00000002 00000003 bede0001 31123400 99",
        "90600001 00000002 00000003 bede0002 10aa 20bb 311234 00 99",
        "90600001 00000002 00000003 10000002 0300c801aa000000 99",
        "90600001 00000002 00000003 abac0001 31123400 99",
        "90600001 00000002 00000003 abac0000 99",
    ] {
        let theirs = Packet::unmarshal(&mut hex(text)).unwrap();
        let converted = Packet::from(ours(text));
        assert_eq!(converted, theirs, "{text}");
        assert_eq!(converted.marshal().unwrap(), hex(text));
        assert_eq!(RtpPacket::try_from(&converted), Ok(ours(text)));
        assert_eq!(RtpPacket::try_from(converted), Ok(ours(text)));
    }
}

#[test]
fn padding_goes_with_its_bit() {
    let converted = Packet::from(ours("a0600001 00000002 00000003 aabb 0003 03"));
    assert!(!converted.header.padding);
    assert_eq!(converted.payload, hex("aabb"));
    assert_eq!(converted.marshal().unwrap(), hex("80600001 00000002 00000003 aabb"));
    // As `rtp` parses a padded packet: the bit is left, the bytes are not.
    let parsed = Packet::unmarshal(&mut hex("a0600001 00000002 00000003 aabb 0003 03")).unwrap();
    assert!(parsed.header.padding);
    assert_eq!(RtpPacket::try_from(parsed), Ok(ours("80600001 00000002 00000003 aabb")));
}

#[test]
fn packets_that_rtp_misreads_convert_right() {
    // Behind a reserved identifier 15, `rtp` takes the block's rest for payload.
    let converted = Packet::from(ours("90600001 00000002 00000003 bede0002 10aa f1bbcc 20dd00 99"));
    assert_eq!(converted.payload, hex("99"));
    assert_eq!(converted.header.get_extension_ids(), [1]);
    // With four bytes of padding in the block, it cannot write what it has read.
    let padded = "90600001 00000002 00000003 bede0002 10aa0000 00000000 99";
    assert!(Packet::unmarshal(&mut hex(padded)).unwrap().marshal().is_err());
    assert_eq!(
        Packet::from(ours(padded)).marshal().unwrap(),
        hex("90600001 00000002 00000003 bede0001 10aa0000 99")
    );
}

#[test]
fn a_default_header_becomes_version_2() {
    let packet = RtpPacket::try_from(Packet::default()).unwrap();
    assert_eq!(packet, RtpPacket::default());
}

#[test]
fn extensions_can_be_added_after_the_conversion() {
    let mut converted = Packet::from(ours("90600001 00000002 00000003 bede0001 10aa0000 99"));
    converted.header.set_extension(2, Bytes::from_static(&[0xbb])).unwrap();
    assert_eq!(converted.marshal().unwrap(), hex("90600001 00000002 00000003 bede0001 10aa20bb 99"));
}

#[test]
fn elements_beyond_the_one_byte_form_make_it_a_two_byte_block() {
    // `rtp` would write these wrongly, or panic.
    for (id, value) in [(15, &[1][..]), (16, &[1, 2]), (3, &[]), (3, &[7; 17])] {
        let packet = RtpPacket::try_from(header_with(0xbede, &[(id, value)])).unwrap();
        assert_eq!(packet.extension(id), Some(value));
        assert_eq!(packet.extension_block().unwrap().0, 0x1000);
    }
}

#[test]
fn elements_of_one_identifier_stay_apart() {
    for text in [
        "90600001 00000002 00000003 bede0001 10aa10bb 99",
        "90600001 00000002 00000003 10000002 0100 0102cccc 0100 99",
    ] {
        let packet = ours(text);
        let back = RtpPacket::try_from(Packet::from(&packet)).unwrap();
        assert!(back.extensions().eq(packet.extensions()), "{text}");
    }
}

#[test]
fn an_empty_block_stays() {
    let packet = RtpPacket::try_from(header_with(0xbede, &[])).unwrap();
    assert_eq!(packet.extension_block(), Some((0xbede, &[][..])));
}

#[test]
fn what_no_packet_can_carry_is_an_error() {
    let foreign = |profile| Err(BuildError::Extension(ExtensionError::ForeignProfile(profile)));
    let reserved = Err(BuildError::Extension(ExtensionError::ReservedId));
    assert_eq!(RtpPacket::try_from(header_with(0xbede, &[(0, &[1])])), reserved);
    assert_eq!(RtpPacket::try_from(header_with(0xabcd, &[])), foreign(0xabcd));
    assert_eq!(RtpPacket::try_from(header_with(0xabcd, &[(0, &[1])])), foreign(0xabcd));
    assert_eq!(RtpPacket::try_from(header_with(0xabcd, &[(0, &[0; 4]), (0, &[0; 4])])), foreign(0xabcd));
    let mut crowded = Packet::default();
    crowded.header.csrc = vec![1; 16];
    assert!(matches!(RtpPacket::try_from(crowded), Err(BuildError::TooMany { count: 16, .. })));
    let mut wrong = Packet::default();
    wrong.header.payload_type = 200;
    assert!(matches!(RtpPacket::try_from(wrong), Err(BuildError::OutOfRange { value: 200, .. })));
}

#[test]
fn extension_codecs_of_rtp_work() {
    let mut packet = RtpPacket::default();
    assert!(packet.decode_extension::<TransportCcExtension>(5).is_none());
    packet.encode_extension(5, &TransportCcExtension { transport_sequence: 0xabcd }).unwrap();
    assert_eq!(packet.extension(5), Some(&[0xab, 0xcd][..]));
    let decoded = packet.decode_extension::<TransportCcExtension>(5).unwrap().unwrap();
    assert_eq!(decoded.transport_sequence, 0xabcd);
    packet.set_extension(5, &[1]).unwrap();
    assert!(packet.decode_extension::<TransportCcExtension>(5).unwrap().is_err());
    packet.encode_extension(6, &VideoOrientationExtension::default()).unwrap();
    assert_eq!(packet.extension(6), Some(&[0][..]));
    assert!(packet.encode_extension(0, &VideoOrientationExtension::default()).is_err());
}

#[test]
fn marshals_like_any_packet_of_the_crates() {
    let bytes = hex("a0600001 00000002 00000003 aabb 0003 03");
    let packet = RtpPacket::unmarshal(&mut bytes.clone()).unwrap();
    assert_eq!((packet.marshal_size(), packet.marshal().unwrap()), (bytes.len(), bytes.clone()));
    let mut buffer = [0xee; 20];
    assert_eq!(packet.marshal_to(&mut buffer).unwrap(), bytes.len());
    assert_eq!((&buffer[..17], &buffer[17..]), (&bytes[..], &[0xee; 3][..]));
    for short in [0, 11, 16] {
        assert!(packet.marshal_to(&mut buffer[..short]).is_err());
    }
    assert!(RtpPacket::unmarshal(&mut &[0x80_u8][..]).is_err());
}

fn foreign() -> impl Strategy<Value = Packet> {
    let profile = prop_oneof![Just(0xbede_u16), Just(0x1000), any::<u16>()];
    let extension = (0_u8..20, prop::collection::vec(any::<u8>(), 0..20))
        .prop_map(|(id, payload)| Extension { id, payload: payload.into() });
    let numbers = (any::<u8>(), any::<[bool; 3]>(), any::<u8>(), any::<u16>(), any::<[u32; 2]>());
    let lists = (
        prop::collection::vec(any::<u32>(), 0..18),
        prop::collection::vec(extension, 0..5),
        0_usize..9,
        prop::collection::vec(any::<u8>(), 0..30),
    );
    (numbers, profile, lists).prop_map(
        |((version, flags, payload_type, sequence_number, words), extension_profile, lists)| {
            let [padding, extension, marker] = flags;
            let [timestamp, ssrc] = words;
            let (csrc, extensions, extensions_padding, payload) = lists;
            let header = Header {
                version,
                padding,
                extension,
                marker,
                payload_type,
                sequence_number,
                timestamp,
                ssrc,
                csrc,
                extension_profile,
                extensions,
                extensions_padding,
            };
            Packet { header, payload: payload.into() }
        },
    )
}

proptest! {
    #[test]
    fn whatever_the_fields_the_conversion_is_a_packet_or_an_error(packet in foreign()) {
        let Ok(converted) = RtpPacket::try_from(&packet) else { return Ok(()) };
        prop_assert_eq!(RtpPacket::parse(converted.to_bytes()), Ok(converted.clone()));
        prop_assert_eq!(converted.payload(), &packet.payload[..]);
        let back = Packet::from(&converted);
        prop_assert_eq!(RtpPacket::try_from(&back), Ok(converted.clone()));
        prop_assert_eq!(back.marshal().unwrap(), converted.to_bytes());
    }

    #[test]
    fn whatever_parses_converts(data in prop::collection::vec(prop_oneof![3 => 0_u8..40, 1 => any::<u8>()], 12..120), first in 0x80_u8..0xc0, form: bool) {
        let mut data = data;
        data[0] = first & 0xf3;
        if first & 0x10 != 0 && data.len() > 16 {
            let at = 12 + 4 * usize::from(data[0] & 0x0f);
            if let Some(block) = data.get_mut(at..at + 4) {
                block.copy_from_slice(if form { &[0xbe, 0xde, 0, 2] } else { &[0x10, 0, 0, 2] });
            }
        }
        let Ok(packet) = RtpPacket::parse(data.into()) else { return Ok(()) };
        let converted = Packet::from(&packet);
        prop_assert_eq!(&converted.payload[..], packet.payload());
        let back = RtpPacket::try_from(&converted);
        if let Ok(back) = back {
            prop_assert_eq!(back.payload(), packet.payload());
            prop_assert!(back.csrcs().eq(packet.csrcs()));
        }
    }
}
