//! Numbers with one writer and any number of readers.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number that one thread writes and any thread reads, without a lock and without a read-modify-write: what an interceptor
/// counts and a handle reads.
///
/// Each value stands for itself: numbers read one after the other may be some packets apart.
///
/// ```
/// use interceptor_core::CounterCell;
/// let packets = CounterCell::default();
/// packets.add(3);
/// packets.subtract(1);
/// assert_eq!(packets.get(), 2);
/// ```
#[derive(Debug, Default)]
pub struct CounterCell(AtomicU64);

impl CounterCell {
    /// A number to begin with.
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    /// The number; any thread may ask.
    #[inline(always)]
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Only the writer may call this.
    #[inline(always)]
    pub fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    /// Only the writer may call this: a load and a store, not one atomic step.
    #[inline(always)]
    pub fn add(&self, amount: u64) {
        self.set(self.get().wrapping_add(amount));
    }

    /// Only the writer may call this. Stops at 0.
    #[inline]
    pub fn subtract(&self, amount: u64) {
        self.set(self.get().saturating_sub(amount));
    }

    /// [`add`](Self::add) of 1.
    #[inline(always)]
    pub fn increment(&self) {
        self.add(1);
    }

    /// Any thread may call this, on a number that no one [`add`](Self::add)s to.
    pub fn add_shared(&self, amount: u64) {
        self.0.fetch_add(amount, Relaxed);
    }
}
