//! The earliest of many deadlines, one a key, each movable.

/// What no key has in place of a position.
const IDLE: u32 = u32::MAX;

/// A binary heap of deadlines that knows where each key stands, so that moving one costs a logarithm and no key
/// has two. Keys are small integers, as a slab gives them. `T` is a point in time.
#[derive(Debug)]
pub(crate) struct Deadlines<T> {
    heap: Vec<(T, u32)>,
    /// Where each key stands in `heap`; [`IDLE`] for those without a deadline.
    positions: Vec<u32>,
}

impl<T> Default for Deadlines<T> {
    fn default() -> Self {
        Self { heap: Vec::new(), positions: Vec::new() }
    }
}

impl<T: Copy + Ord> Deadlines<T> {
    /// The earliest deadline and its key.
    #[inline]
    pub(crate) fn next(&self) -> Option<(T, u32)> {
        self.heap.first().copied()
    }

    /// Sets, moves or removes a key's deadline.
    pub(crate) fn set(&mut self, key: u32, at: Option<T>) {
        match (self.position(key), at) {
            (None, None) => {}
            (None, Some(at)) => self.push(key, at),
            (Some(place), Some(at)) => {
                if let Some(entry) = self.heap.get_mut(place) {
                    entry.0 = at;
                }
                self.settle(place);
            }
            (Some(place), None) => self.remove(place),
        }
    }

    fn position(&self, key: u32) -> Option<usize> {
        self.positions.get(key as usize).filter(|place| **place != IDLE).map(|place| *place as usize)
    }

    fn push(&mut self, key: u32, at: T) {
        if self.positions.len() <= key as usize {
            self.positions.resize(key as usize + 1, IDLE);
        }
        self.heap.push((at, key));
        self.settle(self.heap.len() - 1);
    }

    fn remove(&mut self, place: usize) {
        let (_, key) = self.heap.swap_remove(place);
        self.note(key, IDLE);
        if place < self.heap.len() {
            self.settle(place);
        }
    }

    /// Moves the entry at `place` up or down to where it belongs. Of two keys with the same deadline the smaller
    /// comes first.
    fn settle(&mut self, mut place: usize) {
        let Some(&entry) = self.heap.get(place) else { return };
        while let Some(&parent) = self.heap.get(place.wrapping_sub(1) / 2).filter(|parent| entry < **parent) {
            self.put(place, parent);
            place = (place - 1) / 2;
        }
        while let Some((at, child)) = self.first_child(place).filter(|(_, child)| *child < entry) {
            self.put(place, child);
            place = at;
        }
        self.put(place, entry);
    }

    /// The earlier of the two entries below `place`, and where it stands.
    #[inline]
    fn first_child(&self, place: usize) -> Option<(usize, (T, u32))> {
        let (left, right) = (2 * place + 1, 2 * place + 2);
        let first = *self.heap.get(left)?;
        match self.heap.get(right) {
            Some(&second) if second < first => Some((right, second)),
            _ => Some((left, first)),
        }
    }

    #[inline]
    fn put(&mut self, place: usize, entry: (T, u32)) {
        if let Some(slot) = self.heap.get_mut(place) {
            *slot = entry;
            self.note(entry.1, place as u32);
        }
    }

    fn note(&mut self, key: u32, place: u32) {
        if let Some(position) = self.positions.get_mut(key as usize) {
            *position = place;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_a_sorted_map(steps in prop::collection::vec(
            (0_u32..40, prop::option::weighted(0.7, 0_u64..1000)), 1..400,
        )) {
            let mut deadlines = Deadlines::default();
            let mut naive = BTreeMap::new();
            for (key, at) in steps {
                deadlines.set(key, at);
                match at {
                    Some(at) => naive.insert(key, at),
                    None => naive.remove(&key),
                };
                prop_assert_eq!(deadlines.next(), naive.iter().map(|(key, at)| (*at, *key)).min());
            }
            prop_assert_eq!(deadlines.heap.len(), naive.len());
        }
    }
}
