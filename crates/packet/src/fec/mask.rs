//! Which of the numbers from a base on are meant, by a bit each.

use std::fmt;

/// Up to 110 numbers from a base on, by their offsets.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Mask(
    /// Offset 0 in the top bit, as on the wire.
    u128,
);

impl Mask {
    /// Offsets that there are: 0..110.
    pub const BITS: u8 = 110;
    /// No offset.
    pub const EMPTY: Self = Self(0);

    /// Offsets 0 up to `count`, without that.
    #[must_use]
    pub const fn first(count: u8) -> Self {
        match count {
            0 => Self(0),
            1..Self::BITS => Self(u128::MAX << (128 - count as u32)),
            _ => Self(u128::MAX << (128 - Self::BITS as u32)),
        }
    }

    /// Adds an offset: `false` if it is over 109, and the mask as it was.
    #[inline]
    pub const fn insert(&mut self, offset: u8) -> bool {
        self.0 |= Self::bit(offset);
        offset < Self::BITS
    }

    /// Is this offset one of them?
    #[inline]
    #[must_use]
    pub const fn contains(self, offset: u8) -> bool {
        self.0 & Self::bit(offset) != 0
    }

    /// Has it none?
    #[inline]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    #[inline]
    #[must_use]
    pub const fn count(self) -> u8 {
        self.0.count_ones() as u8
    }

    /// The smallest.
    #[inline]
    #[must_use]
    pub const fn min(self) -> Option<u8> {
        if self.0 == 0 { None } else { Some(self.0.leading_zeros() as u8) }
    }

    /// The largest.
    #[inline]
    #[must_use]
    pub const fn max(self) -> Option<u8> {
        if self.0 == 0 { None } else { Some(127 - self.0.trailing_zeros() as u8) }
    }

    /// All of them, ascending.
    #[inline]
    #[must_use]
    pub const fn offsets(self) -> Offsets {
        Offsets(self.0)
    }

    #[inline]
    const fn bit(offset: u8) -> u128 {
        if offset < Self::BITS { 1 << (127 - offset as u32) } else { 0 }
    }

    /// `len` bits from offset `from` on, the first in the top bit of these.
    #[inline]
    pub(super) const fn part(self, from: u32, len: u32) -> u64 {
        (self.0 << from >> (128 - len)) as u64
    }

    /// With `len` bits from offset `from` on.
    #[inline]
    pub(super) const fn with_part(self, from: u32, len: u32, bits: u64) -> Self {
        Self(self.0 | (bits as u128) << (128 - from - len))
    }
}

impl FromIterator<u8> for Mask {
    /// Offsets over 109 are left out.
    fn from_iter<T: IntoIterator<Item = u8>>(offsets: T) -> Self {
        offsets.into_iter().fold(Self::EMPTY, |mask, offset| Self(mask.0 | Self::bit(offset)))
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.offsets()).finish()
    }
}

/// The offsets of a [`Mask`], ascending.
#[derive(Clone, Debug)]
pub struct Offsets(u128);

impl Iterator for Offsets {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let offset = self.0.leading_zeros();
        self.0 &= !(1_u128 << 127).checked_shr(offset)?;
        Some(offset as u8)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.0.count_ones() as usize;
        (count, Some(count))
    }
}

impl ExactSizeIterator for Offsets {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_a_set(offsets in prop::collection::vec(0_u8..=255, 0..40)) {
            let naive: BTreeSet<u8> = offsets.iter().copied().filter(|offset| *offset < 110).collect();
            let mask = Mask::from_iter(offsets.iter().copied());
            prop_assert_eq!(mask.offsets().collect::<Vec<_>>(), naive.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!((mask.min(), mask.max()), (naive.first().copied(), naive.last().copied()));
            prop_assert_eq!((usize::from(mask.count()), mask.offsets().len()), (naive.len(), naive.len()));
            prop_assert!((0..=255).all(|offset| mask.contains(offset) == naive.contains(&offset)));
            let mut one_by_one = Mask::EMPTY;
            for offset in offsets {
                prop_assert_eq!(one_by_one.insert(offset), offset < 110);
            }
            prop_assert_eq!(one_by_one, mask);
        }
    }

    #[test]
    fn the_first_few() {
        for count in 0..=255 {
            assert_eq!(Mask::first(count), Mask::from_iter(0..count.min(110)), "{count}");
        }
    }
}
