//! A map from SSRCs, looked up for every packet.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

/// Slots for each entry, at least: few are met on the way to one.
const SPARE: usize = 2;
const MIN_SLOTS: usize = 8;

/// A hash map with open addressing: a look-up is a hash and, nearly always, one comparison. General maps, made for
/// misses and for many entries as well, take some thirty instructions more (a packet has 700 on its whole way).
pub(crate) struct SsrcMap<V> {
    /// A power of two, at least twice as many as there are entries; never empty.
    slots: Box<[Option<(u32, V)>]>,
    len: usize,
    /// Peers choose SSRCs, but do not know its seed.
    hasher: FixedState,
}

impl<V: Copy> SsrcMap<V> {
    pub(crate) fn new(seed: u64) -> Self {
        Self { slots: vec![None; MIN_SLOTS].into_boxed_slice(), len: 0, hasher: FixedState::with_seed(seed) }
    }

    #[inline]
    pub(crate) fn get(&self, ssrc: u32) -> Option<V> {
        let mut at = self.home(ssrc);
        // Ends at a free slot: there always is one.
        while let Some(Some((found, value))) = self.slots.get(at) {
            if *found == ssrc {
                return Some(*value);
            }
            at = self.after(at);
        }
        None
    }

    /// Enters a value unless there is one already.
    pub(crate) fn insert(&mut self, ssrc: u32, value: V) {
        if self.get(ssrc).is_some() {
            return;
        }
        if (self.len + 1) * SPARE > self.slots.len() {
            let larger = vec![None; self.slots.len() * 2].into_boxed_slice();
            let entries = std::mem::replace(&mut self.slots, larger);
            entries.into_iter().flatten().for_each(|entry| self.put(entry));
        }
        self.put((ssrc, value));
        self.len += 1;
    }

    pub(crate) fn remove(&mut self, ssrc: u32) {
        let mut at = self.home(ssrc);
        while let Some(Some((found, _))) = self.slots.get(at) {
            if *found == ssrc {
                self.take(at);
                self.len -= 1;
                return self.close_gap(at);
            }
            at = self.after(at);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.slots = vec![None; MIN_SLOTS].into_boxed_slice();
        self.len = 0;
    }

    fn put(&mut self, entry: (u32, V)) {
        let mut at = self.home(entry.0);
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.is_none() {
                *slot = Some(entry);
                return;
            }
            at = self.after(at);
        }
    }

    fn take(&mut self, at: usize) -> Option<(u32, V)> {
        self.slots.get_mut(at)?.take()
    }

    /// Entries behind a slot that has become free may have stood there if they had come later: they move up.
    fn close_gap(&mut self, gap: usize) {
        let mut at = self.after(gap);
        while let Some(entry) = self.take(at) {
            self.put(entry);
            at = self.after(at);
        }
    }

    /// Where an entry stands if nothing is in its way.
    #[inline]
    fn home(&self, ssrc: u32) -> usize {
        self.hasher.hash_one(ssrc) as usize & (self.slots.len() - 1)
    }

    #[inline]
    const fn after(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn agrees_with_a_hash_map(
            seed in any::<u64>(),
            steps in prop::collection::vec((0_u32..60, 0_u32..4, any::<bool>()), 0..400),
        ) {
            let (mut map, mut naive) = (SsrcMap::new(seed), HashMap::new());
            for (number, (ssrc, stride, insert)) in steps.into_iter().enumerate() {
                // Neighbours, and numbers with the same low bits.
                let ssrc = ssrc << (stride * 8);
                if insert {
                    map.insert(ssrc, number);
                    naive.entry(ssrc).or_insert(number);
                } else {
                    map.remove(ssrc);
                    naive.remove(&ssrc);
                }
                prop_assert_eq!(map.len, naive.len());
                for ssrc in (0..60).flat_map(|ssrc| (0..4).map(move |stride| ssrc << (stride * 8))) {
                    prop_assert_eq!(map.get(ssrc), naive.get(&ssrc).copied());
                }
            }
        }

        /// Whatever the seed, SSRCs that follow one another do not crowd together.
        #[test]
        fn sixteen_thousand_neighbours_are_found_in_few_steps(seed in any::<u64>(), first in any::<u32>()) {
            let mut map = SsrcMap::new(seed);
            (0..16_384).for_each(|number| map.insert(first.wrapping_add(number), ()));
            let steps = |ssrc: u32| {
                let mut at = map.home(ssrc);
                (1..).find(|_| {
                    let here = map.slots[at].is_some_and(|(found, ())| found == ssrc);
                    at = map.after(at);
                    here
                })
            };
            let all: usize = (0..16_384).filter_map(|number| steps(first.wrapping_add(number))).sum();
            prop_assert!(all < 16_384 * 8, "{} steps", all);
        }
    }
}
