//! A subscriber's handle.

use std::fmt;
use std::sync::Arc;

use interceptor_rewriter::{RewriterCounters, SourceId, SourceNumber};

use super::counters::SubscriptionCounters;
use super::list::{Handle, List};
use super::subscriber::Subscriber;
use crate::lock::Lock;

/// A subscriber of a [`Fanout`](super::Fanout): says what it gets. Dropping it ends it, and its stream.
pub struct Subscription {
    list: Arc<Lock<List>>,
    id: u64,
    // Dropped after it has left the list.
    subscriber: Handle,
}

impl Subscription {
    pub(super) const fn new(list: Arc<Lock<List>>, id: u64, subscriber: Handle) -> Self {
        Self { list, id, subscriber }
    }

    /// Gets `source` from its next key frame on; until then what it gets now goes on.
    pub fn switch_to(&self, source: SourceId) {
        let switch = |subscriber: &mut Subscriber| subscriber.rewriter.switch_to(source);
        self.list.lock().change(self.id, &self.subscriber, switch);
    }

    /// Gets nothing, until [`switch_to`](Self::switch_to).
    pub fn pause(&self) {
        self.list.lock().change(self.id, &self.subscriber, |subscriber| subscriber.rewriter.pause());
    }

    /// Gets layers up to this one: fewer from the next frame on, more from a frame on that can be decoded. At first all.
    pub fn set_max_layer(&self, layer: u8) {
        self.subscriber.lock().set_limit(layer);
    }

    /// The source that it gets.
    #[must_use]
    pub fn selected(&self) -> Option<SourceId> {
        self.subscriber.lock().rewriter.selected()
    }

    /// The source that it gets as soon as a key frame of it begins.
    #[must_use]
    pub fn waiting_for(&self) -> Option<SourceId> {
        self.subscriber.lock().rewriter.waiting_for()
    }

    /// Which packet has this sequence number in its stream: what a NACK of the subscriber means.
    #[must_use]
    pub fn source_of(&self, sequence_number: u16) -> Option<SourceNumber> {
        self.subscriber.lock().rewriter.source_of(sequence_number)
    }

    /// The SSRC of its stream.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.subscriber.lock().ssrc()
    }

    #[cfg(test)]
    pub(super) fn visits(&self) -> usize {
        self.subscriber.lock().visits
    }

    /// What became of the packets that came for it.
    #[must_use]
    pub fn counters(&self) -> SubscriptionCounters {
        self.subscriber.lock().counters
    }

    /// Why packets had no place in its stream, and how sources were joined.
    #[must_use]
    pub fn rewriter_counters(&self) -> RewriterCounters {
        *self.subscriber.lock().rewriter.counters()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.list.lock().remove(self.id);
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("ssrc", &self.ssrc())
            .field("selected", &self.selected())
            .field("waiting_for", &self.waiting_for())
            .finish_non_exhaustive()
    }
}
