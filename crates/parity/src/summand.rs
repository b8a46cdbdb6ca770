//! A packet as it counts in a sum.

use interceptor_packet::fec::RecoveryFields;

/// A packet as it counts in a sum: borrowed, made once, and added to as many sums as protect it.
#[derive(Clone, Copy, Debug)]
pub struct Summand<'a> {
    pub(crate) fields: RecoveryFields,
    /// CSRCs and extension block, mutable extensions zeroed.
    pub(crate) head: &'a [u8],
    pub(crate) payload: &'a [u8],
}

impl<'a> Summand<'a> {
    /// A packet whose payload alone is protected, with its payload type and timestamp (ST 2022-1).
    #[inline]
    #[must_use]
    pub fn payload_of(header: &[u8], payload: &'a [u8]) -> Self {
        let mut fields = fields_of(header, payload.len());
        // CSRCs, extension and padding bits, marker.
        fields.first = [0, fields.first[1] & 0x7f];
        Self { fields, head: &[], payload }
    }

    /// Its share in the sums over the fixed headers.
    #[inline]
    #[must_use]
    pub const fn fields(&self) -> RecoveryFields {
        self.fields
    }

    /// Bytes that a sum needs to hold it.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.head.len() + self.payload.len()
    }

    /// Has it nothing behind its fixed header?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What the fixed header says of itself, and of the `len` bytes behind it.
#[inline]
pub(crate) fn fields_of(header: &[u8], len: usize) -> RecoveryFields {
    match *header {
        [a, b, _, _, t0, t1, t2, t3, ..] => RecoveryFields {
            first: [a & 0x3f, b],
            // No datagram is longer.
            length: len as u16,
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
        },
        _ => RecoveryFields::default(),
    }
}
