//! Rates, an origin, and the bucket that the others are compared with.

use std::time::{Duration, Instant};

use interceptor_token_bucket::{Rate, TokenBucket};

pub(crate) const SECOND: u64 = 1_000_000_000;

#[expect(clippy::disallowed_methods, reason = "an origin; nothing depends on which")]
pub(crate) fn origin() -> Instant {
    Instant::now()
}

pub(crate) fn rate(amount: u64, per_nanos: u64, burst: u64) -> Rate {
    Rate::new(amount, Duration::from_nanos(per_nanos), burst).unwrap()
}

pub(crate) fn bucket(rate: Rate) -> TokenBucket {
    TokenBucket::new(rate, origin())
}

/// The definition: tokens times nanoseconds in numbers that hold every product.
pub(crate) struct Model {
    amount: u128,
    per: u128,
    burst: u128,
    level: u128,
    at: u64,
}

impl Model {
    pub(crate) fn new(rate: Rate) -> Self {
        let (amount, per, burst) = (rate.amount().into(), rate.per().as_nanos(), rate.burst().into());
        let level = if rate.starts_empty() { 0 } else { burst * per };
        Self { amount, per, burst, level, at: 0 }
    }

    pub(crate) fn take(&mut self, n: u64, nanos: u64) -> bool {
        self.refill(nanos);
        let cost = u128::from(n) * self.per;
        let granted = cost <= self.level;
        self.level -= if granted { cost } else { 0 };
        granted
    }

    /// When `n` tokens that were just denied are there: not if they never fit, or not before the clock ends.
    pub(crate) fn until(&self, n: u64) -> Option<u64> {
        let missing = (u128::from(n) * self.per).checked_sub(self.level)?;
        let fits = u128::from(n) <= self.burst;
        fits.then(|| u64::try_from(u128::from(self.at) + missing.div_ceil(self.amount)).ok())?
    }

    pub(crate) fn give_back(&mut self, n: u64) {
        self.level = (self.level + u128::from(n) * self.per).min(self.burst * self.per);
    }

    pub(crate) fn available(&mut self, nanos: u64) -> u64 {
        self.refill(nanos);
        u64::try_from(self.level / self.per).unwrap()
    }

    fn refill(&mut self, nanos: u64) {
        let elapsed = u128::from(nanos.saturating_sub(self.at));
        // The product may be larger than any number: then the bucket is full, as it is after the time that fills it.
        let elapsed = elapsed.min((self.burst * self.per).div_ceil(self.amount));
        self.level = (self.level + elapsed * self.amount).min(self.burst * self.per);
        self.at = self.at.max(nanos);
    }
}
