//! How quickly a bucket fills, and how much it holds.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// So many tokens in a time, and a burst: what the bucket holds when it is full. Checked when it is made.
///
/// ```
/// use std::time::Duration;
/// use interceptor_token_bucket::Rate;
///
/// const VIDEO: Rate = match Rate::new(187_500, Duration::from_secs(1), 15_000) { // 1.5 Mb/s in bytes
///     Ok(rate) => rate,
///     Err(_) => panic!("out of range"),
/// };
/// assert_eq!(Rate::per_second(50)?.burst(), 50);
/// # Ok::<(), interceptor_token_bucket::RateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    amount: u64,
    per_nanos: u64,
    burst: u64,
    starts_empty: bool,
}

/// What is out of range in a [`Rate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateError {
    /// The amount is 0: nothing would ever come in. To stop a flow is no matter of its rate.
    Amount,
    /// The time is 0, or more than 2⁶⁴−1 ns.
    Per {
        /// What was asked for.
        per: Duration,
    },
    /// The burst is 0, or more than can be counted exactly at this rate.
    Burst {
        /// What was asked for.
        burst: u64,
        /// The largest burst at this rate.
        max: u64,
    },
}

/// A rate in whole numbers: of the unit in which a bucket counts, so many fall within a nanosecond and make a token.
#[derive(Clone, Copy)]
pub(crate) struct Units {
    pub(crate) a_nano: u64,
    pub(crate) a_token: u64,
    /// A full bucket.
    pub(crate) full: u64,
}

impl Rate {
    /// `amount` tokens in the time `per`, evenly, into a bucket that holds `burst`.
    ///
    /// # Errors
    /// What is out of range: `amount` 1..=2⁶⁴−1, `per` 1 ns..=2⁶⁴−1 ns, `burst` 1..=[`Rate::max_burst`] of these two.
    pub const fn new(amount: u64, per: Duration, burst: u64) -> Result<Self, RateError> {
        if amount == 0 {
            return Err(RateError::Amount);
        }
        let nanos = per.as_nanos();
        if nanos == 0 || nanos > u64::MAX as u128 {
            return Err(RateError::Per { per });
        }
        let rate = Self { amount, per_nanos: nanos as u64, burst, starts_empty: false };
        let max = rate.max_burst();
        if burst == 0 || burst > max {
            return Err(RateError::Burst { burst, max });
        }
        Ok(rate)
    }

    /// `amount` tokens a second, all of them at once if nobody has taken any for a second.
    ///
    /// # Errors
    /// `amount` is 0, or more than [`Rate::max_burst`], which is at least 18 446 744 073.
    pub const fn per_second(amount: u64) -> Result<Self, RateError> {
        Self::new(amount, Duration::from_secs(1), amount)
    }

    /// The same rate for buckets that are empty when they are made: what comes first waits for its tokens, too.
    #[must_use]
    pub const fn starting_empty(mut self) -> Self {
        self.starts_empty = true;
        self
    }

    /// Tokens that come in within [`per`](Self::per).
    #[must_use]
    pub const fn amount(&self) -> u64 {
        self.amount
    }

    /// The time that [`amount`](Self::amount) is about.
    #[must_use]
    pub const fn per(&self) -> Duration {
        Duration::from_nanos(self.per_nanos)
    }

    /// Tokens in a full bucket.
    #[must_use]
    pub const fn burst(&self) -> u64 {
        self.burst
    }

    /// Whether a bucket is empty when it is made.
    #[must_use]
    pub const fn starts_empty(&self) -> bool {
        self.starts_empty
    }

    /// The largest burst at this amount in this time: (2⁶⁴−1) · *g* / *per*, rounded down, with *per* in nanoseconds and *g* the greatest common
    /// divisor of both.
    #[must_use]
    pub const fn max_burst(&self) -> u64 {
        u64::MAX / (self.per_nanos / gcd(self.per_nanos, self.amount))
    }

    pub(crate) const fn units(&self) -> Units {
        let common = gcd(self.per_nanos, self.amount);
        let a_token = self.per_nanos / common;
        // `new` has seen to it that this fits.
        Units { a_nano: self.amount / common, a_token, full: self.burst * a_token }
    }
}

const fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl fmt::Display for RateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amount => write!(f, "Rate::amount is 0, it has to be in 1..={}", u64::MAX),
            Self::Per { per } => write!(f, "Rate::per is {per:?}, it has to be in 1ns..={}ns", u64::MAX),
            Self::Burst { burst, max } => {
                write!(f, "Rate::burst is {burst}, at this rate it has to be in 1..={max}")
            }
        }
    }
}

impl Error for RateError {}
