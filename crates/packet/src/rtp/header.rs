//! The header's fields, read and changed in its bytes.

use super::{CSRC_COUNT_MASK, DEFAULT_HEADER, FIXED_HEADER_LEN, MARKER_BIT, RtpPacket};

impl RtpPacket {
    /// Sequence number; +1 a packet, wraps at 65 535.
    #[inline]
    #[must_use]
    pub fn sequence_number(&self) -> u16 {
        let [_, _, a, b, ..] = *self.fixed();
        u16::from_be_bytes([a, b])
    }

    /// Changes the sequence number.
    #[inline]
    pub fn set_sequence_number(&mut self, sequence_number: u16) {
        self.put(2, sequence_number.to_be_bytes());
    }

    /// Timestamp in units of the stream's clock; wraps at 2^32.
    #[inline]
    #[must_use]
    pub fn timestamp(&self) -> u32 {
        let [_, _, _, _, a, b, c, d, ..] = *self.fixed();
        u32::from_be_bytes([a, b, c, d])
    }

    /// Changes the timestamp.
    #[inline]
    pub fn set_timestamp(&mut self, timestamp: u32) {
        self.put(4, timestamp.to_be_bytes());
    }

    /// Synchronisation source.
    #[inline]
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        let [.., a, b, c, d] = *self.fixed();
        u32::from_be_bytes([a, b, c, d])
    }

    /// Changes the synchronisation source.
    #[inline]
    pub fn set_ssrc(&mut self, ssrc: u32) {
        self.put(8, ssrc.to_be_bytes());
    }

    /// Payload type, 0..=127.
    #[inline]
    #[must_use]
    pub fn payload_type(&self) -> u8 {
        self.fixed()[1] & !MARKER_BIT
    }

    /// Changes the payload type; the top bit of `payload_type` is ignored.
    #[inline]
    pub fn set_payload_type(&mut self, payload_type: u8) {
        let marker = self.fixed()[1] & MARKER_BIT;
        self.put(1, [marker | (payload_type & !MARKER_BIT)]);
    }

    /// Marker bit; its meaning is the payload format's (last packet of a frame for video).
    #[inline]
    #[must_use]
    pub fn marker(&self) -> bool {
        self.fixed()[1] & MARKER_BIT != 0
    }

    /// Changes the marker bit.
    #[inline]
    pub fn set_marker(&mut self, marker: bool) {
        let marker = if marker { MARKER_BIT } else { 0 };
        let payload_type = self.payload_type();
        self.put(1, [marker | payload_type]);
    }

    /// Contributing sources, in order; at most 15.
    pub fn csrcs(&self) -> impl Iterator<Item = u32> + '_ {
        let bytes = self.header.get(FIXED_HEADER_LEN..self.csrc_end()).unwrap_or_default();
        bytes.as_chunks::<4>().0.iter().map(|csrc| u32::from_be_bytes(*csrc))
    }

    #[inline]
    pub(super) fn fixed(&self) -> &[u8; FIXED_HEADER_LEN] {
        self.header.first_chunk().unwrap_or(&DEFAULT_HEADER)
    }

    #[inline]
    pub(super) fn put<const N: usize>(&mut self, at: usize, value: [u8; N]) {
        if let Some(field) = self.header.get_mut(at..at + N) {
            field.copy_from_slice(&value);
        }
    }

    #[inline]
    pub(super) fn csrc_end(&self) -> usize {
        csrc_end(self.fixed()[0])
    }
}

/// Where the CSRCs end, from a header's first byte.
#[inline]
pub(super) const fn csrc_end(first: u8) -> usize {
    FIXED_HEADER_LEN + 4 * (first & CSRC_COUNT_MASK) as usize
}
