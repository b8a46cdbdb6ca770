//! What a packet takes when no queue stands in its way.

use crate::Time;

/// One-second buckets that the least is taken of. A minute would take the drift of a clock for a queue: 100 ppm are 6 ms a
/// minute.
const BUCKETS: usize = 20;
const SECOND: i64 = 1_000_000;

#[derive(Clone, Copy, Debug)]
struct Bucket {
    second: i64,
    least: f64,
}

const EMPTY: Bucket = Bucket { second: i64::MIN, least: f64::INFINITY };

/// The least delay of the last twenty seconds, in ms. It contains the difference of two clocks, so only what is above it means
/// anything.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    buckets: [Bucket; BUCKETS],
}

impl Default for Base {
    fn default() -> Self {
        Self { buckets: [EMPTY; BUCKETS] }
    }
}

impl Base {
    /// Takes in a delay, and returns the least.
    pub(crate) fn observe(&mut self, now: Time, delay: f64) -> f64 {
        let second = now.micros().div_euclid(SECOND);
        let slot = second.rem_euclid(BUCKETS as i64) as usize;
        if let Some(bucket) = self.buckets.get_mut(slot) {
            if bucket.second != second {
                *bucket = Bucket { second, ..EMPTY };
            }
            bucket.least = bucket.least.min(delay);
        }
        let oldest = second.saturating_sub(BUCKETS as i64);
        let fresh = self.buckets.iter().filter(|bucket| bucket.second > oldest);
        fresh.fold(delay, |least, bucket| least.min(bucket.least))
    }

    /// The path has become longer by so many ms: what stands is no queue.
    pub(crate) fn raise(&mut self, by: f64) {
        for bucket in &mut self.buckets {
            bucket.least += by;
        }
    }

    /// Nothing of what was known holds.
    pub(crate) const fn forget(&mut self) {
        self.buckets = [EMPTY; BUCKETS];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: i64) -> Time {
        Time::from_micros(seconds * SECOND)
    }

    #[test]
    fn the_least_is_known_for_twenty_seconds() {
        let mut base = Base::default();
        let observed: Vec<f64> = (0..22).map(|n| base.observe(s(n), 50.0 + n as f64)).collect();
        assert_eq!(observed[..20], [50.0; 20]);
        assert_eq!(observed[20..], [51.0, 52.0]);
        assert_eq!(base.observe(s(100), 90.0), 90.0, "and no longer, whatever happened meanwhile");
        base.raise(7.0);
        assert_eq!(base.observe(s(101), 99.0), 97.0);
        base.forget();
        assert_eq!(base.observe(s(101), 500.0), 500.0);
    }

    #[test]
    fn times_before_zero_are_times_as_well() {
        let mut base = Base::default();
        base.observe(s(-1), 5.0);
        assert_eq!(base.observe(s(0), 6.0), 5.0);
        assert_eq!(base.observe(s(19), 7.0), 6.0);
    }
}
