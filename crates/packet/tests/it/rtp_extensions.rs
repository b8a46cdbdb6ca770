//! Changing header extensions.

use interceptor_packet::{ExtensionError, RtpPacket};
use proptest::prelude::*;

use crate::hex::hex;

const HEADER: &str = "90 60 0001 00000002 00000003";

#[track_caller]
fn with_block(block: &str) -> RtpPacket {
    RtpPacket::parse(hex(&format!("{HEADER} {block} 99"))).unwrap()
}

#[track_caller]
fn assert_block(packet: &RtpPacket, block: &str) {
    assert_eq!(packet.to_bytes(), hex(&format!("{HEADER} {block} 99")));
    assert_eq!(RtpPacket::parse(packet.to_bytes()).as_ref(), Ok(packet));
}

#[test]
fn the_first_element_makes_the_block() {
    let plain = RtpPacket::parse(hex("80 60 0001 00000002 00000003 99")).unwrap();
    let cases: [(u8, &[u8], &str); 5] = [
        (3, &[0x12, 0x34], "bede0001 31123400"),
        (14, &[1; 16], "bede0005 ef010101 01010101 01010101 01010101 01000000"),
        (15, &[1], "10000001 0f010100"),
        (3, &[], "10000001 03000000"),
        (1, &[2; 17], "10000005 0111 0202020202020202020202020202020202 00"),
    ];
    for (id, value, block) in cases {
        let mut packet = plain.clone();
        packet.set_extension(id, value).unwrap();
        assert_block(&packet, block);
        assert_eq!(packet.extension(id), Some(value));
    }
}

#[test]
fn the_same_size_is_set_in_place() {
    let mut packet = with_block("bede0003 00 10aa 0000 3112 34 00000000");
    packet.set_extension(3, &[0xab, 0xcd]).unwrap();
    assert_block(&packet, "bede0003 00 10aa 0000 31abcd 00000000");
}

#[test]
fn another_size_moves_what_follows() {
    let mut packet = with_block("bede0002 10aa 311234 20bb 00");
    packet.set_extension(3, &[1, 2, 3, 4]).unwrap();
    assert_block(&packet, "bede0003 10aa 3301020304 20bb 000000");
    packet.set_extension(3, &[5]).unwrap();
    assert_block(&packet, "bede0002 10aa 3005 20bb 0000");
}

#[test]
fn a_new_element_takes_the_place_of_padding() {
    let mut packet = with_block("bede0002 10aa 0000 00000000");
    packet.set_extension(2, &[0xbb]).unwrap();
    assert_block(&packet, "bede0001 10aa 20bb");
}

#[test]
fn a_new_element_goes_before_a_stop_mark() {
    let mut packet = with_block("bede0001 10aa f0ff");
    packet.set_extension(2, &[0xbb]).unwrap();
    assert_block(&packet, "bede0002 10aa 20bb f0ff 0000");
    assert!(packet.extensions().eq([(1, &[0xaa][..]), (2, &[0xbb][..])]));
}

#[test]
fn an_element_too_large_for_one_byte_form_upgrades_the_block() {
    let mut packet = with_block("bede0002 10aa 00 311234 0000");
    packet.set_extension(200, &[0xbb]).unwrap();
    assert_block(&packet, "10000003 0101aa 03021234 c801bb 0000");
    let mut packet = with_block("bede0001 10aa 20bb");
    packet.set_extension(1, &[]).unwrap();
    assert_block(&packet, "10000002 0100 0201bb 000000");
}

#[test]
fn application_bits_stay() {
    let mut packet = with_block("100a0001 0101aa00");
    packet.set_extension(2, &[0xbb]).unwrap();
    assert_block(&packet, "100a0002 0101aa 0201bb 0000");
}

#[test]
fn foreign_blocks_are_left_alone() {
    let mut packet = with_block("abcd0001 10aa20bb");
    assert_eq!(packet.set_extension(1, &[0]), Err(ExtensionError::ForeignProfile(0xabcd)));
    assert!(!packet.remove_extension(1));
    assert_block(&packet, "abcd0001 10aa20bb");
}

#[test]
fn errors_change_nothing() {
    let mut packet = with_block("bede0001 10aa 20bb");
    assert_eq!(packet.set_extension(0, &[0]), Err(ExtensionError::ReservedId));
    assert_eq!(packet.set_extension(0, &[]), Err(ExtensionError::ReservedId));
    assert_eq!(packet.set_extension(1, &[0; 256]), Err(ExtensionError::TooLong(256)));
    assert_block(&packet, "bede0001 10aa 20bb");
}

#[test]
fn a_full_block_takes_no_more() {
    let mut packet = RtpPacket::default();
    packet.set_extension(1, &[0; 255]).unwrap();
    let mut bytes = packet.to_bytes()[..16].to_vec();
    bytes[14..16].copy_from_slice(&[0xff, 0xff]);
    // Elements of 257 bytes, the identifiers repeating, fill 262 140 bytes exactly.
    for _ in 0..1020 {
        bytes.extend_from_slice(&[2, 255]);
        bytes.extend_from_slice(&[0; 255]);
    }
    let mut packet = RtpPacket::parse(bytes.into()).unwrap();
    assert_eq!(packet.header_len(), 12 + 4 + 262_140);
    let before = packet.clone();
    assert!(matches!(packet.set_extension(3, &[0]), Err(ExtensionError::BlockTooLong(_))));
    assert_eq!(packet, before);
}

#[test]
fn removing_the_last_element_removes_the_block() {
    let mut packet = with_block("bede0002 10aa 00 311234 0000");
    assert!(packet.remove_extension(1));
    assert_block(&packet, "bede0001 00311234");
    assert!(!packet.remove_extension(1));
    assert!(packet.remove_extension(3));
    assert_eq!(packet.to_bytes(), hex("80 60 0001 00000002 00000003 99"));
}

#[test]
fn removing_removes_every_element_of_that_identifier() {
    let mut packet = with_block("bede0002 10aa 20bb 10cc 20dd");
    assert!(packet.remove_extension(1));
    assert_block(&packet, "bede0001 20bb 20dd");
}

#[test]
fn a_stop_mark_survives_removal() {
    let mut packet = with_block("bede0001 10aa f0ff");
    assert!(packet.remove_extension(1));
    assert_block(&packet, "bede0001 f0ff 0000");
}

#[test]
fn a_change_in_place_leaves_a_broken_element_and_one_that_moves_bytes_drops_it() {
    let broken = "bede0001 10111f00";
    let mut packet = with_block(broken);
    packet.set_extension(1, &[0x22]).unwrap();
    assert_block(&packet, "bede0001 10221f00");
    assert!(packet.extensions_malformed());
    packet.set_extension(2, &[0xbb]).unwrap();
    assert_block(&packet, "bede0001 1022 20bb");
    assert!(!packet.extensions_malformed());

    let mut packet = with_block(broken);
    packet.set_extension(200, &[1]).unwrap();
    assert_block(&packet, "10000002 010111 c80101 0000");

    // Zeros that fill up the word would have completed it.
    let mut packet = with_block("bede0002 10aa 30bb 00 42eedd");
    packet.set_extension(3, &[1, 2]).unwrap();
    assert_block(&packet, "bede0002 10aa 310102 000000");
}

#[test]
fn removing_drops_a_broken_element_and_removing_nothing_leaves_it() {
    let mut packet = with_block("bede0002 10aa 20bb 4fccddee");
    assert!(!packet.remove_extension(4), "it is not seen");
    assert_block(&packet, "bede0002 10aa 20bb 4fccddee");
    assert!(packet.remove_extension(1));
    assert_block(&packet, "bede0001 20bb 0000");
    let mut packet = with_block("bede0001 10aa 4fcc");
    assert!(packet.remove_extension(1));
    assert_eq!(packet.to_bytes(), hex("80 60 0001 00000002 00000003 99"));
}

/// A piece of a one-byte or two-byte block.
#[derive(Clone, Debug)]
enum Piece {
    Element(u8, Vec<u8>),
    Padding,
}

fn piece(two_byte: bool) -> impl Strategy<Value = Piece> {
    let element = if two_byte {
        (1_u8..=20, prop::collection::vec(any::<u8>(), 0..24)).boxed()
    } else {
        (1_u8..=14, prop::collection::vec(any::<u8>(), 1..=16)).boxed()
    };
    prop_oneof![3 => element.prop_map(|(id, value)| Piece::Element(id, value)), 1 => Just(Piece::Padding)]
}

/// What follows the pieces of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Padding,
    StopMark,
    BrokenElement,
}

/// A packet with a block of these pieces, and the elements that are to be seen in it.
fn packet() -> impl Strategy<Value = (RtpPacket, Vec<(u8, Vec<u8>)>)> {
    let pieces = any::<bool>().prop_flat_map(|two| (Just(two), prop::collection::vec(piece(two), 0..6)));
    let end = prop_oneof![Just(End::Padding), Just(End::StopMark), Just(End::BrokenElement)];
    (pieces, end, 0_u8..16).prop_map(|((two_byte, pieces), end, csrcs)| {
        let mut body = Vec::new();
        let mut elements = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Padding => body.push(0),
                Piece::Element(id, value) => {
                    if two_byte {
                        body.extend_from_slice(&[id, value.len() as u8]);
                    } else {
                        body.push(id << 4 | (value.len() as u8 - 1));
                    }
                    body.extend_from_slice(&value);
                    elements.push((id, value));
                }
            }
        }
        if end == End::StopMark && !two_byte {
            body.extend_from_slice(&[0xf3, 0x11, 0x22]);
        }
        body.resize(body.len().next_multiple_of(4), 0);
        if end == End::BrokenElement {
            body.extend_from_slice(if two_byte { &[9, 3, 0x11, 0x22] } else { &[0x93, 0x11, 0x22, 0x33] });
        }
        let mut bytes = vec![0x90 | csrcs, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        bytes.extend((0..csrcs).flat_map(|csrc| [csrc; 4]));
        bytes.extend_from_slice(if two_byte { &[0x10, 0x00] } else { &[0xbe, 0xde] });
        bytes.extend_from_slice(&((body.len() / 4) as u16).to_be_bytes());
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(b"payload");
        (RtpPacket::parse(bytes.into()).unwrap(), elements)
    })
}

fn seen(packet: &RtpPacket) -> Vec<(u8, Vec<u8>)> {
    packet.extensions().map(|(id, value)| (id, value.to_vec())).collect()
}

proptest! {
    /// Against a list of elements: set the first of that identifier or append, remove all of it.
    #[test]
    fn edits_agree_with_a_list(
        (mut packet, mut model) in packet(),
        edits in prop::collection::vec((1_u8..=20, prop::option::of(prop::collection::vec(any::<u8>(), 0..24))), 0..12),
    ) {
        prop_assert_eq!(seen(&packet), model.clone());
        let untouched = (packet.ssrc(), packet.csrcs().collect::<Vec<_>>());
        for (id, edit) in edits {
            if let Some(value) = edit {
                packet.set_extension(id, &value).unwrap();
                prop_assert_eq!(packet.extension(id), Some(&value[..]));
                match model.iter_mut().find(|element| element.0 == id) {
                    Some(element) => element.1 = value,
                    None => model.push((id, value)),
                }
            } else {
                let before = model.len();
                model.retain(|element| element.0 != id);
                prop_assert_eq!(packet.remove_extension(id), model.len() < before);
            }
            prop_assert_eq!(seen(&packet), model.clone());
            prop_assert_eq!(packet.payload(), b"payload");
            prop_assert_eq!((packet.ssrc(), packet.csrcs().collect::<Vec<_>>()), untouched.clone());
            prop_assert_eq!(&RtpPacket::parse(packet.to_bytes()).unwrap(), &packet);
        }
    }
}

#[test]
fn identifiers_are_exchanged_in_place() {
    let mut packet = with_block("bede0003 00 10aa 00 0020 bb 41ccdd 000000");
    let before = packet.header_len();
    let changed = packet.map_extensions(|id| {
        Some(match id {
            1 => 2,
            2 => 1,
            other => other,
        })
    });
    assert_eq!(changed, Ok(true));
    assert_block(&packet, "bede0003 00 20aa 00 0010 bb 41ccdd 000000");
    assert_eq!(packet.header_len(), before);
    assert_eq!(packet.map_extensions(Some), Ok(false));
}

#[test]
fn what_is_removed_closes_up_and_the_rest_keeps_its_order_and_padding() {
    let mut packet = with_block("bede0004 10aa 00 211122 30bb 00 41ccdd 00 f0 ee ff");
    let changed = packet.map_extensions(|id| (id != 2).then_some(id + 4));
    assert_eq!(changed, Ok(true));
    assert_block(&packet, "bede0004 50aa 00 70bb 00 81ccdd 00 f0 ee ff 000000");
    let mut packet = with_block("100a0003 0101aa 0202bbcc 0301dd 0000");
    assert_eq!(packet.map_extensions(|id| (id != 2).then_some(id + 200)), Ok(true));
    assert_block(&packet, "100a0002 c901aa cb01dd 0000");
}

#[test]
fn an_identifier_beyond_the_one_byte_form_upgrades_the_block() {
    let mut packet = with_block("bede0002 10aa 00 311234 2000");
    assert_eq!(packet.map_extensions(|id| (id != 2).then_some(if id == 3 { 200 } else { id })), Ok(true));
    assert_block(&packet, "10000002 0101aa c8021234 00");
}

#[test]
fn nothing_is_left_of_a_block_without_elements_and_foreign_ones_are_only_cleared() {
    let bare = hex("80 60 0001 00000002 00000003 99");
    for to in [None, Some(0)] {
        let mut packet = with_block("bede0001 10aa 20bb");
        assert_eq!(packet.map_extensions(|_| to), Ok(true));
        assert_eq!(packet.to_bytes(), bare);
    }
    let mut packet = with_block("abcd0001 10aa20bb");
    assert_eq!(packet.map_extensions(|_| None), Ok(false));
    assert!(packet.clear_extensions());
    assert_eq!(packet.to_bytes(), bare);
    assert!(!packet.clear_extensions());
}

proptest! {
    /// Against a list of elements.
    #[test]
    fn mapping_agrees_with_a_list((mut packet, model) in packet(), map in prop::collection::vec(0_u8..=20, 21)) {
        let new = |id: u8| Some(map[usize::from(id)]).filter(|new| *new != 0);
        let expected: Vec<(u8, Vec<u8>)> =
            model.iter().filter_map(|(id, value)| Some((new(*id)?, value.clone()))).collect();
        let changes = model.iter().any(|(id, _)| new(*id) != Some(*id));
        let before = packet.clone();
        prop_assert_eq!(packet.map_extensions(new), Ok(changes));
        prop_assert_eq!(seen(&packet), expected);
        prop_assert_eq!(packet.payload(), b"payload");
        prop_assert!(changes || packet == before);
        prop_assert!(packet.header_len() <= before.header_len() + 2 * model.len() + 3);
        prop_assert_eq!(&RtpPacket::parse(packet.to_bytes()).unwrap(), &packet);
    }
}
