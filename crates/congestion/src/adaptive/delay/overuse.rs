//! Whether a slope means that a queue grows: a threshold that follows what is usual on this path.

use super::trendline::Trendline;
use crate::Time;
use crate::adaptive::clock::millis;

/// Where the threshold starts (draft-ietf-rmcat-gcc-02 §5.4).
const START: f64 = 12.5;
/// Its bounds (§5.4).
const BOUNDS: (f64, f64) = (6.0, 600.0);
/// How quickly it follows a slope below it, in ms⁻¹; libwebrtc `k_down_`.
const FALL: f64 = 0.039;
/// A slope above it; libwebrtc `k_up_`.
const RISE: f64 = 0.0087;
/// A slope so far above is a spike, and not followed (§5.4).
const SPIKE: f64 = 15.0;
/// The longest time that counts at once, in ms (§5.4).
const LONGEST_STEP_MS: f64 = 100.0;
/// How long a slope has to stand above the threshold, in ms (§5.4, `overuse_time_th`).
const OVERUSE_MS: f64 = 10.0;

/// Finds overuse (draft-ietf-rmcat-gcc-02 §5.4, with the constants of libwebrtc).
#[derive(Clone, Debug)]
pub(crate) struct Overuse {
    threshold: f64,
    adapted: Option<Time>,
    /// How long the slope has been above, and over how many groups.
    above_ms: Option<f64>,
    groups: u32,
    slope_before: f64,
    found: bool,
}

impl Default for Overuse {
    fn default() -> Self {
        Self { threshold: START, adapted: None, above_ms: None, groups: 0, slope_before: 0.0, found: false }
    }
}

impl Overuse {
    /// Looks at the slope after a group that left `sent_ms` after the one before and came `at`.
    pub(crate) fn look(&mut self, trend: &Trendline, sent_ms: f64, at: Time) {
        let modified = trend.modified();
        if modified > self.threshold {
            let above = self.above_ms.map_or(sent_ms / 2.0, |above| above + sent_ms);
            self.above_ms = Some(above);
            self.groups += 1;
            if above > OVERUSE_MS && self.groups > 1 && trend.slope() >= self.slope_before {
                (self.above_ms, self.groups, self.found) = (Some(0.0), 0, true);
            }
        } else {
            (self.above_ms, self.groups, self.found) = (None, 0, false);
        }
        self.slope_before = trend.slope();
        let dt = self.adapted.map_or(LONGEST_STEP_MS, |before| millis(at, before));
        self.adapt(modified.abs(), dt);
        self.adapted = Some(at);
    }

    /// A queue grows.
    pub(crate) const fn found(&self) -> bool {
        self.found
    }

    /// The line begins anew; what is usual on this path stays known.
    pub(crate) const fn restart(&mut self) {
        (self.adapted, self.above_ms, self.groups, self.found) = (None, None, 0, false);
        self.slope_before = 0.0;
    }

    fn adapt(&mut self, modified: f64, dt: f64) {
        let off = modified - self.threshold;
        if off > SPIKE {
            return;
        }
        let speed = if off < 0.0 { FALL } else { RISE };
        let moved = self.threshold + speed * off * dt.clamp(0.0, LONGEST_STEP_MS);
        self.threshold = moved.clamp(BOUNDS.0, BOUNDS.1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::groups::Step;
    use super::*;

    #[test]
    fn the_threshold_moves_as_in_libwebrtc() {
        for (modified, dt, expected) in [
            (20.0, 100.0, 19.025),
            (5.0, 100.0, 6.0),
            (5.0, 5.0, 11.0375),
            (27.4, 50.0, 18.9815),
            (28.0, 50.0, 12.5),
        ] {
            let mut overuse = Overuse::default();
            overuse.adapt(modified, dt);
            assert!(
                (overuse.threshold - expected).abs() < 1e-4,
                "{modified}, {dt} ms: {}",
                overuse.threshold
            );
        }
    }

    /// After how many groups of 20 ms overuse is found when each waits `by` ms longer.
    fn found_after(by: f64) -> Option<usize> {
        let (mut trend, mut overuse) = (Trendline::default(), Overuse::default());
        (1..=60).find(|n| {
            let at = Time::from_micros((*n as f64 * (20.0 + by) * 1e3) as i64);
            let step = Step { sent: 20.0, came: 20.0 + by, at };
            trend.add(step);
            overuse.look(&trend, step.sent, at);
            overuse.found()
        })
    }

    #[test]
    fn a_slope_above_the_threshold_is_overuse_from_the_second_group_on() {
        let found: Vec<_> = [0.1, 1.0, 2.0].map(found_after).into();
        assert_eq!(found, [None, Some(36), Some(24)], "the threshold has come down to what is usual");
        assert_eq!(found_after(5.0), Some(21));
    }
}
