//! The earliest of many deadlines, one a key, each movable.

use crate::StreamKey;

/// What no key has in place of a position.
const IDLE: u32 = u32::MAX;

/// When an interceptor has to see to which of its streams: one deadline a stream, each movable, the earliest at hand. It
/// asks to be woken for that one alone.
///
/// A binary heap that knows where each stream stands: moving a deadline costs a logarithm. `T` is a point in time, such as
/// microseconds since the chain began ([`Context::elapsed_nanos`](crate::Context::elapsed_nanos)) or an `Instant`. Keys
/// are those that [`Context::stream_key`](crate::Context::stream_key) gives at bind, of one direction; who keeps deadlines
/// removes that of a stream when it ends.
#[derive(Debug)]
pub struct Deadlines<T> {
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
    /// The earliest deadline and its stream; of two the one whose stream was bound into the lower key.
    #[inline]
    #[must_use]
    pub fn next(&self) -> Option<(T, StreamKey)> {
        self.heap.first().map(|(at, key)| (*at, StreamKey(*key)))
    }

    /// Takes the earliest deadline if it is not after `now`.
    pub fn take_due(&mut self, now: T) -> Option<(T, StreamKey)> {
        let due = self.next().filter(|(at, _)| *at <= now)?;
        self.set(due.1, None);
        Some(due)
    }

    /// Sets, moves or removes a stream's deadline.
    pub fn set(&mut self, stream: StreamKey, at: Option<T>) {
        let StreamKey(key) = stream;
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
                deadlines.set(StreamKey(key), at);
                match at {
                    Some(at) => naive.insert(key, at),
                    None => naive.remove(&key),
                };
                let earliest = naive.iter().map(|(key, at)| (*at, StreamKey(*key))).min();
                prop_assert_eq!(deadlines.next(), earliest);
            }
            prop_assert_eq!(deadlines.heap.len(), naive.len());
        }
    }
}
