//! VP9 (RFC 9628 §4.2).

use super::Start;

const PICTURE_ID: u8 = 0x80;
const PREDICTED: u8 = 0x40;
const LAYERS: u8 = 0x20;
const BEGINS: u8 = 0x08;

/// Does a VP9 key frame begin here? B = 1 and P = 0: a frame begins that no earlier picture predicts; and the spatial layer is the lowest, since the
/// others of a key picture are predicted from that one.
#[inline]
#[must_use]
pub fn vp9(payload: &[u8]) -> Start {
    let Some(&first) = payload.first() else { return Start::TooShort };
    if first & (BEGINS | PREDICTED) != BEGINS {
        return Start::Other;
    }
    match layers(first, payload) {
        Some(layers) => Start::key_if(layers >> 1 & 0x07 == 0),
        None => Start::TooShort,
    }
}

/// The byte that names the layers: TID, U, SID, D. All zero where there are none.
fn layers(first: u8, payload: &[u8]) -> Option<u8> {
    let picture = match first & PICTURE_ID {
        0 => 0,
        _ => 1 + usize::from(payload.get(1)? >> 7),
    };
    // Without layers it is enough that the descriptor does not end within the picture's number.
    let behind = payload.get(1 + picture).copied();
    if first & LAYERS != 0 { behind } else { behind.map(|_| 0) }
}
