//! Bytes of an element whose length is not always the same.

use std::fmt;
use std::ops::Deref;

/// Up to 16 bytes without an allocation: as many as the one-byte form of RFC 8285 can carry.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct InlineBytes {
    /// Zero behind `len`, so that equal values are equal.
    bytes: [u8; Self::CAPACITY],
    len: u8,
}

impl InlineBytes {
    /// The most that fits.
    pub const CAPACITY: usize = 16;

    /// A copy of `bytes`; `None` when they are more than 16.
    #[inline]
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut copy = [0; Self::CAPACITY];
        copy.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self { bytes: copy, len: bytes.len() as u8 })
    }

    /// A copy of the first `len` of `bytes`, or of all when they are fewer.
    #[inline]
    pub(super) fn prefix(mut bytes: [u8; Self::CAPACITY], len: usize) -> Self {
        bytes.get_mut(len..).unwrap_or_default().fill(0);
        Self { bytes, len: len.min(Self::CAPACITY) as u8 }
    }
}

impl Deref for InlineBytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl AsRef<[u8]> for InlineBytes {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for InlineBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
