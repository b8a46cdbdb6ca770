//! VP8 (RFC 7741 §4.2, §4.3).

use super::Start;

/// Does a VP8 key frame begin here? The first packet of a frame has S = 1 and PID = 0, and behind the descriptor the frame's header, whose
/// lowest bit P is 0 in a key frame.
#[inline]
#[must_use]
pub fn vp8(payload: &[u8]) -> Start {
    let Some(&first) = payload.first() else { return Start::TooShort };
    if first & 0x17 != 0x10 {
        return Start::Other;
    }
    let header = if first & 0x80 == 0 { Some(1) } else { extended(payload) };
    match header.and_then(|at| payload.get(at)) {
        Some(header) => Start::key_if(header & 1 == 0),
        None => Start::TooShort,
    }
}

/// The length of a descriptor with extensions: I, L, and T or K (§4.2).
fn extended(payload: &[u8]) -> Option<usize> {
    let flags = *payload.get(1)?;
    let picture = match flags & 0x80 {
        0 => 0,
        _ => 1 + usize::from(payload.get(2)? >> 7),
    };
    Some(2 + picture + usize::from(flags & 0x40 != 0) + usize::from(flags & 0x30 != 0))
}
