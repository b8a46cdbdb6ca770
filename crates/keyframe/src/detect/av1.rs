//! AV1 (AV1 RTP payload specification §4.4).

use super::Start;

/// Does an AV1 key frame begin here? The aggregation header's N: the first packet of a coded video sequence. Nothing in it goes on from the packet
/// before (Z), which the specification forbids beside N.
#[inline]
#[must_use]
pub fn av1(payload: &[u8]) -> Start {
    match payload {
        [header, _, ..] => Start::key_if(header & 0x88 == 0x08),
        _ => Start::TooShort,
    }
}
