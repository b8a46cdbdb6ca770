//! Random numbers by name: the same question always gets the same answer.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::Direction;

/// What a random number decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Loss = 1,
    Jitter = 2,
    Burst = 3,
}

/// Names one endless row of random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) direction: Direction,
    /// Told apart from media: 0 for RTCP, 1 for the rest, 2 for media.
    pub(super) class: u8,
    pub(super) ssrc: u32,
    /// 0 for the first copy of a packet.
    pub(super) copy: u32,
}

/// All random numbers of one seed.
///
/// ChaCha is a block cipher on a counter: the row goes into its key and the place in the row into its counter. Its
/// output is fixed by its specification, so a seed means the same on every machine and with every release.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice {
    seed: u64,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A number in 0.0..1.0.
    pub(super) fn roll(&self, purpose: Purpose, row: Row, index: i64) -> f64 {
        let mut rng = self.row(purpose, row);
        rng.set_word_pos(u128::from(index as u32) * 2);
        unit(&mut rng)
    }

    /// The row's numbers one after the other.
    pub(super) fn row(&self, purpose: Purpose, row: Row) -> ChaCha8Rng {
        let mut key = [0; 32];
        let parts = self.seed.to_le_bytes().into_iter();
        let parts = parts.chain(row.ssrc.to_le_bytes()).chain(row.copy.to_le_bytes());
        let parts = parts.chain([row.direction as u8, row.class, purpose as u8]);
        key.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        ChaCha8Rng::from_seed(key)
    }
}

/// The next number in 0.0..1.0, all 53 bits of it.
pub(super) fn unit(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: Row = Row { direction: Direction::AToB, class: 2, ssrc: 0x1234_5678, copy: 0 };

    #[test]
    fn a_seed_means_the_same_with_every_release() {
        let rolls: Vec<u32> =
            (0..4).map(|i| (Dice::new(7).roll(Purpose::Loss, ROW, i) * 1e6) as u32).collect();
        assert_eq!(rolls, [82_162, 325_240, 413_118, 29_665]);
    }

    #[test]
    fn seeking_and_walking_agree() {
        let mut walk = Dice::new(7).row(Purpose::Jitter, ROW);
        for index in 0..100 {
            assert_eq!(Dice::new(7).roll(Purpose::Jitter, ROW, index), unit(&mut walk));
        }
    }

    #[test]
    fn every_part_of_a_name_counts() {
        let base = Dice::new(7).roll(Purpose::Loss, ROW, 5);
        let others = [
            Dice::new(8).roll(Purpose::Loss, ROW, 5),
            Dice::new(7).roll(Purpose::Jitter, ROW, 5),
            Dice::new(7).roll(Purpose::Loss, ROW, 6),
            Dice::new(7).roll(Purpose::Loss, Row { direction: Direction::BToA, ..ROW }, 5),
            Dice::new(7).roll(Purpose::Loss, Row { class: 1, ..ROW }, 5),
            Dice::new(7).roll(Purpose::Loss, Row { ssrc: 1, ..ROW }, 5),
            Dice::new(7).roll(Purpose::Loss, Row { copy: 1, ..ROW }, 5),
        ];
        assert!(others.iter().all(|&other| other != base), "{base} {others:?}");
    }
}
