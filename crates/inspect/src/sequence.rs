//! Whether the numbers of an SSRC are those of a stream: one after the other, but for losses, repeats and late ones.

/// Steps ahead that make a stream.
const STEPS: u8 = 3;
/// A number at most this far ahead of the highest is a step.
const MAX_AHEAD: u16 = 100;

/// The numbers of one SSRC so far.
///
/// Noise takes one such step in 655 packets. So all steps have to be of one run of numbers; only what goes on with another
/// run may come between them, as late packets do, and the first ones after a gap.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sequence {
    /// The run that the newest number belongs to, and the one before.
    runs: [Option<Run>; 2],
}

/// Numbers near each other.
#[derive(Clone, Copy, Debug)]
struct Run {
    highest: u16,
    steps: u8,
}

impl Sequence {
    pub(super) fn add(&mut self, seq: u16) {
        let [newest, other] = &mut self.runs;
        if newest.as_mut().is_some_and(|run| run.take(seq)) {
            return;
        }
        if !other.as_mut().is_some_and(|run| run.take(seq)) {
            *other = Some(Run { highest: seq, steps: 0 });
        }
        self.runs.swap(0, 1);
    }

    pub(super) fn is_recognised(&self) -> bool {
        self.runs.iter().flatten().any(|run| run.steps >= STEPS)
    }

    /// There is a step, but no more.
    pub(super) fn is_likely(&self) -> bool {
        self.runs.iter().flatten().any(|run| run.steps > 0)
    }
}

impl Run {
    /// Whether the number is near.
    fn take(&mut self, seq: u16) -> bool {
        let ahead = seq.wrapping_sub(self.highest);
        if (1..=MAX_AHEAD).contains(&ahead) {
            self.steps = self.steps.saturating_add(1);
            self.highest = seq;
        }
        ahead <= MAX_AHEAD || ahead >= MAX_AHEAD.wrapping_neg()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many numbers a stream is recognised.
    fn recognised(seqs: impl IntoIterator<Item = u16>) -> Option<usize> {
        let mut sequence = Sequence::default();
        seqs.into_iter().position(|seq| {
            sequence.add(seq);
            sequence.is_recognised()
        })
    }

    #[test]
    fn streams_are_recognised_by_four_numbers_in_sequence() {
        assert_eq!(recognised([65_534, 65_535, 1, 0, 2]), Some(4));
        assert_eq!(recognised([1, 2, 3]), None);
        assert_eq!(recognised([1, 30_000, 30_001, 30_002, 30_003]), Some(4));
        assert_eq!(recognised([1, 2, 3, 2000, 2001, 2002, 2003]), Some(6), "a gap");
        assert_eq!(recognised([1000, 1001, 500, 1002, 700, 1003]), Some(5), "late ones");
        assert_eq!(recognised([1, 1, 1, 2, 2, 2, 3, 3, 3, 4]), Some(9), "repeats");
    }

    #[test]
    fn noise_is_no_sequence() {
        assert_eq!(recognised([7; 100]), None, "a constant");
        assert_eq!(recognised([1, 30_000, 2, 50_000, 9, 20_000, 40_000]), None);
        assert_eq!(recognised([0x0100, 0x8180].into_iter().cycle().take(1000)), None, "two constants");
        let mut random = 1_u32;
        let noise = std::iter::repeat_with(|| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 16) as u16
        });
        assert_eq!(recognised(noise.take(100_000)), None);
    }
}
