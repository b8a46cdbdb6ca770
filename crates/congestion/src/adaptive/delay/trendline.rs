//! Whether the delay grows: the slope of a line through the newest groups.

use super::groups::Step;
use crate::Time;
use crate::adaptive::clock::millis;
use crate::adaptive::ring::Ring;

/// Groups that the line goes through; libwebrtc `kDefaultTrendlineWindowSize`.
const WINDOW: usize = 20;
/// What a sum of delays keeps of its old value; libwebrtc `kDefaultTrendlineSmoothingCoeff`.
const SMOOTHING: f64 = 0.9;
/// Scales the slope to the threshold's range; libwebrtc `kDefaultTrendlineThresholdGain`.
const GAIN: f64 = 4.0;
/// Groups from which on the slope counts in full; libwebrtc `kMinNumDeltas`.
const FULL: u32 = 60;

/// A line by least squares, by running sums: a group costs a few additions, however long the window is.
#[derive(Clone, Debug)]
pub(crate) struct Trendline {
    /// The time of arrival since `origin` and the smoothed sum of delays, both in ms.
    points: Ring<Point, 32>,
    origin: Time,
    sums: Sums,
    /// Groups since the origin was set.
    since_origin: usize,
    groups: u32,
    accumulated: f64,
    smoothed: f64,
    slope: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
}

impl Default for Trendline {
    fn default() -> Self {
        Self {
            points: Ring::new(),
            origin: Time::default(),
            sums: Sums::default(),
            since_origin: 0,
            groups: 0,
            accumulated: 0.0,
            smoothed: 0.0,
            slope: 0.0,
        }
    }
}

impl Trendline {
    /// One more group.
    pub(crate) fn add(&mut self, step: Step) {
        self.groups = self.groups.saturating_add(1);
        self.accumulated += step.came - step.sent;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.accumulated;
        if self.since_origin >= WINDOW || self.points.len() == 0 {
            self.move_origin(step.at);
        }
        self.since_origin += 1;
        if self.points.len() == WINDOW
            && let Some(oldest) = self.points.pop()
        {
            self.sums.add(oldest, -1.0);
        }
        let point = Point { x: millis(step.at, self.origin), y: self.smoothed };
        self.points.push(point);
        self.sums.add(point, 1.0);
        if self.points.len() == WINDOW {
            self.slope = self.sums.slope(WINDOW as f64).unwrap_or(self.slope);
        }
    }

    /// ms of delay a ms.
    pub(crate) const fn slope(&self) -> f64 {
        self.slope
    }

    /// The slope as the threshold sees it: weak as long as few groups are known.
    pub(crate) fn modified(&self) -> f64 {
        f64::from(self.groups.min(FULL)) * self.slope * GAIN
    }

    /// Sums are made anew now and then from the points themselves, near the origin: rounding does not add up, and no time is
    /// too long for them.
    fn move_origin(&mut self, at: Time) {
        let by = millis(at, self.origin);
        let height = self.smoothed;
        (self.origin, self.since_origin, self.sums) = (at, 0, Sums::default());
        self.accumulated -= height;
        self.smoothed -= height;
        for index in 0..self.points.len() {
            if let Some(point) = self.points.get_mut(index) {
                point.x -= by;
                point.y -= height;
                self.sums.add(*point, 1.0);
            }
        }
    }
}

impl Sums {
    #[inline]
    fn add(&mut self, Point { x, y }: Point, sign: f64) {
        self.x += sign * x;
        self.y += sign * y;
        self.xx += sign * x * x;
        self.xy += sign * x * y;
    }

    /// Of the line through `n` points, unless all came at once.
    fn slope(&self, n: f64) -> Option<f64> {
        let spread = n * self.xx - self.x * self.x;
        (spread > 1e-6).then(|| (n * self.xy - self.x * self.y) / spread)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The modified slope after each of `groups` groups of 20 ms, whose delay grows by `by` ms each.
    fn growing(by: f64, groups: usize, offset_ms: i64) -> Vec<f64> {
        let mut trendline = Trendline::default();
        let mut at = offset_ms as f64;
        let each = |_| {
            at += 20.0 + by;
            trendline.add(Step { sent: 20.0, came: 20.0 + by, at: Time::from_micros((at * 1e3) as i64) });
            trendline.modified()
        };
        (0..groups).map(each).collect()
    }

    #[test]
    fn a_growing_queue_gives_the_slopes_of_libwebrtc() {
        for (by, expected) in [(1.0, [2.601, 7.660, 11.938]), (2.0, [5.203, 15.320, 23.876])] {
            let slopes = growing(by, 60, 0);
            for (n, expected) in [20, 40, 60].into_iter().zip(expected) {
                // The figures take the groups to come as they left, every 20 ms; here they come as late as they are.
                let slope = slopes[n - 1] * (20.0 + by) / 20.0;
                assert!((slope - expected).abs() < 0.001, "{by} ms, {n} groups: {slope}");
            }
        }
    }

    #[test]
    fn the_receivers_clock_may_show_any_time() {
        let slopes = growing(1.0, 100, 0);
        for offset in [-30_000, 30_000, 1 << 40] {
            let same = growing(1.0, 100, offset).iter().zip(&slopes).all(|(a, b)| (a - b).abs() < 1e-9);
            assert!(same, "{offset} ms");
        }
    }

    proptest! {
        #[test]
        fn running_sums_agree_with_all_points(
            steps in prop::collection::vec((0.1_f64..500.0, 0.0_f64..500.0), 20..200),
        ) {
            let mut trendline = Trendline::default();
            let (mut at, mut accumulated, mut smoothed) = (0.0, 0.0, 0.0);
            let mut points = Vec::new();
            for (sent, came) in steps {
                at += came;
                accumulated += came - sent;
                smoothed = 0.9 * smoothed + 0.1 * accumulated;
                points.push(((at * 1e3).floor() / 1e3, smoothed));
                trendline.add(Step { sent, came, at: Time::from_micros((at * 1e3) as i64) });
            }
            let points = &points[points.len() - 20..];
            let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / 20.0;
            let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
            let above: f64 = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum();
            let below: f64 = points.iter().map(|p| (p.0 - mx) * (p.0 - mx)).sum();
            if below > 1.0 {
                prop_assert!((trendline.slope() - above / below).abs() < 1e-6);
            }
        }
    }
}
