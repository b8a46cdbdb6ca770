//! How late packets come: a histogram that forgets.

/// Nanoseconds of a bucket, up to [`FINE`] buckets; of those behind it.
const FINE_NANOS: i64 = 5_000_000;
const COARSE_NANOS: i64 = 20_000_000;
/// Buckets of 5 ms: a second. Buckets of 20 ms behind them: to five seconds.
const FINE: usize = 200;
const COARSE: usize = 200;
/// What is left of a value after an interval, once there have been many: half is forgotten after forty of them.
const FORGET: f32 = 0.983;

/// The distribution of the largest delays of intervals of time, the recent ones first of all. Grows to the largest bucket that
/// anything fell into.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    /// Add up to 1 as soon as there is anything.
    weights: Vec<f32>,
    /// Values so far, as long as they are few.
    values: u16,
}

impl Histogram {
    /// One more value. The first ones count more: all alike, until it is time to forget.
    pub(crate) fn add(&mut self, nanos: i64) {
        let bucket = bucket_of(nanos);
        if self.weights.len() <= bucket {
            self.weights.resize(bucket + 1, 0.0);
        }
        self.values = self.values.saturating_add(1);
        let keep = (1.0 - 2.0 / (f32::from(self.values) + 1.0)).min(FORGET);
        self.weights.iter_mut().for_each(|weight| *weight *= keep);
        if let Some(weight) = self.weights.get_mut(bucket) {
            *weight += 1.0 - keep;
        }
    }

    /// The upper end of the bucket below which the part `q` of the values lies; `None` before the first value.
    pub(crate) fn quantile(&self, q: f32) -> Option<i64> {
        let mut below = 0.0;
        let mut last = None;
        for (bucket, weight) in self.weights.iter().enumerate().filter(|(_, weight)| **weight > 1e-6) {
            below += weight;
            last = Some(end_of(bucket));
            if below >= q {
                break;
            }
        }
        last
    }
}

fn bucket_of(nanos: i64) -> usize {
    let fine = usize::try_from(nanos / FINE_NANOS).unwrap_or(0);
    if fine < FINE {
        return fine;
    }
    let coarse = (nanos - FINE as i64 * FINE_NANOS) / COARSE_NANOS;
    FINE + (coarse as usize).min(COARSE - 1)
}

const fn end_of(bucket: usize) -> i64 {
    if bucket < FINE {
        (bucket as i64 + 1) * FINE_NANOS
    } else {
        FINE as i64 * FINE_NANOS + (bucket as i64 + 1 - FINE as i64) * COARSE_NANOS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    #[test]
    fn the_first_values_count_more_and_old_ones_are_forgotten() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.95), None);
        histogram.add(500 * MS);
        assert_eq!(histogram.quantile(0.95), Some(505 * MS));
        // A single large value of the beginning does not decide for long.
        let needed = (1..).find(|_| {
            histogram.add(3 * MS);
            histogram.quantile(0.95) == Some(5 * MS)
        });
        assert_eq!(needed, Some(5));
        (0..1000).for_each(|_| histogram.add(3 * MS));
        // With nearly two in a hundred for each of the new, q 0.97 needs two of them.
        histogram.add(40 * MS);
        assert_eq!(histogram.quantile(0.97), Some(5 * MS));
        histogram.add(40 * MS);
        assert_eq!(histogram.quantile(0.97), Some(45 * MS));
    }

    #[test]
    fn buckets_cover_everything() {
        for (nanos, end) in [
            (i64::MIN, 5),
            (0, 5),
            (5 * MS, 10),
            (1000 * MS - 1, 1000),
            (1000 * MS, 1020),
            (4999 * MS, 5000),
            (i64::MAX, 5000),
        ] {
            assert_eq!(end_of(bucket_of(nanos)), end * MS, "{nanos}");
        }
    }

    #[test]
    fn weights_add_up_to_one() {
        let mut histogram = Histogram::default();
        (0..5000).for_each(|value| histogram.add(value * 7 % 300 * MS));
        let sum: f32 = histogram.weights.iter().sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");
    }
}
