//! When feedback leaves: as often as a part of the received rate allows.

use crate::TwccOptions;

/// What a feedback is taken to cost on the wire: IP and UDP headers, and some 40 bytes (libwebrtc).
const FEEDBACK_BITS: f64 = 68.0 * 8.0;
/// The rate is measured over at least so long.
const WINDOW_NANOS: u64 = 250_000_000;

/// Times are nanoseconds since the chain began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    min: u64,
    max: u64,
    first: u64,
    share: f64,
    /// Bytes received since then.
    bytes: u64,
    since: u64,
    /// When the last packet came.
    last_packet: Option<u64>,
    last_feedback: Option<u64>,
    interval: u64,
}

impl Pace {
    pub(crate) fn new(options: &TwccOptions) -> Self {
        let first = options.first_interval.as_nanos() as u64;
        Self {
            min: options.min_interval.as_nanos() as u64,
            max: options.max_interval.as_nanos() as u64,
            first,
            share: options.bandwidth_share,
            bytes: 0,
            since: 0,
            last_packet: None,
            last_feedback: None,
            interval: first,
        }
    }

    /// A packet came. After a silence its rate is not known yet.
    #[inline]
    pub(crate) fn receive(&mut self, bytes: usize, now: u64) {
        let silent = self.last_packet.is_none_or(|last| now.saturating_sub(last) > self.max);
        if silent {
            (self.bytes, self.since, self.interval) = (0, now, self.first);
        }
        self.last_packet = Some(now);
        self.bytes += bytes as u64;
    }

    /// When the next feedback is due, for what waits from now on: at once after a silence.
    pub(crate) fn due(&self, now: u64) -> u64 {
        self.after_last(self.interval, now)
    }

    /// When it may leave at the earliest, if it is asked for.
    pub(crate) fn earliest(&self, now: u64) -> u64 {
        self.after_last(self.min, now)
    }

    fn after_last(&self, interval: u64, now: u64) -> u64 {
        self.last_feedback.map_or(now, |last| now.max(last.saturating_add(interval)))
    }

    /// A feedback leaves.
    pub(crate) fn sent(&mut self, now: u64) {
        self.last_feedback = Some(now);
        let elapsed = now.saturating_sub(self.since);
        if elapsed >= WINDOW_NANOS {
            self.interval = self.interval_at(self.bytes as f64 * 8e9 / elapsed as f64);
            (self.bytes, self.since) = (0, now);
        }
    }

    fn interval_at(&self, bits_per_second: f64) -> u64 {
        let nanos = FEEDBACK_BITS / (self.share * bits_per_second) * 1e9;
        // Nothing received is infinity: the longest interval.
        (nanos as u64).clamp(self.min, self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn feedback_takes_a_twentieth_of_the_received_rate_between_its_bounds() {
        let pace = Pace::new(&TwccOptions::default());
        let interval = |rate: f64| pace.interval_at(rate) as f64 / 1e6;
        let cases =
            [(43_500.0, 250.0), (100_000.0, 108.8), (217_600.0, 50.0), (1_000_000.0, 50.0), (0.0, 250.0)];
        for (rate, millis) in cases {
            assert!((interval(rate) - millis).abs() < 1e-3, "{rate}: {}", interval(rate));
        }
    }

    #[test]
    fn the_first_feedback_leaves_at_once_and_the_next_after_the_first_interval() {
        let mut pace = Pace::new(&TwccOptions::default());
        pace.receive(100, MS);
        assert_eq!(pace.due(MS), MS);
        pace.sent(MS);
        pace.receive(100, 2 * MS);
        assert_eq!((pace.due(2 * MS), pace.earliest(2 * MS)), (101 * MS, 51 * MS));
    }

    #[test]
    fn a_silence_makes_the_rate_unknown() {
        let mut pace = Pace::new(&TwccOptions::default());
        for step in 0..60 {
            pace.receive(100, 10 * step * MS);
            if step % 10 == 0 {
                pace.sent(10 * step * MS);
            }
        }
        assert!((130..137).contains(&(pace.interval / MS)), "{} ns at some 80 kbit/s", pace.interval);
        pace.receive(100, 10_000 * MS);
        assert_eq!((pace.due(10_000 * MS), pace.interval), (10_000 * MS, 100 * MS));
    }
}
