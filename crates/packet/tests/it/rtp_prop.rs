//! RTP and arbitrary bytes.

use bytes::{Bytes, BytesMut};
use interceptor_packet::RtpPacket;
use proptest::prelude::*;

/// Bytes that get past the version check, with lengths and counts that sometimes fit.
fn almost_rtp() -> impl Strategy<Value = Vec<u8>> {
    let block = prop_oneof![
        Just(vec![]),
        (prop_oneof![Just([0xbe, 0xde]), Just([0x10, 0x00]), any::<[u8; 2]>()], 0_u8..8)
            .prop_map(|(profile, words)| vec![profile[0], profile[1], 0, words]),
    ];
    (
        any::<[u8; 12]>(),
        0_u8..3,
        block,
        prop::collection::vec(prop_oneof![3 => 0_u8..40, 1 => any::<u8>()], 0..80),
    )
        .prop_map(|(mut fixed, csrcs, block, rest)| {
            fixed[0] = 0x80 | fixed[0] & 0x20 | csrcs | if block.is_empty() { 0 } else { 0x10 };
            let mut bytes = fixed.to_vec();
            bytes.resize(12 + 4 * usize::from(csrcs), 7);
            bytes.extend(block);
            bytes.extend(rest);
            bytes
        })
}

fn read_everything(packet: &RtpPacket) {
    let _ =
        (packet.sequence_number(), packet.timestamp(), packet.ssrc(), packet.payload_type(), packet.marker());
    let _ = (packet.csrcs().count(), packet.extensions().count(), packet.extension_block());
    // A block that can be changed drops what is broken, so that nothing is then.
    let mut changed = packet.clone();
    if changed.set_extension(201, &[1; 250]).is_ok() {
        assert!(!changed.extensions_malformed());
    }
    let _ = packet.extensions_malformed();
    for id in 0..=255 {
        let _ = packet.extension(id);
    }
    let _ = (packet.payload(), packet.payload_bytes(), packet.padding_len(), packet.header_len());
    let _ = format!("{packet:?}");
}

fn assert_unchanged(data: &[u8]) -> Result<(), TestCaseError> {
    let Ok(packet) = RtpPacket::parse(Bytes::copy_from_slice(data)) else { return Ok(()) };
    read_everything(&packet);
    prop_assert_eq!(&packet.to_bytes()[..], data);
    prop_assert_eq!(&packet.clone().to_bytes()[..], data);
    prop_assert_eq!(packet.as_slices().concat(), data);
    let mut buffer = BytesMut::new();
    packet.write_to(&mut buffer);
    prop_assert_eq!(&buffer[..], data);
    prop_assert_eq!(packet.total_len(), data.len());
    prop_assert_eq!(
        packet.header_len() + packet.payload_len() + usize::from(packet.padding_len()),
        data.len()
    );
    Ok(())
}

#[derive(Clone, Debug)]
enum Change {
    Sequence(u16),
    Timestamp(u32),
    Ssrc(u32),
    Type(u8),
    Marker(bool),
    Extension(u8, Vec<u8>),
    Remove(u8),
    Payload(Vec<u8>),
    Padding(u8),
    Take,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<u16>().prop_map(Change::Sequence),
        any::<u32>().prop_map(Change::Timestamp),
        any::<u32>().prop_map(Change::Ssrc),
        any::<u8>().prop_map(Change::Type),
        any::<bool>().prop_map(Change::Marker),
        (any::<u8>(), prop::collection::vec(any::<u8>(), 0..300))
            .prop_map(|(id, v)| Change::Extension(id, v)),
        (0_u8..20, prop::collection::vec(any::<u8>(), 0..20)).prop_map(|(id, v)| Change::Extension(id, v)),
        (0_u8..20).prop_map(Change::Remove),
        prop::collection::vec(any::<u8>(), 0..50).prop_map(Change::Payload),
        any::<u8>().prop_map(Change::Padding),
        Just(Change::Take),
    ]
}

fn apply(packet: &mut RtpPacket, change: Change) -> Result<(), TestCaseError> {
    match change {
        Change::Sequence(value) => {
            packet.set_sequence_number(value);
            prop_assert_eq!(packet.sequence_number(), value);
        }
        Change::Timestamp(value) => {
            packet.set_timestamp(value);
            prop_assert_eq!(packet.timestamp(), value);
        }
        Change::Ssrc(value) => {
            packet.set_ssrc(value);
            prop_assert_eq!(packet.ssrc(), value);
        }
        Change::Type(value) => {
            packet.set_payload_type(value);
            prop_assert_eq!(packet.payload_type(), value & 0x7f);
        }
        Change::Marker(value) => {
            packet.set_marker(value);
            prop_assert_eq!(packet.marker(), value);
        }
        Change::Extension(id, value) => {
            let before = packet.clone();
            match packet.set_extension(id, &value) {
                Ok(()) => prop_assert_eq!(packet.extension(id), Some(&value[..])),
                Err(_) => prop_assert_eq!(&*packet, &before),
            }
        }
        Change::Remove(id) => {
            packet.remove_extension(id);
            prop_assert_eq!(packet.extension(id), None);
        }
        Change::Payload(value) => {
            packet.set_payload(value.clone());
            prop_assert_eq!(packet.payload(), &value[..]);
            prop_assert_eq!(packet.padding_len(), 0);
        }
        Change::Padding(value) => {
            let payload = packet.payload_bytes();
            packet.set_padding(value);
            prop_assert_eq!((packet.padding_len(), packet.payload()), (value, &payload[..]));
        }
        Change::Take => {
            let taken = packet.take();
            prop_assert_eq!(&*packet, &RtpPacket::default());
            *packet = taken;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes_leave_as_they_came(data in prop::collection::vec(any::<u8>(), 0..200)) {
        assert_unchanged(&data)?;
    }

    #[test]
    fn almost_valid_bytes_leave_as_they_came(data in almost_rtp()) {
        assert_unchanged(&data)?;
    }

    /// Whatever parses can be changed at will, and what comes out is a packet again.
    #[test]
    fn changes_hold_and_leave_a_packet(data in almost_rtp(), changes in prop::collection::vec(change(), 0..12)) {
        let Ok(mut packet) = RtpPacket::parse(data.into()) else { return Ok(()) };
        for change in changes {
            apply(&mut packet, change)?;
            read_everything(&packet);
            let reparsed = RtpPacket::parse(packet.to_bytes());
            prop_assert_eq!(reparsed.as_ref(), Ok(&packet));
            prop_assert_eq!(reparsed.unwrap().padding_len(), packet.padding_len());
        }
    }
}
