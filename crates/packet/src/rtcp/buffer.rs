//! Memory that packets are written into, one behind the other.

use bytes::{BufMut, Bytes, BytesMut};

use crate::BuildError;

const HEADER_LEN: usize = 4;
/// A 16-bit length field of words, less one.
pub(super) const MAX_PACKET_LEN: usize = 4 * (u16::MAX as usize + 1);
/// Larger than this a piece of memory grows only for a datagram that needs it.
const MAX_KEPT: usize = 64 * 1024;

/// Has its memory back when the datagrams that were written into it are gone.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    /// The present datagram, and the free memory behind it.
    bytes: BytesMut,
    /// Bytes of the present piece of memory, with those of earlier datagrams.
    size: usize,
}

impl Buffer {
    pub(super) fn with_capacity(size: usize) -> Self {
        Self { bytes: BytesMut::with_capacity(size), size }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    #[cfg(feature = "rtcp")]
    pub(super) fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// What has been written; the buffer is empty again.
    pub(super) fn split(&mut self) -> Bytes {
        self.bytes.split().freeze()
    }

    /// Writes a packet: its header and `body`, which are whole words. `body_len` may fall short of what the body has.
    pub(super) fn packet(
        &mut self,
        (packet_type, count): (u8, u8),
        body_len: usize,
        body: impl FnOnce(&mut Self),
    ) -> Result<(), BuildError> {
        let start = self.len();
        self.reserve(HEADER_LEN + body_len);
        self.put(&[0x80 | count, packet_type, 0, 0]);
        body(self);
        let len = self.len() - start;
        let Ok(words) = u16::try_from(len / 4 - 1) else {
            self.bytes.truncate(start);
            let what = "bytes in an RTCP packet";
            return Err(BuildError::TooMany { what, count: len, max: MAX_PACKET_LEN });
        };
        if let Some(length) = self.bytes.get_mut(start + 2..start + 4) {
            length.copy_from_slice(&words.to_be_bytes());
        }
        Ok(())
    }

    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.bytes.put_slice(bytes);
    }

    pub(super) fn put_words(&mut self, words: impl IntoIterator<Item = u32>) {
        for word in words {
            self.put(&word.to_be_bytes());
        }
    }

    /// Appends null octets, and gives them.
    pub(super) fn put_zeros(&mut self, count: usize) -> &mut [u8] {
        self.reserve(count);
        let start = self.len();
        self.bytes.put_bytes(0, count);
        self.bytes.get_mut(start..).unwrap_or_default()
    }

    /// Each datagram asks for all of the memory, as it can only come back as a whole. While earlier ones hold it and it is
    /// full, twice as much is taken: so a burst that comes again and again will be in one piece in the end.
    fn reserve(&mut self, bytes: usize) {
        let whole = self.bytes.is_empty() && self.bytes.try_reclaim(self.size.max(bytes));
        if whole || self.bytes.try_reclaim(bytes) {
            return;
        }
        let needed = self.len() + bytes;
        // What is written in small pieces is copied a few times only, however long it becomes.
        let needed = if needed > MAX_KEPT { needed.next_power_of_two() } else { needed };
        self.size = (2 * self.size).min(MAX_KEPT).max(needed);
        let mut larger = BytesMut::with_capacity(self.size);
        larger.extend_from_slice(&self.bytes);
        self.bytes = larger;
    }
}
