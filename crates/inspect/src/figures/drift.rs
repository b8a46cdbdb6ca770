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

/// Straight lines of one slope, by least squares (Welford's updates): one through all points of (time, skew) from one jump of
/// the timestamps to the next.
#[derive(Debug, Default)]
pub(super) struct Drift {
    line: Line,
    /// The line before the last jump.
    other: Line,
    lines: u64,
    count: u64,
    /// Sums over all lines, about the middle of each.
    xx: f64,
    xy: f64,
    yy: f64,
    /// Sums of squares of the steps from point to point.
    step_xx: f64,
    step_xy: f64,
    step_yy: f64,
    span_ms: f64,
}

/// The points of one line.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    count: u64,
    mean_x: f64,
    mean_y: f64,
    last: (f64, f64),
}

impl Drift {
    /// Points from here on are of a line of their own.
    pub(super) fn begin(&mut self) {
        self.lines += 1;
        self.other = std::mem::take(&mut self.line);
    }

    /// Points from here on are of the line before the last one began.
    pub(super) const fn go_back(&mut self) {
        std::mem::swap(&mut self.line, &mut self.other);
    }

    /// Time and skew, both in ms.
    #[inline]
    pub(super) fn add(&mut self, x: f64, y: f64) {
        let Line { count, mean_x, mean_y, last } = &mut self.line;
        if *count > 0 {
            let (step_x, step_y) = (x - last.0, y - last.1);
            self.step_xx += step_x * step_x;
            self.step_xy += step_x * step_y;
            self.step_yy += step_y * step_y;
        }
        *last = (x, y);
        *count += 1;
        self.count += 1;
        let share = 1.0 / *count as f64;
        let (dx, dy) = (x - *mean_x, y - *mean_y);
        *mean_x += dx * share;
        *mean_y += dy * share;
        self.xx += dx * (x - *mean_x);
        self.xy += dx * (y - *mean_y);
        self.yy += dy * (y - *mean_y);
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

    /// How many points there are beyond those that the lines need.
    const fn freedom(&self) -> u64 {
        self.count.saturating_sub(self.lines + 1)
    }

    /// `None` for less than a minute.
    pub(super) fn ppm(&self) -> Option<DriftPpm> {
        let slope = self.slope().filter(|_| self.freedom() > 0 && self.span_ms >= MIN_SPAN_MS)?;
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
        let variance = rest / self.freedom() as f64 / self.xx;
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
        drift.begin();
        for number in 0..5000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            late = delay(late, (random >> 11) as f64 / (1_u64 << 53) as f64 - 0.5);
            let x = f64::from(number) * 20.0;
            // Every thousandth packet the timestamps jump, or come back.
            match number % 1000 {
                500 => drift.begin(),
                530 => drift.go_back(),
                _ => {}
            }
            let jump = if (500..530).contains(&(number % 1000)) { 3.0 } else { 0.0 };
            drift.add(x, x * 50e-6 - late + jump);
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
