//! Out of the scratch buffer, into buffers of the size that datagrams need.

use bytes::{Bytes, BytesMut};

/// Large datagrams of one batch share buffers of at most this size: fewer allocations, yet a packet that is kept keeps
/// no more than this alive.
const SHARED_BYTES: usize = 16 * 1024;

/// Smaller datagrams (audio, RTCP, STUN) have buffers of their own: allocators are quick with those, and a small packet
/// that is kept must not keep a large buffer.
const OWN_BYTES: usize = 1024;

/// Copies the datagrams of one batch of a [`BatchSocket`](crate::BatchSocket) out of where they lie.
#[derive(Debug)]
pub struct Copier {
    shared: BytesMut,
    /// Bytes that are still to come of those that may share a buffer.
    rest: usize,
}

impl Copier {
    /// For datagrams of so many bytes in all.
    pub(super) fn new(total: usize) -> Self {
        Self { shared: BytesMut::new(), rest: total }
    }

    /// Into a buffer of its own, or one that it shares with a few others of the batch.
    #[inline]
    pub fn copy(&mut self, datagram: &[u8]) -> Bytes {
        let rest = self.rest;
        self.rest = rest.saturating_sub(datagram.len());
        let fits = self.shared.capacity() >= datagram.len();
        if datagram.len() <= OWN_BYTES || (datagram.len() == rest && !fits) {
            return Bytes::copy_from_slice(datagram);
        }
        if !fits {
            self.shared = BytesMut::with_capacity(rest.min(SHARED_BYTES).max(datagram.len()));
        }
        self.shared.extend_from_slice(datagram);
        self.shared.split().freeze()
    }
}
