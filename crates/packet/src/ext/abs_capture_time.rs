//! When the media of a packet was captured (webrtc.org abs-capture-time).

use super::{HeaderExtension, InlineBytes};
use crate::NtpTime;

/// When the first frame in a packet was captured: on the clock of the system that captured it, which need not be the one
/// that sends it. 8 bytes, or 16 with an offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AbsCaptureTime {
    /// The capture system's clock, the one of its sender reports.
    pub timestamp: NtpTime,
    /// What the sender believes the capture system's clock to be ahead of its own: seconds in units of 2^-32, with sign.
    /// `None` when it does not know; 0 when it is the capture system.
    pub clock_offset: Option<i64>,
}

impl AbsCaptureTime {
    /// The moment of the capture on the clock of who sends the packet, which is the one of its sender reports; `None`
    /// when it does not know.
    #[must_use]
    pub const fn on_sender_clock(self) -> Option<NtpTime> {
        let Some(offset) = self.clock_offset else { return None };
        Some(NtpTime::from_bits(self.timestamp.to_bits().wrapping_sub(offset.cast_unsigned())))
    }
}

impl HeaderExtension for AbsCaptureTime {
    const URI: &'static str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
    const MAX_LEN: usize = 16;
    type Bytes = InlineBytes;

    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        let (timestamp, offset) = value.split_first_chunk()?;
        let clock_offset =
            if offset.is_empty() { None } else { Some(i64::from_be_bytes(offset.try_into().ok()?)) };
        Some(Self { timestamp: NtpTime::from_bits(u64::from_be_bytes(*timestamp)), clock_offset })
    }

    #[inline]
    fn to_bytes(&self) -> InlineBytes {
        let both = u128::from(self.timestamp.to_bits()) << 64
            | u128::from(self.clock_offset.unwrap_or_default().cast_unsigned());
        InlineBytes::prefix(both.to_be_bytes(), if self.clock_offset.is_some() { 16 } else { 8 })
    }
}
