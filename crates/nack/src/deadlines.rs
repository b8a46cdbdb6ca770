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
    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<T> {
        self.heap.first().map(|(at, _)| *at)
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

    /// Takes the key whose deadline is the earliest, if that is not after `now`.
    pub(crate) fn pop(&mut self, now: T) -> Option<u32> {
        let (_, key) = *self.heap.first().filter(|(at, _)| *at <= now)?;
        self.remove(0);
        Some(key)
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

    /// Moves the entry at `place` up or down to where it belongs.
    fn settle(&mut self, mut place: usize) {
        while place > 0 && self.at(place) < self.at((place - 1) / 2) {
            place = self.swap(place, (place - 1) / 2);
        }
        loop {
            let (left, right) = (2 * place + 1, 2 * place + 2);
            let child = if right < self.heap.len() && self.at(right) < self.at(left) { right } else { left };
            if child >= self.heap.len() || self.at(place) <= self.at(child) {
                break;
            }
            place = self.swap(place, child);
        }
        if let Some((_, key)) = self.heap.get(place) {
            self.note(*key, place as u32);
        }
    }

    /// Swaps the entry at `place` with another; gives its new place, which is not noted yet.
    fn swap(&mut self, place: usize, other: usize) -> usize {
        self.heap.swap(place, other);
        if let Some((_, key)) = self.heap.get(place) {
            self.note(*key, place as u32);
        }
        other
    }

    fn note(&mut self, key: u32, place: u32) {
        if let Some(position) = self.positions.get_mut(key as usize) {
            *position = place;
        }
    }

    /// Of two keys with the same deadline the smaller comes first.
    fn at(&self, place: usize) -> Option<(T, u32)> {
        self.heap.get(place).copied()
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
            (0_u32..40, prop::option::weighted(0.8, 0_u64..1000), prop::option::weighted(0.2, 0_u64..1000)), 1..400,
        )) {
            let mut deadlines = Deadlines::default();
            let mut naive = BTreeMap::new();
            for (key, at, pop) in steps {
                deadlines.set(key, at);
                match at {
                    Some(at) => naive.insert(key, at),
                    None => naive.remove(&key),
                };
                prop_assert_eq!(deadlines.next(), naive.values().min().copied());
                if let Some(now) = pop {
                    match deadlines.pop(now) {
                        Some(key) => {
                            let at = naive.remove(&key);
                            prop_assert!(at.is_some_and(|at| at <= now && naive.values().all(|other| at <= *other)));
                        }
                        None => prop_assert!(naive.values().all(|at| *at > now)),
                    }
                }
            }
            prop_assert_eq!(deadlines.heap.len(), naive.len());
        }
    }
}
