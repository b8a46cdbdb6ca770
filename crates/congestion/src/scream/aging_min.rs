//! The least value of the last twenty seconds.

use crate::Time;

/// Seconds that are remembered. A clock that runs 100 ppm apart moves the base delay by 2 ms in that time; ten minutes, as
/// LEDBAT (RFC 6817) and libwebrtc remember, are 60 ms, which is the whole queue delay target.
const BUCKETS: usize = 20;
const BUCKET_MICROS: i64 = 1_000_000;

/// The least of the values seen in the last twenty seconds, in steps of one second.
#[derive(Clone, Debug)]
pub(super) struct AgingMin {
    /// The newest first.
    buckets: [f64; BUCKETS],
    newest: i64,
    least: f64,
}

impl Default for AgingMin {
    fn default() -> Self {
        Self { buckets: [f64::INFINITY; BUCKETS], newest: 0, least: f64::INFINITY }
    }
}

impl AgingMin {
    /// Counts `value`; the least is then at most that.
    pub(super) fn see(&mut self, now: Time, value: f64) -> f64 {
        let bucket = now.micros().div_euclid(BUCKET_MICROS);
        if bucket != self.newest {
            self.slide(bucket);
        }
        let [newest, ..] = &mut self.buckets;
        *newest = newest.min(value);
        self.least = self.least.min(value);
        self.least
    }

    /// The least, `None` if nothing was seen since it was made. Ages only when something is seen.
    pub(super) fn get(&self) -> Option<f64> {
        self.least.is_finite().then_some(self.least)
    }

    /// Nothing but `value` was ever seen.
    pub(super) fn restart(&mut self, now: Time, value: f64) {
        *self = Self::default();
        self.see(now, value);
    }

    fn slide(&mut self, bucket: i64) {
        let passed = usize::try_from(bucket.saturating_sub(self.newest)).unwrap_or(0).min(BUCKETS);
        self.newest = self.newest.max(bucket);
        self.buckets.rotate_right(passed % BUCKETS);
        for left in self.buckets.iter_mut().take(passed) {
            *left = f64::INFINITY;
        }
        self.least = self.buckets.iter().copied().fold(f64::INFINITY, f64::min);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    #[test]
    fn forgets_after_twenty_seconds() {
        let mut min = AgingMin::default();
        assert_eq!(min.get(), None);
        assert_eq!(min.see(at(500), 3.0), 3.0);
        assert_eq!(min.see(at(1_500), 5.0), 3.0);
        assert_eq!(min.see(at(19_999), 9.0), 3.0);
        assert_eq!(min.see(at(20_000), 9.0), 5.0);
        assert_eq!(min.see(at(90_000), 7.0), 7.0);
    }

    #[test]
    fn starts_anew_when_told_to() {
        let mut min = AgingMin::default();
        min.see(at(0), 1.0);
        min.restart(at(2_000), 4.0);
        assert_eq!(min.get(), Some(4.0));
        assert_eq!(min.see(at(3_000), 6.0), 4.0);
    }

    proptest! {
        #[test]
        fn agrees_with_a_list_of_all_values(
            steps in prop::collection::vec((0_i64..4_000, -1e3_f64..1e3), 1..200),
        ) {
            let (mut min, mut all, mut now) = (AgingMin::default(), Vec::new(), 0);
            for (pause, value) in steps {
                now += pause;
                all.push((now / 1000, value));
                let kept = all.iter().filter(|(second, _)| now / 1000 - second < 20);
                let least = kept.map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
                prop_assert_eq!(min.see(at(now), value), least);
            }
        }
    }
}
