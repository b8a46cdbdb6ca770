//! How much may be sent again: a share of the media sent over the last second.

/// Steps that the second is counted in.
const STEPS: usize = 10;
/// Length of a step in milliseconds.
const STEP_MILLIS: u64 = 1000 / STEPS as u64;

#[derive(Clone, Copy, Debug, Default)]
struct Step {
    media: u32,
    resent: u32,
}

/// Counts bytes of media and of retransmissions over a second that slides in steps of 100 ms.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct ResendBudget {
    media: u64,
    resent: u64,
    /// The step that is being counted, since the epoch; wraps after 13 years.
    step: u32,
    steps: [Step; STEPS],
}

impl ResendBudget {
    /// So many bytes at its beginning are all that a packet touches.
    pub(crate) const HOT_BYTES: usize = std::mem::offset_of!(Self, steps) + size_of::<Step>();

    /// Media of `bytes` leaves at `now`, in milliseconds since some epoch.
    #[inline]
    pub(crate) fn sent(&mut self, bytes: usize, now: u64) {
        let step = self.current(now);
        step.media = step.media.saturating_add(bytes as u32);
        self.media += bytes as u64;
    }

    /// Bytes of media over the last second, as of the last look.
    pub(crate) const fn media(&self) -> u64 {
        self.media
    }

    /// How many bytes may have been sent again over the last second, at `now`, with at most `ratio` of the media.
    pub(crate) fn allowance(&mut self, ratio: f64, now: u64) -> u64 {
        self.current(now);
        (ratio * self.media as f64) as u64
    }

    /// Might `bytes` be sent again, with an `allowance` of this moment?
    pub(crate) const fn allows(&self, bytes: u64, allowance: u64) -> bool {
        self.resent + bytes <= allowance
    }

    /// May `bytes` be sent again, with an `allowance` of this moment? Counts them if so.
    pub(crate) const fn take(&mut self, bytes: usize, allowance: u64) -> bool {
        let resent = self.resent + bytes as u64;
        if resent > allowance {
            return false;
        }
        self.resent = resent;
        let [step, ..] = &mut self.steps;
        step.resent = step.resent.saturating_add(bytes as u32);
        true
    }

    #[inline]
    fn current(&mut self, now: u64) -> &mut Step {
        let step = (now / STEP_MILLIS) as u32;
        if step != self.step {
            self.slide(step);
        }
        let [first, ..] = &mut self.steps;
        first
    }

    /// The newest step is the first; older ones move back and out.
    #[cold]
    fn slide(&mut self, step: u32) {
        let passed = (step.wrapping_sub(self.step) as usize).min(STEPS);
        self.step = step;
        self.steps.rotate_right(passed % STEPS);
        for left in self.steps.iter_mut().take(passed) {
            self.media = self.media.saturating_sub(u64::from(left.media));
            self.resent = self.resent.saturating_sub(u64::from(left.resent));
            *left = Step::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take(budget: &mut ResendBudget, bytes: usize, ratio: f64, now: u64) -> bool {
        let allowance = budget.allowance(ratio, now);
        budget.take(bytes, allowance)
    }

    #[test]
    fn refuses_everything_until_media_has_left() {
        let mut budget = ResendBudget::default();
        assert!(!take(&mut budget, 1, 100.0, 5));
        budget.sent(1000, 5);
        assert!(take(&mut budget, 1000, 1.0, 6) && !take(&mut budget, 1, 1.0, 6));
    }

    #[test]
    fn a_second_later_nothing_is_left() {
        let mut budget = ResendBudget::default();
        budget.sent(1000, 50);
        assert!(take(&mut budget, 100, 1.0, 999));
        assert!(!take(&mut budget, 100, 1.0, 1000));
    }

    proptest! {
        #[test]
        fn agrees_with_a_list_of_all_packets(
            start in prop_oneof![Just(0_u64), Just(u64::from(u32::MAX) - 5_000), 0..1_u64 << 40],
            ratio in 0.0_f64..2.0,
            steps in prop::collection::vec((0_u64..400, 1_usize..2000, any::<bool>()), 1..300),
        ) {
            let mut budget = ResendBudget::default();
            let (mut media, mut resent) = (Vec::new(), Vec::new());
            let mut now = start;
            for (pause, bytes, again) in steps {
                now += pause;
                let since = now / 100;
                let sum = |list: &Vec<(u64, usize)>| -> usize {
                    list.iter().filter(|(at, _)| since - at / 100 < 10).map(|(_, bytes)| bytes).sum()
                };
                if again {
                    let allowed = (sum(&resent) + bytes) as f64 <= ratio * sum(&media) as f64;
                    prop_assert_eq!(take(&mut budget, bytes, ratio, now), allowed);
                    if allowed {
                        resent.push((now, bytes));
                    }
                } else {
                    budget.sent(bytes, now);
                    media.push((now, bytes));
                }
            }
        }
    }
}
