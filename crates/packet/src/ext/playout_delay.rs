//! How long a receiver may hold video back (webrtc.org playout-delay).

use std::time::Duration;

use super::HeaderExtension;

const UNIT_MILLIS: u64 = 10;
const MAX_UNITS: u16 = 0xfff;

/// Bounds of the time between the capture of a frame and its display, in steps of 10 ms, 0..=40 950 ms.
///
/// Bounds of 0 and 0 ask to show each frame as soon as it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PlayoutDelay {
    /// In units of 10 ms.
    min: u16,
    max: u16,
}

impl PlayoutDelay {
    /// The longest delay that can be said.
    pub const MAX: Duration = Duration::from_millis(UNIT_MILLIS * MAX_UNITS as u64);

    /// Bounds, both rounded down to 10 ms; `None` when `min` is more than `max`, or `max` more than 40 950 ms.
    #[must_use]
    pub fn new(min: Duration, max: Duration) -> Option<Self> {
        let units = |delay: Duration| {
            let units = delay.as_millis() / u128::from(UNIT_MILLIS);
            u16::try_from(units).ok().filter(|units| *units <= MAX_UNITS)
        };
        if min > max {
            return None;
        }
        Some(Self { min: units(min)?, max: units(max)? })
    }

    /// The least delay.
    #[inline]
    #[must_use]
    pub const fn min(self) -> Duration {
        Duration::from_millis(UNIT_MILLIS * self.min as u64)
    }

    /// The longest delay.
    #[inline]
    #[must_use]
    pub const fn max(self) -> Duration {
        Duration::from_millis(UNIT_MILLIS * self.max as u64)
    }
}

impl HeaderExtension for PlayoutDelay {
    const URI: &'static str = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
    const MAX_LEN: usize = 3;
    type Bytes = [u8; 3];

    /// `None` also when the least is more than the longest, as libwebrtc has it.
    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        let [a, b, c] = value.try_into().ok()?;
        let word = u32::from_be_bytes([0, a, b, c]);
        let (min, max) = ((word >> 12) as u16, word as u16 & MAX_UNITS);
        (min <= max).then_some(Self { min, max })
    }

    #[inline]
    fn to_bytes(&self) -> [u8; 3] {
        let [_, bytes @ ..] = (u32::from(self.min) << 12 | u32::from(self.max)).to_be_bytes();
        bytes
    }
}
