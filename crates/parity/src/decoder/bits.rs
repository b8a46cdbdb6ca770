//! A set of places in the pattern of a repair packet.

/// Places 0..=255.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits([u128; 2]);

impl Bits {
    pub(super) const fn insert(&mut self, place: u8) {
        *self.half(place) |= bit(place);
    }

    /// Was it there?
    #[inline]
    pub(super) const fn remove(&mut self, place: u8) -> bool {
        let half = self.half(place);
        let was = *half & bit(place) != 0;
        *half &= !bit(place);
        was
    }

    #[inline]
    pub(super) const fn contains(&self, place: u8) -> bool {
        let [low, high] = self.0;
        (if place < 128 { low } else { high }) & bit(place) != 0
    }

    pub(super) const fn count(&self) -> u16 {
        let [low, high] = self.0;
        (low.count_ones() + high.count_ones()) as u16
    }

    /// Ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = u8> + use<> {
        let [mut low, mut high] = self.0;
        std::iter::from_fn(move || {
            let (half, first) = if low != 0 { (&mut low, 0) } else { (&mut high, 128) };
            let bit = half.trailing_zeros();
            if bit == 128 {
                return None;
            }
            *half &= *half - 1;
            Some(first + bit as u8)
        })
    }

    const fn half(&mut self, place: u8) -> &mut u128 {
        let [low, high] = &mut self.0;
        if place < 128 { low } else { high }
    }
}

/// A place's bit in its half.
const fn bit(place: u8) -> u128 {
    1 << (place & 0x7f)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_a_set(steps in prop::collection::vec((any::<u8>(), any::<bool>()), 0..200)) {
            let (mut bits, mut naive) = (Bits::default(), BTreeSet::new());
            for (place, insert) in steps {
                if insert {
                    bits.insert(place);
                    naive.insert(place);
                } else {
                    prop_assert_eq!(bits.remove(place), naive.remove(&place));
                }
            }
            prop_assert_eq!(usize::from(bits.count()), naive.len());
            prop_assert!((0..=255).all(|place| bits.contains(place) == naive.contains(&place)));
            prop_assert_eq!(bits.iter().collect::<Vec<_>>(), naive.into_iter().collect::<Vec<_>>());
        }
    }
}
