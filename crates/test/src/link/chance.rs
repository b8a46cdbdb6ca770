//! Where a link's chances come from.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::flight::Travel;
use super::options::LinkOptions;

/// A generator for each impairment.
#[derive(Debug)]
pub(super) struct Chance {
    loss: ChaCha8Rng,
    jitter: ChaCha8Rng,
    reorder: ChaCha8Rng,
    duplicate: ChaCha8Rng,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        let stream = |number| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(number);
            rng
        };
        Self { loss: stream(0), jitter: stream(1), reorder: stream(2), duplicate: stream(3) }
    }
    /// For the loss models of the link, in their order.
    pub(super) fn loss(&mut self) -> &mut ChaCha8Rng {
        &mut self.loss
    }

    /// How a packet travels whose loss is decided. Every generator draws whatever the others decided, so that
    /// none shifts another.
    pub(super) fn travel(&mut self, options: &LinkOptions, lost: bool) -> Travel {
        let LinkOptions { delay, jitter, jitter_reorders, reorder, duplicate, .. } = *options;
        let time = jitter.map_or(delay, |jitter| jitter.scatter(delay, &mut self.jitter));
        let reorder = reorder.filter(|reorder| self.reorder.random_bool(reorder.fraction));
        let duplicate = duplicate.filter(|duplicate| self.duplicate.random_bool(duplicate.fraction));
        Travel {
            lost,
            time,
            may_overtake: jitter_reorders,
            hold: reorder.map(|reorder| reorder.hold),
            copy_after: duplicate.map(|duplicate| duplicate.after),
        }
    }
}
