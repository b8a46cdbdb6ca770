//! How long packets wait: the least of a moment, so that jitter is none.

use crate::Time;
use crate::adaptive::clock::millis;
use crate::adaptive::ring::Ring;

/// The moment, in ms (RFC 8698 §5.1.1 filters its delay by the least of as long).
const WINDOW_MS: f64 = 120.0;
/// Feedback within this time of each other is one sample, in ms: it bounds what a busy receiver makes of the window.
const SAMPLE_MS: f64 = 10.0;
/// At least so many samples, however rare feedback is.
const LEAST_SAMPLES: usize = 2;
/// Less than this is no fall, in ms: half the time that feedback takes to tell.
const FALL_MS: f64 = 2.0;

#[derive(Clone, Copy, Debug, Default)]
struct Sample {
    at: Time,
    least: f64,
}

/// The least of the last 120 ms, in ms.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    samples: Ring<Sample, 16>,
    now: f64,
    before: f64,
}

impl Default for Queue {
    fn default() -> Self {
        Self { samples: Ring::new(), now: 0.0, before: 0.0 }
    }
}

impl Queue {
    /// The least delay of a feedback's packets, above the path's.
    pub(crate) fn observe(&mut self, now: Time, delay: f64) {
        match self.samples.last_mut() {
            Some(sample) if millis(now, sample.at) < SAMPLE_MS => sample.least = sample.least.min(delay),
            _ => self.samples.push(Sample { at: now, least: delay }),
        }
        let old = |sample: Sample| millis(now, sample.at) > WINDOW_MS;
        while self.samples.len() > LEAST_SAMPLES && self.samples.first().is_some_and(old) {
            self.samples.pop();
        }
        self.before = self.now;
        self.now = self.samples.iter().fold(delay, |least, sample| least.min(sample.least));
    }

    /// How long packets wait, in ms.
    #[inline]
    pub(crate) const fn now(&self) -> f64 {
        self.now
    }

    /// It becomes shorter.
    pub(crate) fn falls(&self) -> bool {
        self.now < self.before - FALL_MS
    }

    /// What stood was no queue.
    pub(crate) fn empty(&mut self, now: Time) {
        *self = Self::default();
        self.samples.push(Sample { at: now, least: 0.0 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    #[test]
    fn the_least_of_a_moment() {
        let mut queue = Queue::default();
        for (at, delay, expected) in [(0, 30.0, 30.0), (50, 5.0, 5.0), (100, 40.0, 5.0), (171, 40.0, 40.0)] {
            queue.observe(ms(at), delay);
            assert_eq!(queue.now(), expected, "at {at} ms");
        }
        queue.observe(ms(200), 20.0);
        assert!(queue.falls());
    }

    #[test]
    fn rare_feedback_is_compared_with_its_predecessor_and_dense_feedback_takes_no_more_room() {
        let mut queue = Queue::default();
        queue.observe(ms(0), 5.0);
        queue.observe(ms(250), 40.0);
        assert_eq!(queue.now(), 5.0);
        for n in 0..1000 {
            queue.observe(ms(500) + std::time::Duration::from_micros(n * 100), 30.0);
        }
        assert_eq!(queue.now(), 30.0);
        assert!(queue.samples.len() <= 13);
        queue.empty(ms(600));
        assert_eq!(queue.now(), 0.0);
    }
}
