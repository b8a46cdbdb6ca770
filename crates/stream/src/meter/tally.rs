//! The counts of a direction: written by its lane alone, read by anybody.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Traffic;

/// A number that one writer counts up. A load and a store cost less than an atomic addition, and with one writer nothing gets between them.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    #[inline]
    pub(super) fn add(&self, n: u64) {
        self.0.store(self.get().saturating_add(n), Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) messages: Count,
    pub(super) bytes: Count,
    pub(super) large_messages: Count,
    pub(super) consumed_messages: Count,
    pub(super) consumed_bytes: Count,
    pub(super) dropped_messages: Count,
    pub(super) dropped_bytes: Count,
    pub(super) refused_messages: Count,
    pub(super) refused_bytes: Count,
    pub(super) waited_nanos: Count,
}

impl Tally {
    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            messages: self.messages.get(),
            bytes: self.bytes.get(),
            large_messages: self.large_messages.get(),
            consumed_messages: self.consumed_messages.get(),
            consumed_bytes: self.consumed_bytes.get(),
            dropped_messages: self.dropped_messages.get(),
            dropped_bytes: self.dropped_bytes.get(),
            refused_messages: self.refused_messages.get(),
            refused_bytes: self.refused_bytes.get(),
            waited: Duration::from_nanos(self.waited_nanos.get()),
        }
    }
}
