//! RED (RFC 2198 §3): what is inside.

/// The payload type and payload of the primary block, the last one: of a packet that no interceptor below has taken out of its RED. `None`: it ends
/// within its headers or its redundant blocks.
#[inline]
#[must_use]
pub fn red(payload: &[u8]) -> Option<(u8, &[u8])> {
    let (mut headers, mut redundant) = (payload, 0);
    loop {
        match headers {
            [first, blocks @ ..] if first & 0x80 == 0 => {
                return Some((*first, blocks.get(redundant..)?));
            }
            // F, payload type, 14 bits of timestamp offset, 10 bits of length.
            [_, _, length, low, rest @ ..] => {
                redundant += usize::from(u16::from_be_bytes([*length & 0x03, *low]));
                headers = rest;
            }
            _ => return None,
        }
    }
}
