//! Gilbert's model: losses in runs.

/// A stationary process of two states: a packet is lost, or it is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Chain {
    /// The part of the packets that is lost; below 1.
    pub(super) loss: f64,
    /// What one packet's fate says about the next one's: 0 nothing, 1 all.
    memory: f64,
}

impl Chain {
    /// Runs of `burst` packets on average, at least as long as those of independent losses.
    pub(super) fn new(loss: f64, burst: f64) -> Self {
        let (loss, burst) = (bounded(loss, 0.0, 0.99), bounded(burst, 1.0, 10_000.0));
        Self { loss, memory: (1.0 - 1.0 / (burst * (1.0 - loss))).max(0.0) }
    }

    /// As this one, with only a part of its losses left, and of those behind one that is left the part `beside`.
    pub(super) fn thinned(self, part: f64, beside: f64) -> Self {
        let loss = self.loss * part;
        let next = self.lost_after_lost(1.0) * beside;
        Self { loss, memory: ((next - loss) / (1.0 - loss)).clamp(0.0, self.memory(1.0).max(next)) }
    }

    /// What a packet's fate says about that of the one `distance` packets later.
    pub(super) fn memory(self, distance: f64) -> f64 {
        if self.memory <= 0.0 { 0.0 } else { self.memory.powf(distance.max(0.0)) }
    }

    /// Is a packet lost, `distance` packets after a lost one?
    pub(super) fn lost_after_lost(self, distance: f64) -> f64 {
        self.loss + (1.0 - self.loss) * self.memory(distance)
    }

    /// Is a packet lost, `distance` packets after one that is not?
    pub(super) fn lost_after_fine(self, distance: f64) -> f64 {
        self.loss * (1.0 - self.memory(distance))
    }

    /// Of a run of packets: how many are lost, by how likely, and whether the last of them is. Begins with `start`, the probability that
    /// the first one is lost.
    pub(super) fn run(self, packets: usize, start: f64) -> Run {
        let mut run = Run { fine: vec![0.0; packets + 1], lost: vec![0.0; packets + 1] };
        if packets == 0 {
            run.fine.fill(1.0);
            return run;
        }
        let (stay, fall) = (self.lost_after_lost(1.0), self.lost_after_fine(1.0));
        if let ([none, ..], [_, one, ..]) = (run.fine.as_mut_slice(), run.lost.as_mut_slice()) {
            (*none, *one) = (1.0 - start, start);
        }
        for length in 2..=packets {
            // From above, as each step reads what is one below.
            for count in (0..=length).rev() {
                let [fine, lost] = run.at(count);
                let [fine_below, lost_below] = if count > 0 { run.at(count - 1) } else { [0.0; 2] };
                run.set(
                    count,
                    fine * (1.0 - fall) + lost * (1.0 - stay),
                    fine_below * fall + lost_below * stay,
                );
            }
        }
        run
    }
}

/// The nearest value in the range; what is no number is the least.
pub(super) fn bounded(value: f64, least: f64, most: f64) -> f64 {
    if value.is_nan() { least } else { value.clamp(least, most) }
}

/// How many packets of a run are lost: by count, apart for runs whose last packet is not and is.
#[derive(Clone, Debug)]
pub(super) struct Run {
    fine: Vec<f64>,
    lost: Vec<f64>,
}

impl Run {
    /// The probabilities of `count` losses with the last packet fine, and with it lost.
    pub(super) fn at(&self, count: usize) -> [f64; 2] {
        [self.fine.get(count).copied().unwrap_or(0.0), self.lost.get(count).copied().unwrap_or(0.0)]
    }

    fn set(&mut self, count: usize, fine: f64, lost: f64) {
        if let (Some(to_fine), Some(to_lost)) = (self.fine.get_mut(count), self.lost.get_mut(count)) {
            (*to_fine, *to_lost) = (fine, lost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn independent_losses_have_no_memory() {
        let chain = Chain::new(0.2, 1.0);
        assert_eq!(chain.lost_after_lost(1.0), 0.2);
        let run = chain.run(3, 0.2);
        let all: Vec<f64> = (0..=3).map(|count| run.at(count).iter().sum()).collect();
        for (count, right) in [0.512, 0.384, 0.096, 0.008].into_iter().enumerate() {
            assert!((all[count] - right).abs() < 1e-12, "{all:?}");
        }
    }

    #[test]
    fn runs_are_as_long_as_asked_for_and_losses_as_many() {
        let chain = Chain::new(0.05, 8.0);
        assert!(
            (chain.lost_after_lost(1.0) - (1.0 - 1.0 / 8.0)).abs() < 1e-12,
            "the mean of a geometric run"
        );
        let run = chain.run(40, 0.05);
        let sum: f64 = (0..=40).map(|count| run.at(count).iter().sum::<f64>()).sum();
        let mean: f64 = (0..=40).map(|count| count as f64 * run.at(count).iter().sum::<f64>()).sum();
        assert!((sum - 1.0).abs() < 1e-9 && (mean - 2.0).abs() < 1e-9, "{sum} {mean}");
    }

    #[test]
    fn nonsense_is_bounded() {
        for (loss, burst) in [(f64::NAN, 3.0), (f64::INFINITY, f64::NAN), (-1.0, -1.0), (2.0, f64::INFINITY)]
        {
            let chain = Chain::new(loss, burst);
            assert!((0.0..1.0).contains(&chain.loss) && (0.0..1.0).contains(&chain.memory), "{chain:?}");
        }
    }
}
