//! Which of a stream's newest packets have come restored.

/// A window over unwrapped sequence numbers as that of the receive log, with one bit for each packet of which a copy came
/// from RTX or FEC. Only asked about packets that came twice, so packets in order do not move it: it follows when it is used.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    /// Number `n` has bit `n mod window`. Empty before the first.
    bits: Box<[u64]>,
    /// The bits of newer numbers are those of older ones still.
    newest: i64,
}

impl Restored {
    /// A copy of `seq`, in the window of `window` numbers that ends with `newest`, came restored.
    pub(crate) fn insert(&mut self, seq: i64, newest: i64, window: i64) {
        if self.bits.is_empty() {
            self.bits = vec![0; window as usize / 64].into_boxed_slice();
            self.newest = newest;
        }
        self.follow(newest);
        let (word, bit) = place(seq, window);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= bit;
        }
    }

    /// Did one of `seq` before?
    pub(crate) fn contains(&mut self, seq: i64, newest: i64, window: i64) -> bool {
        self.follow(newest);
        let (word, bit) = place(seq, window);
        self.bits.get(word).is_some_and(|word| word & bit != 0)
    }

    /// The stream starts anew.
    pub(crate) fn clear(&mut self) {
        self.bits = Box::default();
    }

    /// Numbers that have come since leave no bit of those that they took the place of.
    fn follow(&mut self, newest: i64) {
        let window = 64 * self.bits.len() as i64;
        if newest - self.newest >= window {
            self.bits.fill(0);
        } else {
            for seq in self.newest + 1..=newest {
                let (word, bit) = place(seq, window);
                if let Some(word) = self.bits.get_mut(word) {
                    *word &= !bit;
                }
            }
        }
        self.newest = newest;
    }
}

/// The word and the bit of a number, `window` being a power of two.
const fn place(seq: i64, window: i64) -> (usize, u64) {
    let place = seq & (window - 1);
    (place as usize / 64, 1 << (place % 64))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_a_set_of_numbers(
            start in -70_000_i64..70_000,
            window in prop::sample::select(vec![64_i64, 128, 256]),
            steps in prop::collection::vec(
                (prop_oneof![8 => 0_i64..4, 1 => 0_i64..300], 0_i64..256, any::<bool>()), 1..200,
            ),
        ) {
            let (mut restored, mut naive, mut newest) = (Restored::default(), BTreeSet::new(), start);
            for (step, back, insert) in steps {
                newest += step;
                let seq = newest - back % window;
                if insert {
                    restored.insert(seq, newest, window);
                    naive.insert(seq);
                }
                prop_assert_eq!(restored.contains(seq, newest, window), naive.contains(&seq));
            }
            restored.clear();
            prop_assert!(!restored.contains(newest, newest, window));
        }
    }
}
