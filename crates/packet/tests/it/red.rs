//! RED payloads: vectors both ways, and what is malformed.

use interceptor_packet::red::{MAX_BLOCK_LEN, MAX_OFFSET, Red, RedError, Redundant, write};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::hex::hex;

type Blocks = Vec<(u8, u16, Vec<u8>)>;
/// A payload in hex, its redundant blocks, and its primary one.
type Vector = (&'static str, Blocks, (u8, Vec<u8>));

/// Redundant blocks as (type, offset, payload), and the primary one.
fn read(payload: &[u8]) -> Result<(Blocks, (u8, Vec<u8>)), RedError> {
    let red = Red::parse(payload)?;
    let blocks = red.redundant().map(|it| (it.payload_type, it.timestamp_offset, payload[it.range].to_vec()));
    Ok((blocks.collect(), (red.primary_type(), payload[red.primary()].to_vec())))
}

fn written(blocks: &Blocks, primary: &(u8, Vec<u8>)) -> Vec<u8> {
    let blocks: Vec<_> = blocks
        .iter()
        .map(|(payload_type, offset, payload)| {
            Redundant::new(*payload_type, (*offset).into(), payload).unwrap()
        })
        .collect();
    let mut out = vec![];
    write(&blocks, primary.0, &primary.1, &mut out);
    out
}

#[test]
fn vectors_are_read_and_written() {
    let vectors: [Vector; 4] = [
        ("ef0f0002 6f aabb ccddee", vec![(111, 960, vec![0xaa, 0xbb])], (111, vec![0xcc, 0xdd, 0xee])),
        (
            "ef1e0001 ef0f0002 6f 01 0203 04",
            vec![(111, 1920, vec![1]), (111, 960, vec![2, 3])],
            (111, vec![4]),
        ),
        ("60 1020", vec![], (96, vec![0x10, 0x20])),
        ("60", vec![], (96, vec![])),
    ];
    for (text, blocks, primary) in vectors {
        let bytes = hex(text);
        assert_eq!(read(&bytes), Ok((blocks.clone(), primary.clone())), "{text}");
        assert_eq!(written(&blocks, &primary), bytes, "{text}");
    }
    // The largest header there can be.
    let (blocks, primary) = (vec![(111, MAX_OFFSET, vec![7; MAX_BLOCK_LEN])], (111, vec![1]));
    let bytes = written(&blocks, &primary);
    assert_eq!(bytes[..5], *hex("efffffff 6f"));
    assert_eq!(read(&bytes), Ok((blocks, primary)));
}

#[test]
fn a_block_that_its_header_has_no_room_for_cannot_be_made() {
    assert_eq!(Redundant::new(111, u32::from(MAX_OFFSET) + 1, &[]), None);
    assert_eq!(Redundant::new(111, 1 << 20, &[]), None);
    assert_eq!(Redundant::new(111, 0, &[0; MAX_BLOCK_LEN + 1]), None);
    assert_eq!(Redundant::new(111, 0, &[0; MAX_BLOCK_LEN]).map(|block| block.written_len()), Some(1027));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        blocks in vec((0..128_u8, 0..=MAX_OFFSET, vec(any::<u8>(), 0..1024)), 0..6),
        primary in (0..128_u8, vec(any::<u8>(), 0..200)),
    ) {
        prop_assert_eq!(read(&written(&blocks, &primary)), Ok((blocks, primary)));
    }

    #[test]
    fn any_bytes_are_read_without_harm_and_what_is_accepted_is_written_alike(bytes in vec(any::<u8>(), 0..80)) {
        if let Ok((blocks, primary)) = read(&bytes) {
            prop_assert_eq!(written(&blocks, &primary), bytes);
        }
    }
}
