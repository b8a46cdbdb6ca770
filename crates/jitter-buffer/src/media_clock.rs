//! RTP timestamps as nanoseconds on a line that does not end.

const SECOND: i64 = 1_000_000_000;

/// The media clock of a stream. Its origin is arbitrary; it runs on when the clock rate changes (RFC 7160).
#[derive(Debug)]
pub(crate) struct MediaClock {
    /// Timestamp units a second; 0: unknown.
    rate: u32,
    /// A timestamp near the newest, and its time. Moves by whole seconds, so nothing is rounded twice.
    timestamp: u32,
    nanos: i64,
}

impl MediaClock {
    pub(crate) const fn new(rate: u32) -> Self {
        Self { rate, timestamp: 0, nanos: 0 }
    }

    pub(crate) const fn rate(&self) -> u32 {
        self.rate
    }

    /// From now on `timestamp` stands for `nanos`, and timestamps run at `rate`.
    pub(crate) const fn anchor(&mut self, rate: u32, timestamp: u32, nanos: i64) {
        (self.rate, self.timestamp, self.nanos) = (rate, timestamp, nanos);
    }

    /// The time of a timestamp, the short way round from those before it.
    #[inline]
    pub(crate) fn nanos(&self, timestamp: u32) -> i64 {
        let units = i64::from(timestamp.wrapping_sub(self.timestamp).cast_signed());
        // Below 2^31 · 10^9, which 63 bits hold.
        self.nanos.saturating_add((units * SECOND).checked_div(i64::from(self.rate)).unwrap_or(0))
    }

    /// Others will follow this timestamp.
    #[inline]
    pub(crate) fn advance(&mut self, timestamp: u32) {
        let units = timestamp.wrapping_sub(self.timestamp).cast_signed();
        if i64::from(units.unsigned_abs()) >= i64::from(self.rate) && self.rate > 0 {
            self.move_on(units);
        }
    }

    fn move_on(&mut self, units: i32) {
        let seconds = i64::from(units) / i64::from(self.rate);
        self.timestamp = self.timestamp.wrapping_add((seconds * i64::from(self.rate)) as u32);
        self.nanos = self.nanos.saturating_add(seconds * SECOND);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_over_wraps_without_rounding_twice() {
        let mut clock = MediaClock::new(90_000);
        let start: u32 = u32::MAX - 1_000_000;
        clock.anchor(90_000, start, 7);
        for frame in 0..200_000_u32 {
            let timestamp = start.wrapping_add(frame * 3000);
            let exact = 7 + i64::from(frame) * SECOND / 30;
            assert_eq!(clock.nanos(timestamp), exact);
            clock.advance(timestamp);
        }
    }

    #[test]
    fn goes_back_as_well_and_knows_no_time_without_a_rate() {
        let mut clock = MediaClock::new(8000);
        clock.anchor(8000, 100, 0);
        clock.advance(100_u32.wrapping_sub(80_000));
        assert_eq!(clock.nanos(100_u32.wrapping_sub(80_000)), -10 * SECOND);
        assert_eq!(clock.nanos(100), 0);
        let mut unknown = MediaClock::new(0);
        unknown.advance(u32::MAX / 2);
        assert_eq!(unknown.nanos(12_345), 0);
        let mut slow = MediaClock::new(1);
        for timestamp in [i32::MAX as u32, u32::MAX, 5, 0x8000_0005] {
            slow.advance(timestamp);
            let _ = slow.nanos(timestamp.wrapping_add(0x8000_0000));
        }
    }
}
