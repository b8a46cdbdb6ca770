//! A batch of received datagrams.

use bytes::Bytes;
use interceptor_packet::Ecn;

/// Datagrams that a [`TransportReceiver`](crate::TransportReceiver) has received. Reused from batch to batch.
#[derive(Debug, Default)]
pub struct Datagrams {
    list: Vec<(Bytes, Option<Ecn>)>,
    rejected: usize,
}

impl Datagrams {
    /// An empty batch.
    #[must_use]
    pub const fn new() -> Self {
        Self { list: Vec::new(), rejected: 0 }
    }

    /// Adds a datagram with the ECN bits of its IP header, `None` if unknown. Packets keep parts of `datagram` alive
    /// as long as they live: give them a buffer of their own rather than a slice of a large one.
    #[inline]
    pub fn push(&mut self, datagram: Bytes, ecn: Option<Ecn>) {
        self.list.push((datagram, ecn));
    }

    /// Counts a datagram that did not come from the peer and was dropped.
    pub const fn reject(&mut self) {
        self.rejected += 1;
    }

    /// Datagrams in the batch.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.list.len()
    }

    /// Is there none?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Takes the datagrams out, in order of arrival.
    pub fn drain(&mut self) -> impl Iterator<Item = (Bytes, Option<Ecn>)> + '_ {
        self.list.drain(..)
    }

    /// Has anything been rejected since it was last asked?
    pub(crate) const fn has_rejected(&self) -> bool {
        self.rejected > 0
    }

    /// Datagrams rejected since this was last asked.
    pub(crate) const fn take_rejected(&mut self) -> usize {
        std::mem::replace(&mut self.rejected, 0)
    }
}
