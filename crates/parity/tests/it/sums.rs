//! Sums against byte vectors and against the sums of whole packets.

use interceptor_packet::RtpPacket;
use interceptor_packet::fec::{FlexFec03, Mask, Pattern, RecoveryFields, Rfc8627, Span, UlpFec};
use interceptor_parity::{MutableExtensions, Sum, Summand, Zeroing};
use proptest::prelude::*;

use crate::kit::{ABS_SEND_TIME, MEDIA, TIMING, TRANSPORT, bytes, packet};

fn masked(base: u16, offsets: &[u8]) -> Span {
    Span { base, pattern: Pattern::Mask(Mask::from_iter(offsets.iter().copied())) }
}

fn sum_of(packets: &[usize]) -> Sum {
    let mut zeroing = Zeroing::new(&MutableExtensions::default(), []);
    let mut sum = Sum::default();
    for at in packets {
        sum.add(&zeroing.summand(&packet(MEDIA[*at])));
    }
    sum
}

#[test]
fn repair_packets_of_all_formats_are_made_of_one_sum() {
    for (packets, offsets, draft, rfc) in [
        (
            &[0, 1][..],
            &[0, 1][..],
            "008000010000000001000000112233440001e000abb9cfd9ee",
            "008000010000000000016000abb9cfd9ee",
        ),
        (
            &[0, 1, 2],
            &[0, 1, 2],
            "00e0000300000c1c01000000112233440001f0005457cfd9ee",
            "00e0000300000c1c000170005457cfd9ee",
        ),
    ] {
        let protected = [(0x1122_3344, masked(1, offsets))];
        let payload = sum_of(packets).take(FlexFec03::header_len(&protected), |fields, header| {
            FlexFec03::write(&fields, &protected, header)
        });
        assert_eq!(payload.unwrap(), bytes(draft));
        let spans = [masked(1, offsets)];
        let payload = sum_of(packets)
            .take(Rfc8627::header_len(&spans), |fields, header| Rfc8627::write(&fields, &spans, header));
        assert_eq!(payload.unwrap(), bytes(rfc));
    }
    for (packets, mask, hex) in [
        (&[0, 1][..], Mask::from_iter([0, 1]), "008000010000000000010005c000abb9cfd9ee"),
        (&[0, 2], Mask::from_iter([0, 2]), "0000000100000c7800060004a000feec0304"),
    ] {
        let mut sum = sum_of(packets);
        let len = sum.body_len() as u16;
        let payload =
            sum.take(UlpFec::header_len(mask), |fields, header| UlpFec::write(&fields, 1, mask, len, header));
        assert_eq!(payload.unwrap(), bytes(hex));
    }
}

#[test]
fn a_header_of_many_streams_does_not_fit_in_front_and_is_written_all_the_same() {
    let protected = [(1, masked(1, &[0, 40])), (2, masked(1, &[0, 40]))];
    let mut sum = sum_of(&[0, 1]);
    let payload = sum.take(FlexFec03::header_len(&protected), |fields, header| {
        FlexFec03::write(&fields, &protected, header)
    });
    let payload = payload.unwrap();
    let read = FlexFec03::read(&payload).unwrap();
    assert_eq!((read.body(), sum.is_empty()), (&bytes("abb9cfd9ee")[..], true));
}

#[test]
fn what_cannot_be_written_stays_in_the_sum() {
    let mut sum = sum_of(&[0, 1]);
    assert_eq!(sum.take(20, |_, _| Err(())), Err(()));
    assert_eq!(sum.take(40, |_, _| Err(())), Err(()));
    assert_eq!((sum.packets(), sum.body_len(), sum.fields().length), (2, 5, 1));
    sum.clear();
    assert_eq!((sum.packets(), sum.body_len(), sum.fields()), (0, 0, RecoveryFields::default()));
}

#[test]
fn of_a_transport_stream_the_payload_is_summed() {
    let media = packet("b1e10001000000650a0b0c0d00000009bede00011000000047aabb02");
    let summand = Summand::payload_of(media.header(), media.payload());
    let mut sum = Sum::default();
    sum.add(&summand);
    let fields = RecoveryFields { first: [0, 0x61], length: 2, timestamp: 0x65 };
    assert_eq!((sum.fields(), sum.body_len()), (fields, 2));
}

/// A packet whose extensions stand in one of a few ways, with any values.
fn any_packet() -> impl Strategy<Value = RtpPacket> {
    let extensions = prop::collection::vec((1_u8..20, prop::collection::vec(any::<u8>(), 1..18)), 0..5);
    (any::<(u16, u32, bool)>(), 0_usize..3, extensions, prop::collection::vec(any::<u8>(), 0..40), 0_u8..3)
        .prop_map(|((seq, timestamp, marker), csrcs, extensions, payload, padding)| {
            let mut packet = RtpPacket::builder().sequence_number(seq).timestamp(timestamp).marker(marker);
            packet = (0..csrcs).fold(packet, |packet, csrc| packet.csrc(csrc as u32));
            packet = extensions.iter().fold(packet, |packet, (id, value)| packet.extension(*id, value));
            packet.payload(payload).padding(padding).build().unwrap()
        })
}

/// The mutable extensions of a copy zeroed, then all of it summed byte by byte.
fn naive(packets: &[RtpPacket]) -> (RecoveryFields, Vec<u8>) {
    let (mut fields, mut body) = (RecoveryFields::default(), Vec::<u8>::new());
    for packet in packets {
        let mut packet = packet.clone();
        for (id, from) in [(3, 0), (4, 0), (5, 7), (16, 0)] {
            if let Some(value) = packet.extension(id).map(<[u8]>::to_vec) {
                let zeroed: Vec<u8> =
                    value.iter().enumerate().map(|(at, byte)| if at >= from { 0 } else { *byte }).collect();
                packet.set_extension(id, &zeroed).unwrap();
            }
        }
        let bytes = packet.to_bytes();
        fields.first[0] ^= bytes[0] & 0x3f;
        fields.first[1] ^= bytes[1];
        fields.length ^= (bytes.len() - 12) as u16;
        fields.timestamp ^= packet.timestamp();
        body.resize(body.len().max(bytes.len() - 12), 0);
        bytes[12..].iter().enumerate().for_each(|(at, byte)| body[at] ^= byte);
    }
    (fields, body)
}

proptest! {
    /// Each packet comes twice, so that layouts are remembered, and changes in between, so that they are found out of date.
    #[test]
    fn sums_agree_with_those_of_zeroed_copies(packets in prop::collection::vec(any_packet(), 1..8), odd in any_packet()) {
        let extensions = [(3, TRANSPORT), (4, ABS_SEND_TIME), (5, TIMING), (16, ABS_SEND_TIME), (6, "urn:x")];
        let mut zeroing = Zeroing::new(&MutableExtensions::Libwebrtc, extensions);
        let mut sum = Sum::default();
        let mut all = Vec::new();
        for packet in packets {
            for packet in [packet.clone(), packet, odd.clone()] {
                sum.add(&zeroing.summand(&packet));
                all.push(packet);
            }
        }
        let (fields, body) = naive(&all);
        prop_assert_eq!((sum.fields(), sum.packets() as usize), (fields, all.len()));
        let payload = sum.take(20, |_, _| Ok::<_, ()>(())).unwrap();
        prop_assert_eq!(&payload[20..], &body[..]);
    }
}

#[test]
fn which_extensions_are_mutable_is_an_option() {
    let media = packet("906000010000006411223344bede00023210203050aabbcc47010203");
    let body = |mutable: MutableExtensions| {
        let mut zeroing = Zeroing::new(&mutable, [(3, TRANSPORT), (5, "urn:x")]);
        let mut sum = Sum::default();
        sum.add(&zeroing.summand(&media));
        sum.take(0, |_, _| Ok::<_, ()>(())).unwrap()[4..8].to_vec()
    };
    assert_eq!(body(MutableExtensions::Libwebrtc), bytes("32000000"));
    assert_eq!(body(MutableExtensions::None), bytes("32102030"));
    assert_eq!(body(MutableExtensions::List(vec!["urn:x".into()])), bytes("32102030"));
}
