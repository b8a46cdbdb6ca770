//! What streams send, smoothed over a second.

/// The average's memory, in seconds.
const MEMORY: f64 = 1.0;

/// Bits per second, from bytes that are added as they leave: a packet costs an addition.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RateMeter {
    bytes: u64,
    bits_per_second: f64,
    /// Seconds that it has seen, up to its memory.
    seen: f64,
}

impl RateMeter {
    #[inline]
    pub(crate) const fn add(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// So many seconds have passed since the last time.
    pub(crate) fn pass(&mut self, seconds: f64) {
        if seconds <= 0.0 {
            return;
        }
        let rate = std::mem::take(&mut self.bytes) as f64 * 8.0 / seconds;
        self.seen = (self.seen + seconds).min(MEMORY);
        self.bits_per_second += (rate - self.bits_per_second) * (seconds / self.seen).min(1.0);
    }

    pub(crate) fn bits_per_second(&self) -> u64 {
        self.bits_per_second as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_steady_rate_from_the_first_moment_and_follows_within_seconds() {
        let mut meter = RateMeter::default();
        meter.add(12_500);
        meter.pass(0.1);
        assert_eq!(meter.bits_per_second(), 1_000_000);
        for _ in 0..50 {
            meter.pass(0.1);
        }
        assert!(meter.bits_per_second() < 10_000, "{meter:?}");
        meter.pass(0.0);
    }
}
