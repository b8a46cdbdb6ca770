//! How long a packet travels, and what a link does to the order of packets.

use std::time::Duration;

use interceptor_core::OptionsError;
use rand::Rng;

use super::check::{check, check_fraction};

/// How the travel time of packets scatters around [`delay`](super::LinkOptions::delay).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Jitter {
    /// Every deviation up to `spread` in either direction is equally likely.
    Uniform {
        /// Greatest deviation, at most the delay.
        spread: Duration,
    },
    /// Deviations are normally distributed, those beyond `limit` are drawn again.
    ///
    /// The normal distribution is the sum of twelve uniform values, so that it is the same on every platform;
    /// it ends at six standard deviations by itself.
    Normal {
        /// Standard deviation before the limit cuts.
        deviation: Duration,
        /// Greatest deviation, at least one standard deviation and at most the delay.
        limit: Duration,
    },
}

impl Jitter {
    /// See [`Jitter::Uniform`].
    #[must_use]
    pub fn uniform(spread: Duration) -> Self {
        Self::Uniform { spread }
    }

    /// See [`Jitter::Normal`].
    #[must_use]
    pub fn normal(deviation: Duration, limit: Duration) -> Self {
        Self::Normal { deviation, limit }
    }

    pub(super) fn validate(self, delay: Duration) -> Result<(), OptionsError> {
        match self {
            Self::Uniform { spread } => check(spread <= delay, "jitter.spread", spread, "in 0..=delay"),
            Self::Normal { deviation, limit } => {
                check((deviation..=delay).contains(&limit), "jitter.limit", limit, "in deviation..=delay")
            }
        }
    }

    /// `delay` with this scatter; never below zero for validated options.
    pub(super) fn scatter(self, delay: Duration, rng: &mut impl Rng) -> Duration {
        match self {
            Self::Uniform { spread } => delay.saturating_sub(spread) + up_to(spread * 2, rng),
            Self::Normal { deviation, limit } => loop {
                let sum: Duration = (0..12).map(|_| up_to(deviation, rng)).sum();
                let mean = deviation * 6;
                if sum.abs_diff(mean) <= limit {
                    return (delay + sum).saturating_sub(mean);
                }
            },
        }
    }
}

fn up_to(longest: Duration, rng: &mut impl Rng) -> Duration {
    Duration::from_nanos(rng.random_range(0..=nanos(longest)))
}

/// Saturates at 584 years.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A fraction of the packets is held back and overtaken by later ones.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reorder {
    /// Fraction of packets held back, 0 to 1.
    pub fraction: f64,
    /// How long they are held back.
    pub hold: Hold,
}

/// How long a packet is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hold {
    /// For this time, on top of delay and jitter.
    Time(Duration),
    /// Until `count` later packets have arrived, lost ones, copies and other held ones not counted, or until
    /// `at_most` this time has passed since it would have arrived.
    Packets {
        /// Packets that overtake it.
        count: u32,
        /// Bound for a stream that ends or pauses.
        at_most: Duration,
    },
}

impl Reorder {
    /// Holds back `fraction` of the packets until `count` later packets have arrived, for at most one second.
    #[must_use]
    pub fn by_packets(fraction: f64, count: u32) -> Self {
        Self { fraction, hold: Hold::Packets { count, at_most: Duration::from_secs(1) } }
    }

    /// Holds back `fraction` of the packets for `time`.
    #[must_use]
    pub fn by_time(fraction: f64, time: Duration) -> Self {
        Self { fraction, hold: Hold::Time(time) }
    }

    pub(super) fn validate(self) -> Result<(), OptionsError> {
        check_fraction("reorder.fraction", self.fraction)
    }
}

/// A fraction of the packets arrives twice.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Duplicate {
    /// Fraction of packets that get a copy, 0 to 1. A lost packet has none.
    pub fraction: f64,
    /// How long after the packet its copy arrives; zero: right behind it.
    pub after: Duration,
}

impl Duplicate {
    /// A copy of `fraction` of the packets arrives right behind the packet.
    #[must_use]
    pub fn new(fraction: f64) -> Self {
        Self { fraction, after: Duration::ZERO }
    }

    /// Lets the copy arrive this long after the packet.
    #[must_use]
    pub fn after(mut self, after: Duration) -> Self {
        self.after = after;
        self
    }

    pub(super) fn validate(self) -> Result<(), OptionsError> {
        check_fraction("duplicate.fraction", self.fraction)
    }
}
