//! Which datagrams are lost and how long the others take: the n-th of a kind has the n-th numbers of its row.

use std::time::Duration;

use interceptor_packet::Kind;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::relay::TargetRules;

/// The rows of one set of rules. ChaCha's output is fixed by its specification, so a seed means the same everywhere.
#[derive(Debug)]
pub(super) struct Dice {
    rtp: Row,
    rtcp: Row,
}

#[derive(Debug)]
struct Row {
    rng: ChaCha8Rng,
    /// Whether the datagram before was lost.
    lost: Option<bool>,
}

impl Default for Dice {
    fn default() -> Self {
        Self::new(&TargetRules::default())
    }
}

impl Dice {
    pub(super) fn new(rules: &TargetRules) -> Self {
        Self { rtp: Row::new(rules.seed, 0), rtcp: Row::new(rules.seed, 1) }
    }

    /// How long the next datagram of this kind is held back; `None`: it is lost. Two numbers a datagram whatever the rules, so that a delay changes
    /// nothing in what is lost.
    pub(super) fn roll(&mut self, rules: &TargetRules, kind: Kind) -> Option<Duration> {
        let is_rtcp = kind == Kind::Rtcp;
        let row = if is_rtcp { &mut self.rtcp } else { &mut self.rtp };
        let (loss, spread) = (unit(&mut row.rng), unit(&mut row.rng));
        let lost = row.is_lost(loss, rules, rules.burst.filter(|_| !is_rtcp));
        row.lost = Some(lost);
        let delay = rules.delay + rules.jitter.mul_f64(2.0 * spread);
        (!lost).then(|| delay.saturating_sub(rules.jitter))
    }
}

impl Row {
    fn new(seed: u64, class: u8) -> Self {
        let mut key = [0; 32];
        key.iter_mut()
            .zip(seed.to_le_bytes().into_iter().chain([class]))
            .for_each(|(byte, part)| *byte = part);
        Self { rng: ChaCha8Rng::from_seed(key), lost: None }
    }

    /// With bursts a Gilbert chain: in the bad state everything is lost, and it is left with probability 1/burst.
    fn is_lost(&self, roll: f64, rules: &TargetRules, burst: Option<f64>) -> bool {
        let (Some(burst), Some(lost)) = (burst, self.lost) else { return roll < rules.loss };
        if rules.loss >= 1.0 {
            return true;
        }
        let leave = 1.0 / burst;
        if lost { roll >= leave } else { roll < leave * rules.loss / (1.0 - rules.loss) }
    }
}

/// The next number in 0.0..1.0, all 53 bits of it.
fn unit(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(loss: f64, burst: Option<f64>) -> TargetRules {
        TargetRules { loss, burst, ..TargetRules::default() }
    }

    fn lost(rules: &TargetRules, kind: Kind, count: usize) -> Vec<bool> {
        let mut dice = Dice::new(rules);
        (0..count).map(|_| dice.roll(rules, kind).is_none()).collect()
    }

    #[test]
    fn a_seed_loses_the_same_in_every_release_and_more_loss_loses_others_besides() {
        let few = lost(&rules(0.2, None), Kind::Rtp, 40);
        let at: Vec<usize> = few.iter().enumerate().filter_map(|(at, lost)| lost.then_some(at)).collect();
        assert_eq!(at, SEED_1_LOSES);
        let mut slow = rules(0.2, None);
        (slow.delay, slow.jitter) = (Duration::from_millis(40), Duration::from_millis(5));
        assert_eq!(lost(&slow, Kind::Rtp, 40), few, "a delay changes nothing in that");
        let more = lost(&rules(0.5, None), Kind::Rtp, 40);
        assert!(few.iter().zip(&more).all(|(few, more)| !few | more));
        assert_ne!(lost(&rules(0.2, None), Kind::Rtcp, 40), few);
        assert_ne!(lost(&TargetRules { seed: 2, ..rules(0.2, None) }, Kind::Rtp, 40), few);
    }

    const SEED_1_LOSES: [usize; 9] = [7, 11, 12, 18, 19, 29, 30, 31, 36];

    #[test]
    fn shares_and_bursts_are_what_was_asked() {
        for (loss, burst) in
            [(0.0, None), (0.05, None), (0.2, Some(3.0)), (0.9, Some(20.0)), (1.0, Some(1.0))]
        {
            let lost = lost(&rules(loss, burst), Kind::Rtp, 200_000);
            let count = lost.iter().filter(|lost| **lost).count() as f64;
            assert!((count / 200_000.0 - loss).abs() <= 0.03, "{loss} {burst:?}: {count}");
            let runs = lost.chunk_by(|a, b| a == b).filter(|run| run[0]).count() as f64;
            if let Some(burst) = burst.filter(|_| loss < 1.0) {
                assert!((count / runs - burst).abs() < 0.1 * burst, "{loss} {burst}: {}", count / runs);
            }
        }
    }

    #[test]
    fn delays_stay_within_the_jitter_and_never_below_zero() {
        let ms = Duration::from_millis;
        for (delay, jitter) in [(40, 5), (2, 10), (0, 0)] {
            let rules = TargetRules { delay: ms(delay), jitter: ms(jitter), ..TargetRules::default() };
            let mut dice = Dice::new(&rules);
            for _ in 0..1000 {
                let taken = dice.roll(&rules, Kind::Rtp).unwrap();
                assert!(
                    taken <= ms(delay + jitter) && taken >= ms(delay.saturating_sub(jitter)),
                    "{taken:?}"
                );
            }
        }
    }
}
