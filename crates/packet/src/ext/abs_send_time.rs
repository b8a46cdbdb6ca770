//! When a packet left its sender (webrtc.org abs-send-time).

use super::HeaderExtension;
use crate::NtpTime;

const BITS: u32 = 24;
const MASK: u32 = (1 << BITS) - 1;
/// 2^-18 s in units of [`NtpTime`], as a power of two.
const UNIT_SHIFT: u32 = 14;

/// The sender's clock when the packet left: seconds modulo 64, in units of 2^-18 s (3.8 µs).
///
/// It is the middle 24 bits of an NTP time, of which only differences mean anything: any clock that runs evenly will do.
/// There is no order, as there is none on a circle; [`difference`](Self::difference) goes the short way round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AbsSendTime(u32);

impl AbsSendTime {
    /// Units in a second.
    pub const UNITS_PER_SECOND: u32 = 1 << 18;

    /// Of an NTP time, rounded down.
    #[inline]
    #[must_use]
    pub const fn from_ntp(time: NtpTime) -> Self {
        Self(time.abs_send_time())
    }

    /// Of the 24 bits on the wire; higher bits are ignored.
    #[inline]
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits & MASK)
    }

    /// The 24 bits on the wire.
    #[inline]
    #[must_use]
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// The NTP time nearest to `near` that this stands for: right if the two are less than 32 s apart.
    #[inline]
    #[must_use]
    pub const fn to_ntp(self, near: NtpTime) -> NtpTime {
        let units = self.difference(Self::from_ntp(near)) as i64;
        let whole = near.to_bits() >> UNIT_SHIFT << UNIT_SHIFT;
        NtpTime::from_bits(whole.wrapping_add_signed(units << UNIT_SHIFT))
    }

    /// Units of 2^-18 s from `earlier` to `self`, negative when `earlier` is later: −2^23..2^23, right for less than 32 s.
    #[inline]
    #[must_use]
    pub const fn difference(self, earlier: Self) -> i32 {
        const UNUSED: u32 = u32::BITS - BITS;
        // The shifts bring the sign of 24 bits along.
        (self.0.wrapping_sub(earlier.0) << UNUSED).cast_signed() >> UNUSED
    }

    /// [`difference`](Self::difference) in nanoseconds, rounded towards zero.
    #[inline]
    #[must_use]
    pub const fn nanos_since(self, earlier: Self) -> i64 {
        self.difference(earlier) as i64 * 1_000_000_000 / Self::UNITS_PER_SECOND as i64
    }
}

impl HeaderExtension for AbsSendTime {
    const URI: &'static str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    const MAX_LEN: usize = 3;
    type Bytes = [u8; 3];

    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        let [a, b, c] = value.try_into().ok()?;
        Some(Self(u32::from_be_bytes([0, a, b, c])))
    }

    #[inline]
    fn to_bytes(&self) -> [u8; 3] {
        let [_, bytes @ ..] = self.0.to_be_bytes();
        bytes
    }
}
