//! H.264 (RFC 6184 §5.2 to §5.8).

use super::Start;

/// A slice of an instantaneous decoding refresh.
const IDR: u8 = 5;
/// A sequence parameter set.
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const STAP_B: u8 = 25;
const FU_A: u8 = 28;
const FU_B: u8 = 29;

/// Does an H.264 key frame begin here? A slice of an IDR picture, whole or as the first fragment, or a sequence parameter set, alone or
/// aggregated. Encoders send the parameters in front of the picture; each packet of these that comes says the same of one picture.
#[inline]
#[must_use]
pub fn h264(payload: &[u8]) -> Start {
    let Some(&first) = payload.first() else { return Start::TooShort };
    match first & 0x1f {
        IDR | SPS => Start::Key,
        FU_A | FU_B => match payload.get(1) {
            // S: the first fragment.
            Some(header) => Start::key_if(header & 0x80 != 0 && matches!(header & 0x1f, IDR | SPS)),
            None => Start::TooShort,
        },
        STAP_A => aggregate(payload.get(1..)),
        // Behind a decoding order number.
        STAP_B => aggregate(payload.get(3..)),
        _ => Start::Other,
    }
}

/// Units, each behind its length in 16 bits.
fn aggregate(units: Option<&[u8]>) -> Start {
    let mut rest = units.unwrap_or_default();
    if rest.len() < 3 {
        return Start::TooShort;
    }
    while let [high, low, unit, ..] = rest {
        if matches!(unit & 0x1f, IDR | SPS) {
            return Start::Key;
        }
        rest = rest.get(2 + usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default();
    }
    Start::Other
}
