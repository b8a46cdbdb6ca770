//! What repeats have taken over the last second.

/// Steps that the second is counted in.
const STEPS: usize = 10;
const STEP_NANOS: u64 = 100_000_000;

/// Bytes over a second that slides in steps of 100 ms.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Share {
    step: u64,
    sum: u64,
    steps: [u64; STEPS],
}

impl Share {
    /// So many bytes leave at `now`, in nanoseconds since some epoch.
    pub(crate) fn add(&mut self, bytes: u64, now: u64) {
        self.slide(now);
        self.sum += bytes;
        let [newest, ..] = &mut self.steps;
        *newest += bytes;
    }

    /// Bytes over the last second.
    pub(crate) fn sum(&mut self, now: u64) -> u64 {
        self.slide(now);
        self.sum
    }

    /// The newest step is the first; older ones move back and out.
    fn slide(&mut self, now: u64) {
        let step = now / STEP_NANOS;
        let passed =
            usize::try_from(step.saturating_sub(self.step)).map_or(STEPS, |passed| passed.min(STEPS));
        if passed == 0 {
            return;
        }
        self.step = step;
        self.steps.rotate_right(passed % STEPS);
        for left in self.steps.iter_mut().take(passed) {
            self.sum -= std::mem::take(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_a_list_of_all_packets(
            start in 0..1_u64 << 40,
            steps in prop::collection::vec((0_u64..400, 1_u64..2000), 1..200),
        ) {
            let (mut share, mut all, mut now) = (Share::default(), Vec::new(), start);
            for (pause, bytes) in steps {
                now += pause * 1_000_000;
                share.add(bytes, now);
                all.push((now / STEP_NANOS, bytes));
                let naive: u64 =
                    all.iter().filter(|(step, _)| now / STEP_NANOS - step < 10).map(|(_, bytes)| bytes).sum();
                prop_assert_eq!(share.sum(now), naive);
            }
        }
    }
}
