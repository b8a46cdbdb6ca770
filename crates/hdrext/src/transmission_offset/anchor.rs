//! When the timestamps of a stream fall due.

use std::time::Duration;

use interceptor_core::packet::RtpClock;
use interceptor_core::packet::ext::TransmissionOffset;

/// A timestamp and the time of its packet; all other timestamps are told from it by the stream's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchor {
    clock: RtpClock,
    timestamp: u32,
    /// In nanoseconds since the chain began.
    nanos: u64,
}

impl Anchor {
    /// This packet's offset is zero.
    pub(crate) const fn new(clock: RtpClock, timestamp: u32, nanos: u64) -> Self {
        Self { clock, timestamp, nanos }
    }

    /// How much later than its timestamp says a packet leaves now. `None`: nothing is known that tells it, as the clock is another one
    /// or the timestamps have jumped.
    #[inline]
    pub(crate) const fn offset(
        &self,
        clock: RtpClock,
        timestamp: u32,
        nanos: u64,
    ) -> Option<TransmissionOffset> {
        if clock.rate() != self.clock.rate() {
            return None;
        }
        let elapsed = Duration::from_nanos(nanos.saturating_sub(self.nanos));
        let due = clock.advance(self.timestamp, elapsed);
        TransmissionOffset::new(RtpClock::difference(due, timestamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: RtpClock = RtpClock::new(90_000);
    const SECOND: u64 = 1_000_000_000;

    fn offset(anchor: Anchor, timestamp: u32, nanos: u64) -> Option<i32> {
        anchor.offset(CLOCK, timestamp, nanos).map(TransmissionOffset::units)
    }

    #[test]
    fn offsets_are_what_the_clock_has_gone_beyond_the_timestamp() {
        let anchor = Anchor::new(CLOCK, 1000, SECOND);
        assert_eq!(offset(anchor, 1000, SECOND), Some(0));
        assert_eq!(offset(anchor, 91_000, 2 * SECOND + SECOND / 100), Some(900));
        assert_eq!(offset(anchor, 91_000, 2 * SECOND - SECOND / 100), Some(-900));
    }

    #[test]
    fn they_hold_over_the_wrap_of_timestamps_however_often() {
        let anchor = Anchor::new(CLOCK, u32::MAX - 100, 0);
        assert_eq!(offset(anchor, 89_899, SECOND), Some(0));
        // 200 000 s are 18 · 10^9 units: four laps.
        let lapped = (u32::MAX - 100).wrapping_add((200_000_u64 * 90_000) as u32);
        assert_eq!(offset(anchor, lapped, 200_000 * SECOND), Some(0));
    }

    #[test]
    fn a_jump_or_another_clock_tells_nothing() {
        let anchor = Anchor::new(CLOCK, 0, 0);
        assert_eq!(offset(anchor, 0x80_0000, 0), Some(-0x80_0000));
        assert_eq!(offset(anchor, 0x80_0001, 0), None);
        assert_eq!(offset(anchor, 0, 94 * SECOND), None);
        assert_eq!(anchor.offset(RtpClock::new(48_000), 0, 0), None);
    }
}
