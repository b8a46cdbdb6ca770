//! H.265 (RFC 7798 §4.4).

use super::Start;

/// Aggregation packet.
const AP: u8 = 48;
/// Fragmentation unit.
const FU: u8 = 49;

/// Does an H.265 key frame begin here? A slice of a picture at which decoding can begin (BLA, IDR or CRA), whole or as the first fragment, or a video
/// or sequence parameter set, alone or aggregated. Not a picture parameter set alone, which may change in front of any picture.
#[inline]
#[must_use]
pub fn h265(payload: &[u8]) -> Start {
    let [first, _, rest @ ..] = payload else { return Start::TooShort };
    match first >> 1 & 0x3f {
        FU => match rest.first() {
            // S: the first fragment.
            Some(header) => Start::key_if(header & 0x80 != 0 && is_key(header & 0x3f)),
            None => Start::TooShort,
        },
        AP => aggregate(rest),
        unit => Start::key_if(is_key(unit)),
    }
}

/// BLA, IDR and CRA pictures are 16 to 21; VPS and SPS are 32 and 33.
const fn is_key(unit: u8) -> bool {
    matches!(unit, 16..=21 | 32 | 33)
}

/// Units, each behind its length in 16 bits.
fn aggregate(mut rest: &[u8]) -> Start {
    if rest.len() < 4 {
        return Start::TooShort;
    }
    while let [high, low, unit, ..] = rest {
        if is_key(unit >> 1 & 0x3f) {
            return Start::Key;
        }
        rest = rest.get(2 + usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default();
    }
    Start::Other
}
