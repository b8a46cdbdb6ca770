//! Who subscribes, and to what.

use std::sync::Arc;

use interceptor_packet::{NtpTime, RtpPacket};
use interceptor_rewriter::SourceId;

use super::Forwarded;
use super::index::{Index, Source, Wanted};
use super::part::Part;
use super::subscriber::{Batch, Subscriber};
use crate::lock::Lock;
use crate::shared::now;

pub(super) type Handle = Arc<Lock<Subscriber>>;

/// Who subscribes, in order of coming, and who of them wants which source. Its lock is taken before a subscriber's.
#[derive(Debug, Default)]
pub(super) struct List {
    /// By their numbers.
    subscribers: Vec<(u64, Handle)>,
    last: u64,
    index: Index<Handle>,
    /// Empty between batches, as all that follows: kept for their buffers.
    parts: Vec<Part>,
    /// Who wants less since the batch, and wanted what before.
    changed: Vec<(u64, Handle, Wanted)>,
}

impl List {
    /// Adds one; returns its number.
    pub(super) fn add(&mut self, subscriber: &Handle) -> u64 {
        self.last += 1;
        self.subscribers.push((self.last, Arc::clone(subscriber)));
        self.last
    }

    pub(super) fn remove(&mut self, id: u64) {
        let Ok(place) = self.subscribers.binary_search_by_key(&id, |(id, _)| *id) else { return };
        let (_, subscriber) = self.subscribers.remove(place);
        let wanted = subscriber.lock().wanted();
        self.index.note(id, &subscriber, wanted, [None; 2]);
    }

    pub(super) const fn len(&self) -> usize {
        self.subscribers.len()
    }

    /// Changes what one wants.
    pub(super) fn change(&mut self, id: u64, handle: &Handle, change: impl FnOnce(&mut Subscriber)) {
        let mut subscriber = handle.lock();
        let before = subscriber.wanted();
        change(&mut subscriber);
        self.index.note(id, handle, before, subscriber.wanted());
    }

    /// Gives a batch to those who want its source.
    pub(super) fn forward(
        &mut self,
        source: SourceId,
        packets: &[RtpPacket],
        parts: &[Part],
        thin_above: usize,
    ) -> Forwarded {
        let mut forwarded = Forwarded::default();
        let Some(Source { takers, early }) = self.index.source_mut(source) else { return forwarded };
        let now = now();
        for (id, handle) in takers {
            let mut subscriber = handle.lock();
            let before = subscriber.wanted();
            let waits = subscriber.rewriter.waiting_for() == Some(source);
            let (packets, parts) = if waits { early.sort(packets, parts) } else { (packets, parts) };
            forwarded.packets += subscriber.give(Batch { source, packets, parts, now, thin_above });
            forwarded.key_frame_wanted |= subscriber.rewriter.waiting_for() == Some(source);
            if subscriber.wanted() != before {
                self.changed.push((*id, Arc::clone(handle), before));
            }
        }
        early.end();
        for (id, handle, before) in self.changed.drain(..) {
            let after = handle.lock().wanted();
            self.index.note(id, &handle, before, after);
        }
        forwarded
    }

    /// Tells all, whatever they want: the report counts at a later switch, too.
    pub(super) fn sender_report(&self, source: SourceId, ntp: NtpTime, rtp: u32) {
        for (_, subscriber) in &self.subscribers {
            subscriber.lock().rewriter.sender_report(source, ntp, rtp);
        }
    }

    /// A buffer for what the packets of a batch are.
    pub(super) fn take_parts(&mut self) -> Vec<Part> {
        std::mem::take(&mut self.parts)
    }

    pub(super) fn keep_parts(&mut self, mut parts: Vec<Part>) {
        parts.clear();
        self.parts = parts;
    }
}
