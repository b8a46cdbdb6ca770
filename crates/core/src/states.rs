//! States of the streams of one direction: an interceptor's, and the chain's own.

/// States by slot: a small number that is a state's own until it is removed, and then the next one's.
///
/// Each begins a cache line, behind its tag and its stream's key. With many connections that line is in no cache when a packet comes, and
/// waiting for it costs more than the work: what a hook looks at first comes along with the tag. Most connections have one stream each
/// way, so the first state stands here, where no pointer has to be fetched before it.
#[repr(C)]
pub(crate) struct States<T> {
    first: Entry<T>,
    /// From slot 1 on.
    more: Box<[Entry<T>]>,
    /// The slot of the next state; all are taken if there is no such entry.
    vacant: u32,
    len: u32,
}

#[repr(u32, align(64))]
enum Entry<T> {
    /// The key of the stream, and the state.
    Taken(u32, T),
    /// The slot that is vacant after this one.
    Vacant(u32),
}

impl<T> Default for States<T> {
    fn default() -> Self {
        Self { first: Entry::Vacant(1), more: Box::default(), vacant: 0, len: 0 }
    }
}

impl<T> States<T> {
    /// The slot that the next state will get.
    pub(crate) const fn next_slot(&self) -> u32 {
        self.vacant
    }

    /// Keeps the state of the stream with this key; gives its slot.
    pub(crate) fn insert(&mut self, key: u32, state: T) -> u32 {
        let slot = self.vacant;
        if self.entry(slot).is_none() {
            self.grow();
        }
        if let Some(entry) = self.entry_mut(slot)
            && let Entry::Vacant(next) = *entry
        {
            *entry = Entry::Taken(key, state);
            (self.vacant, self.len) = (next, self.len + 1);
        }
        slot
    }

    pub(crate) fn remove(&mut self, slot: u32) -> Option<T> {
        let vacant = self.vacant;
        let entry = self.entry_mut(slot).filter(|entry| matches!(entry, Entry::Taken(..)))?;
        let Entry::Taken(_, state) = std::mem::replace(entry, Entry::Vacant(vacant)) else { return None };
        (self.vacant, self.len) = (slot, self.len - 1);
        Some(state)
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> Option<&T> {
        match self.entry(slot) {
            Some(Entry::Taken(_, state)) => Some(state),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        match self.entry_mut(slot) {
            Some(Entry::Taken(_, state)) => Some(state),
            _ => None,
        }
    }

    /// The first state, if it is that of the stream with this key.
    #[inline]
    pub(crate) const fn first_of(&self, key: u32) -> Option<&T> {
        match &self.first {
            Entry::Taken(first, state) if *first == key => Some(state),
            _ => None,
        }
    }

    /// The slots that are taken, in order.
    pub(crate) fn slots(&self) -> impl Iterator<Item = u32> {
        (0..=self.more.len() as u32).filter(|slot| self.get(*slot).is_some())
    }

    /// Keys and states in the order of their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        std::iter::once(&self.first).chain(&self.more).filter_map(|entry| match entry {
            Entry::Taken(key, state) => Some((*key, state)),
            Entry::Vacant(_) => None,
        })
    }

    /// [`iter`](Self::iter), to change the states.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut T)> {
        std::iter::once(&mut self.first).chain(&mut self.more).filter_map(|entry| match entry {
            Entry::Taken(key, state) => Some((*key, state)),
            Entry::Vacant(_) => None,
        })
    }

    pub(crate) const fn len(&self) -> usize {
        self.len as usize
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    #[inline]
    fn entry(&self, slot: u32) -> Option<&Entry<T>> {
        match slot.checked_sub(1) {
            None => Some(&self.first),
            Some(place) => self.more.get(place as usize),
        }
    }

    #[inline]
    fn entry_mut(&mut self, slot: u32) -> Option<&mut Entry<T>> {
        match slot.checked_sub(1) {
            None => Some(&mut self.first),
            Some(place) => self.more.get_mut(place as usize),
        }
    }

    /// As many again as there are.
    #[cold]
    fn grow(&mut self) {
        let mut more = std::mem::take(&mut self.more).into_vec();
        let count = more.len() + 1;
        more.reserve_exact(count);
        more.extend((count + 1..=2 * count).map(|next| Entry::Vacant(next as u32)));
        self.more = more.into_boxed_slice();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use slab::Slab;

    use super::*;

    #[test]
    fn a_state_begins_a_cache_line_with_its_tag() {
        let mut states = States::default();
        for key in 0..3 {
            states.insert(key, [0_u64; 7]);
        }
        assert_eq!(size_of::<Entry<[u64; 7]>>(), 64);
        assert!(states.iter().all(|(_, state)| std::ptr::from_ref(state).addr() % 64 == 8));
    }

    proptest! {
        /// Slots are given out as a slab gives its keys, so that states are met in the same order everywhere.
        #[test]
        fn agrees_with_a_slab(steps in prop::collection::vec(prop::option::of(0_u32..12), 0..200)) {
            let (mut states, mut naive) = (States::default(), Slab::new());
            for (key, step) in (0_u32..).zip(steps) {
                match step {
                    None => {
                        prop_assert_eq!(states.next_slot() as usize, naive.vacant_key());
                        prop_assert_eq!(states.insert(key, key + 1) as usize, naive.insert((key, key + 1)));
                    }
                    Some(slot) => {
                        prop_assert_eq!(states.remove(slot), naive.try_remove(slot as usize).map(|(_, state)| state));
                    }
                }
                prop_assert_eq!(states.len(), naive.len());
                let all: Vec<(u32, u32)> = states.iter().map(|(key, state)| (key, *state)).collect();
                prop_assert_eq!(all, naive.iter().map(|(_, entry)| *entry).collect::<Vec<_>>());
                prop_assert_eq!(states.slots().collect::<Vec<_>>(), naive.iter().map(|(slot, _)| slot as u32).collect::<Vec<_>>());
                let first = naive.get(0).copied();
                prop_assert_eq!(first.and_then(|(key, _)| states.first_of(key)), first.as_ref().map(|(_, state)| state));
                prop_assert_eq!(states.first_of(u32::MAX), None);
                for slot in 0..16 {
                    prop_assert_eq!(states.get(slot).copied(), naive.get(slot as usize).map(|(_, state)| *state));
                    prop_assert_eq!(states.get_mut(slot).copied(), states.get(slot).copied());
                }
            }
        }
    }
}
