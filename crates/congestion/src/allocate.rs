//! Shares the target among streams: minima first, the rest by weight up to the maxima.

use std::time::Duration;

use crate::Time;

/// A stream that was paused goes on when there is so much of its minimum, for so long.
const RESUME_PERCENT: u64 = 120;
const RESUME_AFTER: Duration = Duration::from_secs(3);

/// What a stream can use, in bits per second of its media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) min: u64,
    pub(crate) max: u64,
    pub(crate) weight: u32,
    /// It pauses rather than fall below its minimum.
    pub(crate) pauses: bool,
    /// What its headers and its repair take beside.
    pub(crate) overhead: u64,
}

/// Whether a stream is paused, and since when it would fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pause {
    pub(crate) paused: bool,
    fits_since: Option<Time>,
}

/// One stream's part in the sharing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim<K = ()> {
    /// Where it stands among the others.
    pub(crate) place: K,
    pub(crate) wish: Wish,
    pub(crate) pause: Pause,
    /// What it gets, in bits per second.
    pub(crate) share: u64,
}

/// Gives each of `claims`, which stand in the order of their priority, its share of `total` bits per second. Who does not pause has its
/// minimum even when there is less.
pub(crate) fn share<K>(total: u64, claims: &mut [Claim<K>], now: Time) {
    let mut left = total;
    for claim in &mut *claims {
        let wish = claim.wish;
        let need = wish.min.saturating_add(wish.overhead);
        let fits_well = left >= (wish.min / 100 * RESUME_PERCENT).saturating_add(wish.overhead);
        claim.pause.update(wish.pauses, left >= need, fits_well, now);
        claim.share = 0;
        if !claim.pause.paused {
            claim.share = wish.min;
            left = left.saturating_sub(need);
        }
    }
    let level = level(left, claims);
    for claim in claims.iter_mut().filter(|claim| !claim.pause.paused) {
        claim.share = claim.share.saturating_add(claim.wish.above_min(level));
    }
}

/// How high the water stands: bits per second of a weight of one, so that all fits into `left`.
fn level<K>(left: u64, claims: &[Claim<K>]) -> u64 {
    let active = || claims.iter().filter(|claim| !claim.pause.paused);
    let taken =
        |level: u64| active().fold(0_u64, |sum, claim| sum.saturating_add(claim.wish.above_min(level)));
    let (mut low, mut high) = (0, left);
    if taken(high) <= left {
        return high;
    }
    // All fits at `low`, and not at `high`.
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if taken(middle) <= left {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

impl Wish {
    /// What it takes above its minimum when the water stands at `level`.
    fn above_min(&self, level: u64) -> u64 {
        level.saturating_mul(self.weight.into()).min(self.max.saturating_sub(self.min))
    }
}

impl Pause {
    fn update(&mut self, pauses: bool, fits: bool, fits_well: bool, now: Time) {
        if !pauses {
            *self = Self::default();
        } else if !self.paused {
            self.paused = !fits;
        } else if !fits_well {
            self.fits_since = None;
        } else if now.since(*self.fits_since.get_or_insert(now)) >= RESUME_AFTER.as_micros() as i64 {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KILO: u64 = 1000;

    fn wish(min: u64, max: u64) -> Wish {
        Wish { min: min * KILO, max: max * KILO, weight: 1, pauses: false, overhead: 0 }
    }

    fn claim(wish: Wish) -> Claim {
        Claim { place: (), wish, pause: Pause::default(), share: 0 }
    }

    fn shares(total: u64, wishes: &[Wish]) -> Vec<u64> {
        let mut claims: Vec<_> = wishes.iter().copied().map(claim).collect();
        share(total * KILO, &mut claims, Time::default());
        claims.iter().map(|claim| claim.share / KILO).collect()
    }

    #[test]
    fn minima_come_first_and_the_rest_goes_by_weight_up_to_the_maxima() {
        let audio = wish(16, 64);
        let video = Wish { weight: 3, ..wish(100, 2000) };
        assert_eq!(shares(116, &[audio, video]), [16, 100]);
        assert_eq!(shares(196, &[audio, video]), [36, 160]);
        assert_eq!(shares(1060, &[audio, video]), [64, 995], "less than the sum of weights is left");
        assert_eq!(shares(9000, &[audio, video]), [64, 2000]);
        assert_eq!(shares(50, &[audio, video]), [16, 100], "who does not pause has its minimum");
    }

    #[test]
    fn headers_and_repair_are_taken_off_first() {
        let video = Wish { overhead: 50 * KILO, ..wish(100, 2000) };
        assert_eq!(shares(1000, &[video, video]), [450, 450]);
    }

    #[test]
    fn a_stream_that_pauses_goes_on_after_three_seconds_with_a_fifth_more_than_its_minimum() {
        let mut claims = [claim(Wish { pauses: true, ..wish(100, 500) })];
        let mut at = |total: u64, millis: i64| {
            share(total * KILO, &mut claims, Time::from_micros(millis * 1000));
            (claims[0].pause.paused, claims[0].share / KILO)
        };
        assert_eq!(at(100, 0), (false, 100));
        assert_eq!(at(99, 100), (true, 0));
        assert_eq!(at(119, 5000), (true, 0));
        assert_eq!(at(120, 6000), (true, 0));
        assert_eq!(at(119, 8000), (true, 0), "it begins again");
        assert_eq!(at(130, 8100), (true, 0));
        assert_eq!(at(130, 11_000), (true, 0));
        assert_eq!(at(130, 11_100), (false, 130));
    }

    proptest! {
        #[test]
        fn no_more_is_given_than_there_is_and_nothing_is_left_that_somebody_could_use(
            total in 0_u64..10_000_000,
            wishes in prop::collection::vec((0_u64..500_000, 0_u64..3_000_000, 0_u32..9, any::<bool>(), 0_u64..90_000), 0..8),
        ) {
            let wishes = wishes.into_iter().map(|(min, more, weight, pauses, overhead)| {
                Wish { min, max: min + more, weight, pauses, overhead }
            });
            let mut claims: Vec<_> = wishes.map(claim).collect();
            share(total, &mut claims, Time::default());
            let active = || claims.iter().filter(|claim| !claim.pause.paused);
            let need: u64 = active().map(|claim| claim.wish.min + claim.wish.overhead).sum();
            let given: u64 = active().map(|claim| claim.share + claim.wish.overhead).sum();
            prop_assert!(given <= total.max(need));
            for claim in &claims {
                prop_assert!(claim.share <= claim.wish.max);
                prop_assert!(claim.pause.paused || claim.share >= claim.wish.min);
            }
            let grows = |claim: &&Claim| claim.wish.max > claim.wish.min;
            let weights: u64 = active().filter(grows).map(|claim| u64::from(claim.wish.weight)).sum();
            let full = active().all(|claim| claim.share == claim.wish.max || claim.wish.weight == 0);
            prop_assert!(full || need > total || total - given <= weights);
        }
    }
}
