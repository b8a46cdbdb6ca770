//! RED that is cut off, or has more blocks than fit.

use crate::hex::hex;
use interceptor_packet::red::{MAX_BLOCKS, Red, RedError};

#[test]
fn a_payload_that_ends_inside_its_headers_is_refused() {
    let whole = hex("ef1e0001 ef0f0002 6f 01 0203 04");
    for cut in 0..9 {
        assert_eq!(Red::parse(&whole[..cut]), Err(RedError::Truncated), "{cut}");
    }
}

#[test]
fn blocks_longer_than_the_payload_are_refused() {
    let whole = hex("ef1e0001 ef0f0002 6f 01 0203 04");
    for cut in 9..12 {
        let error = RedError::BlocksTooLong { needed: 3, available: cut - 9 };
        assert_eq!(Red::parse(&whole[..cut]), Err(error), "{cut}");
    }
    assert!(Red::parse(&whole[..12]).is_ok(), "an empty primary block is one");
}

#[test]
fn more_blocks_than_anybody_sends_are_refused() {
    let payload = |blocks: usize| [hex("ef0f0000").repeat(blocks), vec![0x6f]].concat();
    assert_eq!(Red::parse(&payload(MAX_BLOCKS)).map(|red| red.redundant_count()), Ok(MAX_BLOCKS));
    assert_eq!(Red::parse(&payload(MAX_BLOCKS + 1)), Err(RedError::TooManyBlocks));
}
