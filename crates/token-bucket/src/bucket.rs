//! The bucket itself: a level that grows with time and shrinks by what is taken.

use std::time::{Duration, Instant};

use crate::rate::Units;
use crate::{Denied, Rate};

/// Tokens that come in at a [`Rate`] and are taken. The crate's documentation says what it promises.
#[derive(Clone, Copy, Debug)]
pub struct TokenBucket {
    a_nano: u64,
    a_token: u64,
    full: u64,
    level: u64,
    /// The latest time seen, in nanoseconds since `origin`.
    at: u64,
    origin: Instant,
}

impl TokenBucket {
    /// A bucket that begins at `now`, full or, with [`Rate::starting_empty`], empty. `now` is the origin of its nanoseconds.
    #[must_use]
    pub const fn new(rate: Rate, now: Instant) -> Self {
        Self::new_at(rate, now, 0)
    }

    /// A bucket that begins `nanos` after `origin`, for those who count nanoseconds since something that was before it.
    #[must_use]
    pub const fn new_at(rate: Rate, origin: Instant, nanos: u64) -> Self {
        let Units { a_nano, a_token, full } = rate.units();
        let level = if rate.starts_empty() { 0 } else { full };
        Self { a_nano, a_token, full, level, at: nanos, origin }
    }

    /// Takes `n` tokens, or none.
    ///
    /// # Errors
    /// There are not enough: the error says from when on there are.
    #[inline]
    pub fn take(&mut self, n: u64, now: Instant) -> Result<(), Denied> {
        self.take_at(n, self.nanos(now)).map_err(|denied| self.instant(denied))
    }

    /// Takes `n` tokens, or none, at `nanos` nanoseconds after the origin.
    ///
    /// # Errors
    /// There are not enough: the error says from when on there are.
    #[inline]
    pub const fn take_at(&mut self, n: u64, nanos: u64) -> Result<(), Denied<u64>> {
        self.refill(nanos);
        let Some(cost) = n.checked_mul(self.a_token) else { return Err(Denied::Never) };
        if cost <= self.level {
            self.level -= cost;
            return Ok(());
        }
        Err(self.denied(cost))
    }

    /// Puts `n` tokens back that were taken and not used; more than fit are lost.
    #[inline]
    pub const fn give_back(&mut self, n: u64) {
        self.put(n.saturating_mul(self.a_token));
    }

    /// Tokens in a full bucket.
    #[must_use]
    pub const fn burst(&self) -> u64 {
        self.full / self.a_token
    }

    /// Whole tokens that could be taken.
    #[must_use]
    pub fn available(&self, now: Instant) -> u64 {
        self.available_at(self.nanos(now))
    }

    /// Whole tokens that could be taken at `nanos` nanoseconds after the origin.
    #[must_use]
    pub const fn available_at(&self, nanos: u64) -> u64 {
        let mut then = *self;
        then.refill(nanos);
        then.level / then.a_token
    }

    /// From now on tokens come in at another rate. What is in stays in, up to the new burst, less what a fraction of a unit rounds down; whether
    /// the new rate [starts empty](Rate::starting_empty) makes no difference.
    pub fn set_rate(&mut self, rate: Rate, now: Instant) {
        self.set_rate_at(rate, self.nanos(now));
    }

    /// [`set_rate`](Self::set_rate) at `nanos` nanoseconds after the origin.
    pub const fn set_rate_at(&mut self, rate: Rate, nanos: u64) {
        self.refill(nanos);
        let Units { a_nano, a_token, full } = rate.units();
        let level = self.level as u128 * a_token as u128 / self.a_token as u128;
        self.level = if level < full as u128 { level as u64 } else { full };
        (self.a_nano, self.a_token, self.full) = (a_nano, a_token, full);
    }

    /// What has come in until `nanos`. A clock that goes back stands still.
    #[inline]
    const fn refill(&mut self, nanos: u64) {
        // Who takes for many at the same time asks often.
        if nanos > self.at {
            self.put((nanos - self.at).saturating_mul(self.a_nano));
            self.at = nanos;
        }
    }

    /// Sums that do not fit are more than a full bucket in any case.
    #[inline]
    const fn put(&mut self, units: u64) {
        let level = self.level.saturating_add(units);
        self.level = if level < self.full { level } else { self.full };
    }

    #[cold]
    const fn denied(&self, cost: u64) -> Denied<u64> {
        if cost > self.full {
            return Denied::Never;
        }
        match self.at.checked_add((cost - self.level).div_ceil(self.a_nano)) {
            Some(at) => Denied::Until(at),
            None => Denied::Never,
        }
    }

    /// An instant as nanoseconds since the origin, at which everything begins and which nothing precedes.
    #[inline]
    fn nanos(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.origin);
        since.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(since.subsec_nanos()))
    }

    #[cold]
    fn instant(&self, denied: Denied<u64>) -> Denied {
        let at = denied.until().and_then(|nanos| self.origin.checked_add(Duration::from_nanos(nanos)));
        at.map_or(Denied::Never, Denied::Until)
    }
}
