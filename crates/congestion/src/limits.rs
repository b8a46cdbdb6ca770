//! Between what the target has to stay: what the application and the peer allow, and what the streams can use.

use std::time::Duration;

use crate::{RateLimits, Time};

/// A REMB is sent each second; what is so much older says nothing of now.
const REMB_LIFE: Duration = Duration::from_secs(5);
/// By then there is nothing left of it.
const REMB_END: Duration = Duration::from_secs(60);
/// Where it is all that there is, it falls by so many percent a second from then on.
const DECAY_PERCENT: u128 = 85;
const DECAY_INTERVAL: Duration = Duration::from_secs(1);
/// The controller may try so many times what the streams can use: it learns what there would be.
const HEADROOM: u64 = 2;

/// What bounds the target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of the application.
    pub(crate) own: RateLimits,
    remb: Option<Remb>,
    /// What the peer's TMMBR leave to all streams.
    pub(crate) tmmbr: Option<u64>,
    /// What all streams together can use.
    pub(crate) usable: Option<u64>,
}

/// The newest REMB.
#[derive(Clone, Copy, Debug)]
struct Remb {
    bits_per_second: u64,
    at: Time,
}

impl Limits {
    pub(crate) const fn new(own: RateLimits) -> Self {
        Self { own, remb: None, tmmbr: None, usable: None }
    }

    /// A REMB came.
    pub(crate) const fn set_remb(&mut self, bits_per_second: u64, now: Time) {
        self.remb = Some(Remb { bits_per_second, at: now });
    }

    /// All that was heard of a peer before is of no meaning on another way.
    pub(crate) const fn forget_remb(&mut self) {
        self.remb = None;
    }

    /// Is there a REMB whose meaning changes by itself?
    pub(crate) fn ages(&self, now: Time) -> bool {
        self.remb.is_some_and(|remb| remb.at + REMB_END > now)
    }

    /// The limits by now. `alone`: the peer gives no other feedback than REMB.
    pub(crate) fn now(&self, now: Time, alone: bool) -> RateLimits {
        let caps = [
            self.remb.and_then(|remb| remb.cap(self.own.max, now, alone)),
            self.tmmbr,
            self.usable.map(|usable| rounded_up(usable).saturating_mul(HEADROOM)),
        ];
        let max = caps.into_iter().flatten().fold(self.own.max, u64::min);
        RateLimits { min: self.own.min, max: max.max(self.own.min) }
    }
}

/// To four significant bits, so that what is measured moves it seldom.
const fn rounded_up(rate: u64) -> u64 {
    let step = 1 << (u64::BITS - rate.leading_zeros()).saturating_sub(4);
    rate.div_ceil(step).saturating_mul(step)
}

impl Remb {
    /// What is over `most` was never of any meaning.
    fn cap(&self, most: u64, now: Time, alone: bool) -> Option<u64> {
        let rate = self.bits_per_second.min(most);
        let over = now.since(self.at + REMB_LIFE);
        if over < 0 {
            return Some(rate);
        }
        if !alone {
            return None;
        }
        let times = (over / DECAY_INTERVAL.as_micros() as i64 + 1).min(200);
        Some((0..times).fold(rate, |rate, _| (u128::from(rate) * DECAY_PERCENT / 100) as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KILO: u64 = 1000;

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    fn limits() -> Limits {
        Limits::new(RateLimits { min: 30 * KILO, max: 5000 * KILO })
    }

    #[test]
    fn the_smallest_cap_wins_and_the_minimum_over_all() {
        let mut limits = limits();
        assert_eq!(limits.now(at(0), false), RateLimits { min: 30 * KILO, max: 5000 * KILO });
        limits.usable = Some(2000 * KILO);
        assert_eq!(limits.now(at(0), false).max, 2 * (16 << 17), "2000 kbit/s in steps of 2^17");
        limits.tmmbr = Some(1000 * KILO);
        limits.set_remb(700 * KILO, at(0));
        assert_eq!(limits.now(at(0), false).max, 700 * KILO);
        limits.set_remb(0, at(0));
        assert_eq!(limits.now(at(0), false), RateLimits { min: 30 * KILO, max: 30 * KILO });
        limits.set_remb(u64::MAX, at(0));
        assert_eq!(limits.now(at(0), false).max, 1000 * KILO);
    }

    #[test]
    fn an_old_remb_ends_beside_other_feedback_and_fades_without() {
        let mut limits = limits();
        limits.set_remb(1000 * KILO, at(0));
        assert_eq!([limits.now(at(4), false).max, limits.now(at(5), false).max], [1000 * KILO, 5000 * KILO]);
        let alone = [4, 5, 6, 7].map(|seconds| limits.now(at(seconds), true).max / KILO);
        assert_eq!(alone, [1000, 850, 722, 614]);
        assert_eq!(limits.now(at(100_000), true).max, 30 * KILO);
        limits.set_remb(u64::MAX, at(0));
        assert_eq!(limits.now(at(100_000), true).max, 30 * KILO, "whatever it was");
    }
}
