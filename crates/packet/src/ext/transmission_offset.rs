//! How much later than its timestamp says a packet was sent (RFC 5450).

use super::HeaderExtension;

/// What to add to a packet's timestamp to get the moment that it was sent, in units of the stream's clock: 24 bits with
/// sign (RFC 5450 §3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TransmissionOffset(i32);

impl TransmissionOffset {
    /// The largest offset: 93 s of a 90 kHz clock.
    pub const MAX: i32 = 0x7f_ffff;
    /// The smallest offset.
    pub const MIN: i32 = -0x80_0000;

    /// An offset of `units`; `None` outside of −8 388 608..=8 388 607.
    #[inline]
    #[must_use]
    pub const fn new(units: i32) -> Option<Self> {
        if units < Self::MIN || units > Self::MAX { None } else { Some(Self(units)) }
    }

    /// Units of the stream's clock.
    #[inline]
    #[must_use]
    pub const fn units(self) -> i32 {
        self.0
    }

    /// The moment of sending on the stream's clock, of a packet with this timestamp.
    #[inline]
    #[must_use]
    pub const fn sent(self, timestamp: u32) -> u32 {
        timestamp.wrapping_add_signed(self.0)
    }
}

impl HeaderExtension for TransmissionOffset {
    const URI: &'static str = "urn:ietf:params:rtp-hdrext:toffset";
    const MAX_LEN: usize = 3;
    type Bytes = [u8; 3];

    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        let [a, b, c] = value.try_into().ok()?;
        // The shift brings the sign along.
        Some(Self(i32::from_be_bytes([a, b, c, 0]) >> 8))
    }

    #[inline]
    fn to_bytes(&self) -> [u8; 3] {
        let [_, bytes @ ..] = self.0.to_be_bytes();
        bytes
    }
}
