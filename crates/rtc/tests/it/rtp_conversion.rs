//! RTP of the stack and of the chain, against bytes.

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use interceptor_rtc::{ConvertError, rtp_from, rtp_to};
use interceptor_test::hex;
use proptest::prelude::*;
use rtc_rtp::Packet;
use rtc_rtp::header::{EXTENSION_PROFILE_ONE_BYTE, EXTENSION_PROFILE_TWO_BYTE, Extension, Header};
use rtc_shared::marshal::{Marshal, Unmarshal};

fn theirs(bytes: &Bytes) -> Packet {
    Packet::unmarshal(&mut bytes.clone()).expect("the stack reads it")
}

/// Headers of every shape on the wire.
const SHAPES: [&str; 7] = [
    "80600001000000020000000361",
    "82e0000100000002000000030a0b0c0d0e0f1011",
    "906000010000000200000003bede00015100 07 00 61",
    "90600001000000020000000310000002 0502 0007 0600 0000 61",
    "90600001000000020000000310010001 05010700 61",
    "9160000100000002000000030a0b0c0dbede0002 10aa 20bb 30cc 0000 61",
    "906000010000000200000003bede000061",
];

#[test]
fn every_shape_of_header_is_the_same_bytes_both_ways() {
    for text in SHAPES {
        let bytes = hex(text);
        let ours = rtp_from(&theirs(&bytes)).expect("it is RTP");
        assert_eq!(ours.to_bytes(), bytes, "{text}");
        assert_eq!(rtp_to(&ours), theirs(&bytes), "{text}");
        assert_eq!(rtp_to(&ours).marshal().expect("it can be written"), bytes, "{text}");
    }
}

#[test]
fn the_payload_is_shared_both_ways() {
    let packet = theirs(&hex(SHAPES[0]));
    let ours = rtp_from(&packet).expect("it is RTP");
    assert_eq!(ours.payload().as_ptr(), packet.payload.as_ptr());
    assert_eq!(rtp_to(&ours).payload.as_ptr(), packet.payload.as_ptr());
}

#[test]
fn padding_that_the_stack_has_dropped_is_not_announced() {
    let padded = theirs(&hex("a0600001000000020000000361000003"));
    assert!(
        padded.header.padding && padded.payload.len() == 1,
        "the stack keeps the bit and drops the bytes"
    );
    let ours = rtp_from(&padded).expect("it is RTP");
    assert_eq!((ours.payload(), ours.padding_len()), (&b"a"[..], 0));
}

#[test]
fn padding_leaves_as_the_four_bytes_that_the_stack_writes() {
    let mut probe = RtpPacket::builder().ssrc(3).payload_type(97).padding(200).build().expect("in range");
    for (payload, on_the_wire) in [(&b""[..], 12 + 4), (b"abcd", 12 + 8), (b"abc", 12 + 4)] {
        probe.set_payload(payload);
        probe.set_padding(200);
        let bytes = rtp_to(&probe).marshal().expect("it can be written").freeze();
        let left = RtpPacket::parse(bytes).expect("it is RTP");
        assert_eq!((left.payload(), left.total_len()), (payload, on_the_wire));
    }
}

#[test]
fn a_header_that_cannot_be_on_the_wire_is_no_packet() {
    let refused = |change: fn(&mut Header)| {
        let mut packet = theirs(&hex(SHAPES[2]));
        change(&mut packet.header);
        rtp_from(&packet)
    };
    let element = |len| Extension { id: 5, payload: Bytes::from(vec![0; len]) };
    assert_eq!(refused(|header| header.payload_type = 128), Err(ConvertError::Header));
    assert_eq!(refused(|header| header.csrc = vec![0; 16]), Err(ConvertError::Header));
    assert!(matches!(refused(|header| header.version = 1), Err(ConvertError::Rtp(_))));
    for (profile, elements) in [
        (EXTENSION_PROFILE_ONE_BYTE, vec![element(0)]),
        (EXTENSION_PROFILE_ONE_BYTE, vec![element(17)]),
        (EXTENSION_PROFILE_ONE_BYTE, vec![Extension { id: 16, ..element(1) }]),
        (EXTENSION_PROFILE_TWO_BYTE, vec![element(256)]),
        (0x1234, vec![element(3)]),
        (0x1234, vec![element(4), element(4)]),
        (0x1234, vec![]),
    ] {
        let mut packet = theirs(&hex(SHAPES[2]));
        (packet.header.extension_profile, packet.header.extensions) = (profile, elements);
        assert_eq!(rtp_from(&packet), Err(ConvertError::Header), "{:?}", packet.header);
    }
}

fn element() -> impl Strategy<Value = Extension> {
    (1..=14_u8, prop::collection::vec(any::<u8>(), 1..=16))
        .prop_map(|(id, payload)| Extension { id, payload: payload.into() })
}

prop_compose! {
    fn packet()(
        marker in any::<bool>(),
        payload_type in 0..128_u8,
        (sequence_number, timestamp, ssrc) in any::<(u16, u32, u32)>(),
        csrc in prop::collection::vec(any::<u32>(), 0..=15),
        profile in prop::sample::select(vec![EXTENSION_PROFILE_ONE_BYTE, EXTENSION_PROFILE_TWO_BYTE]),
        extensions in prop::option::of(prop::collection::vec(element(), 0..5)),
        payload in prop::collection::vec(any::<u8>(), 0..64),
    ) -> Packet {
        let header = Header {
            version: 2,
            extension: extensions.is_some(),
            extension_profile: extensions.as_ref().map_or(0, |_| profile),
            extensions: extensions.unwrap_or_default(),
            marker, payload_type, sequence_number, timestamp, ssrc, csrc,
            ..Header::default()
        };
        Packet { header, payload: payload.into() }
    }
}

proptest! {
    #[test]
    fn the_chain_sees_the_bytes_that_the_stack_would_send(packet in packet()) {
        let ours = rtp_from(&packet).expect("it is RTP");
        prop_assert_eq!(&ours.to_bytes()[..], &packet.marshal().expect("it can be written")[..]);
    }

    #[test]
    fn what_the_chain_hands_over_is_sent_as_its_bytes(packet in packet()) {
        let ours = rtp_from(&packet).expect("it is RTP");
        prop_assert_eq!(&rtp_to(&ours).marshal().expect("it can be written")[..], &ours.to_bytes()[..]);
    }

    #[test]
    fn whatever_the_stack_reads_converts_or_not_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 12..80)) {
        let mut bytes = bytes;
        bytes[0] = bytes[0] & 0x3f | 0x80;
        if let Ok(packet) = Packet::unmarshal(&mut Bytes::from(bytes))
            && let Ok(ours) = rtp_from(&packet)
        {
            let _ = rtp_to(&ours);
        }
    }
}
