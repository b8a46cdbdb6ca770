//! The Gilbert chain that decides which packets of a stream are lost together.

use rand_chacha::ChaCha8Rng;

use super::dice::unit;

/// A two-state chain over a stream's packets: everything is lost in the bad state and nothing in the good one.
///
/// With mean burst length `n` the bad state is left with probability 1/n a packet; the good state is left as often
/// as it takes to lose the wanted share.
#[derive(Debug)]
pub(super) struct BurstChain {
    rng: ChaCha8Rng,
    loss: f64,
    leave_bad: f64,
    leave_good: f64,
    lost: Vec<bool>,
}

impl BurstChain {
    /// `loss` in 0.0..=0.5, `mean_burst` from 1.0.
    pub(super) fn new(rng: ChaCha8Rng, loss: f64, mean_burst: f64) -> Self {
        let leave_bad = 1.0 / mean_burst;
        Self { rng, loss, leave_bad, leave_good: leave_bad * loss / (1.0 - loss), lost: Vec::new() }
    }

    /// Whether the packet with this index in the stream is lost. Works the chain out as far as it must.
    pub(super) fn is_lost(&mut self, index: usize) -> bool {
        while self.lost.len() <= index {
            let roll = unit(&mut self.rng);
            let lost = match self.lost.last() {
                None => roll < self.loss,
                Some(true) => roll >= self.leave_bad,
                Some(false) => roll < self.leave_good,
            };
            self.lost.push(lost);
        }
        self.lost.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    /// Share lost and mean run length over a long walk.
    fn measure(loss: f64, mean_burst: f64) -> (f64, f64) {
        let mut chain = BurstChain::new(ChaCha8Rng::from_seed([3; 32]), loss, mean_burst);
        let lost: Vec<bool> = (0..200_000).map(|i| chain.is_lost(i)).collect();
        let count = lost.iter().filter(|l| **l).count() as f64;
        let runs = lost.chunk_by(|a, b| a == b).filter(|run| run[0]).count() as f64;
        (count / lost.len() as f64, if runs == 0.0 { 0.0 } else { count / runs })
    }

    #[test]
    fn share_and_burst_length_converge_to_what_was_asked() {
        for loss in [0.05, 0.2, 0.5] {
            for burst in [1.0, 2.5, 8.0] {
                let (share, mean) = measure(loss, burst);
                assert!((share - loss).abs() < 0.12 * loss, "loss {loss} burst {burst}: {share}");
                assert!((mean - burst).abs() < 0.1 * burst, "loss {loss} burst {burst}: {mean}");
            }
        }
    }

    #[test]
    fn no_loss_means_none() {
        assert_eq!(measure(0.0, 5.0), (0.0, 0.0));
    }

    #[test]
    fn the_order_of_asking_does_not_matter() {
        let chain = || BurstChain::new(ChaCha8Rng::from_seed([9; 32]), 0.3, 4.0);
        let (mut up, mut down) = (chain(), chain());
        let rising: Vec<bool> = (0..500).map(|i| up.is_lost(i)).collect();
        let mut falling: Vec<bool> = (0..500).rev().map(|i| down.is_lost(i)).collect();
        falling.reverse();
        assert_eq!(rising, falling);
    }
}
