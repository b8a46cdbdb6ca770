//! The newest few of something, oldest first, in place.

/// At most `N` items, a power of two; one more pushes the oldest out.
#[derive(Clone, Debug)]
pub(super) struct Ring<T, const N: usize> {
    items: [T; N],
    head: usize,
    len: usize,
}

impl<T: Copy + Default, const N: usize> Ring<T, N> {
    pub(super) fn new() -> Self {
        const { assert!(N.is_power_of_two(), "places are found by a mask") };
        Self { items: [T::default(); N], head: 0, len: 0 }
    }

    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn clear(&mut self) {
        self.len = 0;
    }

    #[inline]
    pub(super) fn push(&mut self, item: T) {
        if self.len == N {
            self.pop();
        }
        self.len += 1;
        if let Some(last) = self.last_mut() {
            *last = item;
        }
    }

    /// Takes the oldest.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<T> {
        let first = self.get(0)?;
        self.head = (self.head + 1) & (N - 1);
        self.len -= 1;
        Some(first)
    }

    /// The one that `index` older ones stand before.
    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<T> {
        if index < self.len { self.items.get((self.head + index) & (N - 1)).copied() } else { None }
    }

    #[inline]
    pub(super) fn first(&self) -> Option<T> {
        self.get(0)
    }

    #[inline]
    pub(super) fn last(&self) -> Option<T> {
        self.get(self.len.checked_sub(1)?)
    }

    #[inline]
    pub(super) fn last_mut(&mut self) -> Option<&mut T> {
        let index = self.len.checked_sub(1)?;
        self.items.get_mut((self.head + index) & (N - 1))
    }

    #[inline]
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        if index < self.len { self.items.get_mut((self.head + index) & (N - 1)) } else { None }
    }

    /// Oldest first.
    #[inline]
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = T> + '_ {
        (0..self.len).filter_map(|index| self.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room() {
        let mut ring = Ring::<u8, 4>::new();
        assert_eq!((ring.first(), ring.last(), ring.pop()), (None, None, None));
        for item in 0..6 {
            ring.push(item);
        }
        assert_eq!(ring.iter().collect::<Vec<_>>(), [2, 3, 4, 5]);
        assert_eq!((ring.first(), ring.last(), ring.get(4)), (Some(2), Some(5), None));
        assert_eq!((ring.pop(), ring.len()), (Some(2), 3));
        ring.clear();
        assert_eq!(ring.iter().count(), 0);
    }
}
