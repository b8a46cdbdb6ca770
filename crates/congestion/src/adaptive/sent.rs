//! How much is sent: whether the target is used.

use crate::Time;

/// Steps that half a second is counted in; libwebrtc `IntervalBudget` has as long a window.
const STEPS: usize = 50;
const STEP_MICROS: i64 = 10_000;
/// Half a second, as a part of a second.
const WINDOWS_PER_SECOND: f64 = 2.0;
/// Who sends less than this share of his target is limited by his application; libwebrtc `bandwidth_usage_ratio`.
const USED: f64 = 0.65;

/// Counts bytes over half a second.
#[derive(Clone, Debug)]
pub(super) struct SentRate {
    /// The step that is being counted, since the clock's origin.
    step: i64,
    bytes: u64,
    steps: [u64; STEPS],
}

impl Default for SentRate {
    fn default() -> Self {
        Self { step: 0, bytes: 0, steps: [0; STEPS] }
    }
}

impl SentRate {
    #[inline]
    pub(super) fn sent(&mut self, now: Time, bytes: u32) {
        self.slide(now);
        let bytes = u64::from(bytes);
        if let Some(step) = self.steps.get_mut(self.step.rem_euclid(STEPS as i64) as usize) {
            *step += bytes;
            self.bytes += bytes;
        }
    }

    /// Less is sent than `target` bits per second would allow, by so much that what arrives says nothing about it.
    pub(super) fn is_limited(&mut self, now: Time, target: f64) -> bool {
        self.rate(now) < USED * target
    }

    /// Bits per second over the last half second.
    pub(super) fn rate(&mut self, now: Time) -> f64 {
        self.slide(now);
        self.bytes as f64 * 8.0 * WINDOWS_PER_SECOND
    }

    #[inline]
    fn slide(&mut self, now: Time) {
        let step = now.micros().div_euclid(STEP_MICROS);
        if step != self.step {
            self.slide_to(step);
        }
    }

    fn slide_to(&mut self, to: i64) {
        let passed = to.saturating_sub(self.step).clamp(0, STEPS as i64);
        for step in (to - passed + 1)..=to {
            if let Some(old) = self.steps.get_mut(step.rem_euclid(STEPS as i64) as usize) {
                self.bytes -= std::mem::take(old);
            }
        }
        self.step = self.step.max(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_half_a_second() {
        let ms = |millis: i64| Time::from_micros(millis * 1000);
        let mut sent = SentRate::default();
        for at in 0..1000 {
            sent.sent(ms(at), 100);
        }
        assert_eq!(sent.rate(ms(999)), 800_000.0);
        assert!(!sent.is_limited(ms(999), 1.2e6));
        assert!(sent.is_limited(ms(999), 1.3e6));
        assert_eq!(sent.rate(ms(1249)), 400_000.0);
        sent.sent(ms(900), 0);
        assert_eq!(sent.rate(ms(1249)), 400_000.0, "time does not go back");
        assert_eq!(sent.rate(ms(1 << 40)), 0.0);
    }
}
