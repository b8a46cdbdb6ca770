//! How much faster one clock runs than another, and how sure that is.

/// A drift takes this long to be told from the jitter of the ends.
const MIN_SPAN_MS: f64 = 60_000.0;
/// Neighbours that are more alike than that tell nothing more of each other.
const MAX_LIKENESS: f64 = 0.9999;

/// How much faster the sender's clock runs, in millionths, and the standard error of that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DriftPpm {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

/// The straight line through all points of (time, skew), by least squares (Welford's updates).
#[derive(Debug, Default)]
pub(super) struct Drift {
    count: u64,
    mean_x: f64,
    mean_y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
    span_ms: f64,
    /// The point before, and sums of squares of the steps from point to point.
    last: (f64, f64),
    step_xx: f64,
    step_xy: f64,
    step_yy: f64,
}

impl Drift {
    /// Time and skew, both in ms.
    #[inline]
    pub(super) fn add(&mut self, x: f64, y: f64) {
        if self.count > 0 {
            let (step_x, step_y) = (x - self.last.0, y - self.last.1);
            self.step_xx += step_x * step_x;
            self.step_xy += step_x * step_y;
            self.step_yy += step_y * step_y;
        }
        self.last = (x, y);
        self.count += 1;
        let share = 1.0 / self.count as f64;
        let (dx, dy) = (x - self.mean_x, y - self.mean_y);
        self.mean_x += dx * share;
        self.mean_y += dy * share;
        self.xx += dx * (x - self.mean_x);
        self.xy += dx * (y - self.mean_y);
        self.yy += dy * (y - self.mean_y);
        self.span_ms = self.span_ms.max(x);
    }

    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Time from the first point to the last.
    pub(super) const fn span_ms(&self) -> f64 {
        self.span_ms
    }

    /// `None`: one packet, or all at once.
    pub(super) fn slope(&self) -> Option<f64> {
        (self.count > 1 && self.xx > 0.0).then(|| self.xy / self.xx)
    }

    /// `None` for less than a minute.
    pub(super) fn ppm(&self) -> Option<DriftPpm> {
        let slope = self.slope().filter(|_| self.count > 2 && self.span_ms >= MIN_SPAN_MS)?;
        Some(DriftPpm { value: slope * 1e6, error: self.error(slope) * 1e6 })
    }

    /// The standard error of the slope. Packets that wait in one queue are late together, so they count for less than as many
    /// that have nothing to do with each other: by the likeness of neighbours, from Durbin's and Watson's statistic.
    fn error(&self, slope: f64) -> f64 {
        let rest = (self.yy - slope * self.xy).max(0.0);
        if rest == 0.0 {
            return 0.0;
        }
        let steps = self.step_yy - 2.0 * slope * self.step_xy + slope * slope * self.step_xx;
        let likeness = (1.0 - steps.max(0.0) / rest / 2.0).clamp(0.0, MAX_LIKENESS);
        let variance = rest / (self.count as f64 - 2.0) / self.xx;
        (variance * (1.0 + likeness) / (1.0 - likeness)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The drift of 5000 packets in 100 s, whose skew is that of a clock that runs 50 millionths fast, and what `delay` makes
    /// of its own last value and noise of ±0.5.
    fn drift(seed: u64, delay: impl Fn(f64, f64) -> f64) -> DriftPpm {
        let (mut drift, mut random, mut late) = (Drift::default(), seed, 0.0);
        for number in 0..5000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            late = delay(late, (random >> 11) as f64 / (1_u64 << 53) as f64 - 0.5);
            let x = f64::from(number) * 20.0;
            drift.add(x, x * 50e-6 - late);
        }
        drift.ppm().unwrap()
    }

    /// How many of a hundred drifts are off by more than twice their error: five, if the errors are right.
    fn off(delay: impl Fn(f64, f64) -> f64 + Copy) -> usize {
        let drifts = (0..100).map(|seed| drift(seed, delay));
        drifts.filter(|drift| (drift.value - 50.0).abs() > 2.0 * drift.error).count()
    }

    #[test]
    fn errors_are_as_large_as_they_say() {
        let (alone, together) = (off(|_, noise| noise), off(|late, noise| late * 0.95 + noise));
        assert!((1..=10).contains(&alone) && (1..=10).contains(&together), "{alone} and {together}");
        assert!(drift(1, |late, noise| late * 0.95 + noise).error > 4.0 * drift(1, |_, noise| noise).error);
    }

    #[test]
    fn a_clock_without_jitter_has_no_error() {
        let exact = drift(0, |_, _| 0.0);
        assert!((exact.value - 50.0).abs() < 1e-6 && exact.error < 1e-3, "{exact:?}");
    }

    #[test]
    fn less_than_a_minute_tells_no_drift() {
        let run = |packets: u32| {
            let mut drift = Drift::default();
            (0..packets).for_each(|number| drift.add(f64::from(number) * 1000.0, 0.0));
            drift.ppm().is_some()
        };
        assert!(!run(60) && run(61) && !run(0));
    }
}
