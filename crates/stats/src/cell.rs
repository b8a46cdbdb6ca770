//! Numbers with one writer and any number of readers.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number that one thread writes and any thread reads, without a lock and without a read-modify-write.
///
/// Each value stands for itself: numbers read one after the other may be some packets apart.
#[derive(Debug, Default)]
pub(crate) struct Cell(AtomicU64);

impl Cell {
    #[inline]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Only the writer may call this.
    #[inline]
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    /// Only the writer may call this: a load and a store, not one atomic step.
    #[inline]
    pub(crate) fn add(&self, amount: u64) {
        self.set(self.get().wrapping_add(amount));
    }

    #[inline]
    pub(crate) fn increment(&self) {
        self.add(1);
    }

    /// Any thread may call this, on a number that no one [`add`](Self::add)s to.
    pub(crate) fn add_shared(&self, amount: u64) {
        self.0.fetch_add(amount, Relaxed);
    }

    #[inline]
    pub(crate) fn get_signed(&self) -> i64 {
        self.get().cast_signed()
    }

    /// Only the writer may call this.
    #[inline]
    pub(crate) fn set_signed(&self, value: i64) {
        self.set(value.cast_unsigned());
    }
}

/// A number that may be absent: `u64::MAX` stands for that.
#[derive(Debug)]
pub(crate) struct OptionCell(Cell);

impl Default for OptionCell {
    fn default() -> Self {
        Self(Cell(AtomicU64::new(u64::MAX)))
    }
}

impl OptionCell {
    #[inline]
    pub(crate) fn get(&self) -> Option<u64> {
        Some(self.0.get()).filter(|value| *value != u64::MAX)
    }

    /// Only the writer may call this. The largest number counts as the one below it.
    #[inline]
    pub(crate) fn set(&self, value: u64) {
        self.0.set(value.min(u64::MAX - 1));
    }

    /// Only the writer may call this.
    pub(crate) fn replace(&self, value: Option<u64>) {
        self.0.set(value.map_or(u64::MAX, |value| value.min(u64::MAX - 1)));
    }
}
