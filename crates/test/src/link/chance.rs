//! Where a link's chances come from.

use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::flight::Travel;
use super::options::LinkOptions;
use super::stall::StallProcess;

/// A generator for each impairment.
#[derive(Debug)]
pub(super) struct Chance {
    loss: ChaCha8Rng,
    jitter: ChaCha8Rng,
    reorder: ChaCha8Rng,
    duplicate: ChaCha8Rng,
    mark: ChaCha8Rng,
    stall: ChaCha8Rng,
    stalls: StallProcess,
}

impl Chance {
    pub(super) fn new(seed: u64, start: Instant) -> Self {
        let stream = |number| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(number);
            rng
        };
        Self {
            loss: stream(0),
            jitter: stream(1),
            reorder: stream(2),
            duplicate: stream(3),
            mark: stream(4),
            stall: stream(5),
            stalls: StallProcess::new(start),
        }
    }

    /// For the loss models of the link, in their order.
    pub(super) fn loss(&mut self) -> &mut ChaCha8Rng {
        &mut self.loss
    }

    /// For the marks of the link's ramp.
    pub(super) fn mark(&mut self) -> &mut ChaCha8Rng {
        &mut self.mark
    }

    /// How a packet travels whose loss is decided, offered at `now`, `since_start` after the link's. Every generator draws whatever the others decided, so that
    /// none shifts another.
    pub(super) fn travel(
        &mut self,
        options: &LinkOptions,
        lost: bool,
        now: Instant,
        since_start: Duration,
    ) -> Travel {
        let LinkOptions { jitter, jitter_reorders, reorder, duplicate, stalls, .. } = *options;
        let delay = options.delay_at(since_start);
        let time = jitter.map_or(delay, |jitter| jitter.scatter(delay, &mut self.jitter));
        let held = stalls.map(|stalls| self.stalls.holds(stalls, now, &mut self.stall));
        let reorder = reorder.filter(|reorder| self.reorder.random_bool(reorder.fraction));
        let duplicate = duplicate.filter(|duplicate| self.duplicate.random_bool(duplicate.fraction));
        Travel {
            lost,
            time: time + held.unwrap_or_default(),
            may_overtake: jitter_reorders,
            hold: reorder.map(|reorder| reorder.hold),
            copy_after: duplicate.map(|duplicate| duplicate.after),
        }
    }
}
