//! A batch of received datagrams.

use std::net::SocketAddr;

use bytes::Bytes;
use interceptor_packet::{Ecn, Kind, classify};

/// Datagrams that a [`TransportReceiver`](crate::TransportReceiver) has received. Reused from batch to batch.
#[derive(Debug, Default)]
pub struct Datagrams {
    list: Vec<Received>,
    bytes: usize,
    rejected: usize,
    overrun: usize,
}

/// A datagram as it came, with what the transport knows of it. A transport around another takes it out with
/// [`drain_received`](Datagrams::drain_received), changes what it must, and hands it on with
/// [`push_received`](Datagrams::push_received).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Received {
    /// Its bytes: of a buffer of their own rather than a slice of a large one, which would live as long as they do.
    pub bytes: Bytes,
    /// What it is to be read as.
    pub kind: Kind,
    /// The ECN bits of its IP header; `None`: unknown.
    pub ecn: Option<Ecn>,
    /// Where it came from; `None`: unknown, as over a transport whose one peer has no address.
    pub from: Option<SocketAddr>,
    /// Which of several networks it came over; 0, the first, unless there are several
    /// ([`SessionBuilder::path`](crate::SessionBuilder::path)).
    pub path: u8,
    /// It came from somebody who is not the peer. Only what is of another protocol comes so: see
    /// [`RawDatagram::stranger`](crate::RawDatagram::stranger).
    pub stranger: bool,
}

impl Received {
    /// A datagram of whom the transport knows nothing more, to be read as [`classify`] says.
    #[inline]
    #[must_use]
    pub fn new(bytes: Bytes) -> Self {
        let kind = classify(&bytes);
        Self { bytes, kind, ecn: None, from: None, path: 0, stranger: false }
    }
}

/// An empty batch keeps room for this many.
const KEEP: usize = 128;

impl Datagrams {
    /// An empty batch.
    #[must_use]
    pub const fn new() -> Self {
        Self { list: Vec::new(), bytes: 0, rejected: 0, overrun: 0 }
    }

    /// Adds a datagram with the ECN bits of its IP header, `None` if unknown. Packets keep parts of `datagram` alive
    /// as long as they live: give them a buffer of their own rather than a slice of a large one.
    #[inline]
    pub fn push(&mut self, datagram: Bytes, ecn: Option<Ecn>) {
        let kind = classify(&datagram);
        self.push_as(datagram, kind, ecn);
    }

    /// [`push`](Self::push), of a datagram that came from this address: what is neither RTP nor RTCP is read with it.
    #[inline]
    pub fn push_from(&mut self, datagram: Bytes, ecn: Option<Ecn>, from: SocketAddr) {
        let kind = classify(&datagram);
        let (from, path, stranger) = (Some(from), 0, false);
        self.push_received(Received { bytes: datagram, kind, ecn, from, path, stranger });
    }

    /// [`push`](Self::push), of a datagram that is known to be of this kind: [`push`](Self::push) tells RTP and RTCP apart as
    /// if they shared a port (RFC 5761). Where they do not, media may have any payload type, and what is RTCP the port says.
    #[inline]
    pub fn push_as(&mut self, datagram: Bytes, kind: Kind, ecn: Option<Ecn>) {
        let (from, path, stranger) = (None, 0, false);
        self.push_received(Received { bytes: datagram, kind, ecn, from, path, stranger });
    }

    /// Adds a datagram with all that is known of it.
    #[inline]
    pub fn push_received(&mut self, received: Received) {
        self.bytes += received.bytes.len();
        self.list.push(received);
    }

    /// Counts a datagram that was dropped: it did not come from the peer, or not whole.
    pub const fn reject(&mut self) {
        self.rejected += 1;
    }

    /// Counts datagrams of the peer that the transport dropped because the session was too slow for them.
    pub const fn overrun(&mut self, count: usize) {
        self.overrun += count;
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
        self.drain_received().map(|received| (received.bytes, received.ecn))
    }

    /// Takes the datagrams out, in order of arrival, with what each is to be read as.
    pub fn drain_as(&mut self) -> impl Iterator<Item = (Bytes, Kind, Option<Ecn>)> + '_ {
        self.drain_received().map(|received| (received.bytes, received.kind, received.ecn))
    }

    /// Takes the datagrams out, in order of arrival, with all that is known of them.
    pub fn drain_received(&mut self) -> impl Iterator<Item = Received> + '_ {
        self.bytes = 0;
        self.list.drain(..)
    }

    /// All have come over this path.
    pub(super) fn set_path(&mut self, path: u8) {
        self.list.iter_mut().for_each(|received| received.path = path);
    }

    /// Has anything been rejected or overrun since it was last asked?
    pub(crate) const fn has_dropped(&self) -> bool {
        self.rejected > 0 || self.overrun > 0
    }

    /// Datagrams rejected since this was last asked.
    pub(crate) const fn take_rejected(&mut self) -> usize {
        std::mem::replace(&mut self.rejected, 0)
    }

    /// Datagrams overrun since this was last asked.
    pub(crate) const fn take_overrun(&mut self) -> usize {
        std::mem::replace(&mut self.overrun, 0)
    }
}
