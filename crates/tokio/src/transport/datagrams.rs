//! A batch of received datagrams.

use bytes::Bytes;
use interceptor_packet::{Ecn, Kind, classify};

/// Datagrams that a [`TransportReceiver`](crate::TransportReceiver) has received. Reused from batch to batch.
#[derive(Debug, Default)]
pub struct Datagrams {
    list: Vec<(Bytes, Kind, Option<Ecn>)>,
    bytes: usize,
    rejected: usize,
}

/// An empty batch keeps room for this many.
const KEEP: usize = 128;

impl Datagrams {
    /// An empty batch.
    #[must_use]
    pub const fn new() -> Self {
        Self { list: Vec::new(), bytes: 0, rejected: 0 }
    }

    /// Adds a datagram with the ECN bits of its IP header, `None` if unknown. Packets keep parts of `datagram` alive
    /// as long as they live: give them a buffer of their own rather than a slice of a large one.
    #[inline]
    pub fn push(&mut self, datagram: Bytes, ecn: Option<Ecn>) {
        let kind = classify(&datagram);
        self.push_as(datagram, kind, ecn);
    }

    /// [`push`](Self::push), of a datagram that is known to be of this kind: [`push`](Self::push) tells RTP and RTCP apart as
    /// if they shared a port (RFC 5761). Where they do not, media may have any payload type, and what is RTCP the port says.
    #[inline]
    pub fn push_as(&mut self, datagram: Bytes, kind: Kind, ecn: Option<Ecn>) {
        self.bytes += datagram.len();
        self.list.push((datagram, kind, ecn));
    }

    /// Counts a datagram that was dropped: it did not come from the peer, or not whole.
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

    /// Their bytes in all.
    #[must_use]
    pub const fn len_bytes(&self) -> usize {
        self.bytes
    }

    /// Gives back what a burst has taken.
    pub(crate) fn shrink(&mut self) {
        if self.list.is_empty() && self.list.capacity() > KEEP {
            self.list = Vec::new();
        }
    }

    /// Takes the datagrams out, in order of arrival.
    pub fn drain(&mut self) -> impl Iterator<Item = (Bytes, Option<Ecn>)> + '_ {
        self.drain_as().map(|(datagram, _, ecn)| (datagram, ecn))
    }

    /// Takes the datagrams out, in order of arrival, with what each is to be read as.
    pub fn drain_as(&mut self) -> impl Iterator<Item = (Bytes, Kind, Option<Ecn>)> + '_ {
        self.bytes = 0;
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
