//! Bytes of a layer, as many as the capture has, and how many there were on the wire.

use super::Frame;

/// What a layer holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span<'a> {
    pub(super) data: &'a [u8],
    /// At least what `data` has.
    pub(super) wire_len: usize,
}

impl<'a> Span<'a> {
    pub(super) const fn new(data: &'a [u8], wire_len: usize) -> Self {
        let wire_len = if wire_len < data.len() { data.len() } else { wire_len };
        Self { data, wire_len }
    }

    /// What follows the first `len` bytes; `None`: the capture does not have them all.
    #[inline]
    pub(super) fn behind(self, len: usize) -> Option<Self> {
        let data = self.data.get(len..)?;
        Some(Self::new(data, self.wire_len - len))
    }

    /// The first `wire_len` bytes of it: what stands behind is padding. A header's word counts for more than the length
    /// of the frame, which fragments and cut packets fall short of.
    #[inline]
    pub(super) fn of_len(self, wire_len: usize) -> Self {
        let data = self.data.get(..wire_len).unwrap_or(self.data);
        Self { data, wire_len }
    }

    /// What to say when bytes are missing: the capture cut them off, or they never were there.
    pub(super) const fn missing(self) -> Frame<'a> {
        if self.data.len() < self.wire_len { Frame::Cut } else { Frame::Other }
    }

    #[inline]
    pub(super) fn byte(self, at: usize) -> Option<u8> {
        self.data.get(at).copied()
    }

    /// Two bytes at `at`, in network order.
    #[inline]
    pub(super) fn half(self, at: usize) -> Option<u16> {
        self.data.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
    }

    /// Four bytes at `at`, in network order.
    pub(super) fn word(self, at: usize) -> Option<u32> {
        self.data.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
    }
}
