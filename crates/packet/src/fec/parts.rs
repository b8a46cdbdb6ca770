//! Masks of FlexFEC: one, two or three parts, of 15, 31 and up to 64 bits, each with a bit that says whether more follow.

use super::cursor::{Reader, Writer};
use super::{FecError, Mask};

/// Offsets in front of the second and of the third part.
const SECOND: u32 = 15;
const THIRD: u32 = 46;

/// Where the two differ: what says that a part of a mask is its last.
#[derive(Clone, Copy)]
pub(super) enum Parts {
    /// RFC 8627: a k bit of 0. The third part has none, and so 64 bits.
    Rfc8627,
    /// Draft 03: a k bit of 1, in the third part as well, which has 63 bits.
    Draft03,
}

impl Parts {
    /// Offsets that fit.
    pub(super) const fn bits(self) -> u8 {
        match self {
            Self::Rfc8627 => Mask::BITS,
            Self::Draft03 => Mask::BITS - 1,
        }
    }

    /// Bytes that a mask takes.
    pub(super) const fn len(mask: Mask) -> usize {
        match mask.max() {
            Some(15..46) => 6,
            Some(46..) => 14,
            _ => 2,
        }
    }

    pub(super) fn read(self, from: &mut Reader<'_>) -> Result<Mask, FecError> {
        let first = from.u16()?;
        let mut mask = Mask::EMPTY.with_part(0, SECOND, (first & 0x7fff).into());
        if self.ends(first >> 15 == 1) {
            return Ok(mask);
        }
        let second = from.u32()?;
        mask = mask.with_part(SECOND, THIRD - SECOND, (second & 0x7fff_ffff).into());
        if self.ends(second >> 31 == 1) {
            return Ok(mask);
        }
        let third = from.u64()?;
        match self {
            Self::Rfc8627 => Ok(mask.with_part(THIRD, 64, third)),
            Self::Draft03 if third >> 63 == 0 => Err(FecError::EndlessMask),
            Self::Draft03 => Ok(mask.with_part(THIRD, 63, third & (u64::MAX >> 1))),
        }
    }

    pub(super) fn write(self, mask: Mask, to: &mut Writer<'_>) {
        let len = Self::len(mask);
        to.put((mask.part(0, SECOND) as u16 | u16::from(self.k(len == 2)) << 15).to_be_bytes());
        if len > 2 {
            let second = mask.part(SECOND, THIRD - SECOND) as u32;
            to.put((second | u32::from(self.k(len == 6)) << 31).to_be_bytes());
        }
        if len > 6 {
            to.put(match self {
                Self::Rfc8627 => mask.part(THIRD, 64).to_be_bytes(),
                Self::Draft03 => (mask.part(THIRD, 63) | 1 << 63).to_be_bytes(),
            });
        }
    }

    const fn ends(self, k: bool) -> bool {
        k == self.k(true)
    }

    /// The k bit of a part.
    const fn k(self, last: bool) -> bool {
        match self {
            Self::Rfc8627 => !last,
            Self::Draft03 => last,
        }
    }
}
