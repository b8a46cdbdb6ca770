//! The excursions over one set of bounds.

use interceptor_core::Excursion;

use crate::Excess;

/// The excursions over bounds: over the rates, and over the queue.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Excursions {
    rate: Excursion,
    queue: Excursion,
}

impl Excursions {
    /// The rates do not let something pass now.
    pub(crate) fn over_rate(&mut self, now: u64) -> Option<Excess> {
        self.rate.note(now).then_some(Excess::Rate)
    }

    /// The queue has no room for something now.
    pub(crate) fn over_queue(&mut self, now: u64) -> Option<Excess> {
        self.queue.note(now).then_some(Excess::Queue)
    }
}
