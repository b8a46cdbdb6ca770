//! A token bucket in integers: exact at every rate, the clock is an argument.
//!
//! A bucket fills at a [`Rate`] up to its burst, and whoever wants to do something takes tokens for it: packets, bytes, messages. If there are
//! not enough, none is taken, and [`Denied::Until`] is the first nanosecond at which the same will be granted.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_token_bucket::{Denied, Rate, RateError, TokenBucket};
//!
//! fn main() -> Result<(), RateError> {
//!     // 3 messages a second, 2 of them at once.
//!     let rate = Rate::new(3, Duration::from_secs(1), 2)?;
//!     let now = Instant::now(); // you read the clock
//!     let mut bucket = TokenBucket::new(rate, now);
//!     assert_eq!((bucket.take(1, now), bucket.take(1, now)), (Ok(()), Ok(())));
//!
//!     // A third of a second is no whole number of nanoseconds: the first one by which the token is there.
//!     let at = now + Duration::from_nanos(333_333_334);
//!     assert_eq!(bucket.take(1, now), Err(Denied::Until(at)));
//!     assert_eq!(bucket.take(1, at - Duration::from_nanos(1)), Err(Denied::Until(at)));
//!     assert_eq!(bucket.take(1, at), Ok(()));
//!
//!     // What never fits into the bucket is no question of waiting.
//!     assert_eq!(bucket.take(3, at), Err(Denied::Never));
//!     Ok(())
//! }
//! ```
//!
//! # What it promises
//!
//! Whatever is asked when, with a rate of *amount* in *per* and any two instants *s* ≤ *t*:
//!
//! > tokens granted from *s* to *t*, both included ≤ *burst* + *amount* · (*t* − *s*) / *per*
//!
//! It is an inequality of integers, not one up to rounding: the level is counted in a unit of which whole numbers fall within a nanosecond and
//! make a token. That is the generic cell rate algorithm (ITU-T I.371) in the form of a leaky bucket, without a division for what is granted.
//! Tokens that are given back count as if they had not been granted.
//!
//! # Behaviour
//!
//! | case | what happens |
//! |---|---|
//! | new | full, or empty with [`Rate::starting_empty`] |
//! | as many tokens as there are, or fewer | taken |
//! | more than there are | none is taken; [`Denied::Until`] |
//! | more than the burst | none is taken; [`Denied::Never`] |
//! | no tokens (`n` is 0) | granted |
//! | the clock stands still | nothing comes in |
//! | the clock goes back | it stands still until it is where it was |
//! | the clock jumps ahead by any time | full |
//! | tokens given back | at most full |
//! | a new rate | what is in stays in, up to the new burst; what came in before did so at the old rate |
//!
//! # Two clocks
//!
//! [`take`](TokenBucket::take) has an [`Instant`](std::time::Instant). Who has counted nanoseconds already, such as an interceptor by its
//! `Context::elapsed_nanos`, saves the subtraction with [`take_at`](TokenBucket::take_at): nanoseconds since the bucket's origin, which is
//! the instant that it was made at, or any earlier one ([`TokenBucket::new_at`]). Both may be used on one bucket.
//!
//! # Limits
//!
//! | what | range | else |
//! |---|---|---|
//! | amount | 1..=2⁶⁴−1 | [`RateError::Amount`] |
//! | time | 1 ns..=2⁶⁴−1 ns (584 years) | [`RateError::Per`] |
//! | burst | 1..=[`Rate::max_burst`] | [`RateError::Burst`] |
//!
//! The largest burst depends on the rate, and is seldom met: with any amount a second it is at least 18 446 744 073 tokens (18 GB, if tokens
//! are bytes); with any amount an hour at least 5 124 095. Time after the origin is told apart for 584 years; after that it stands still.
//!
//! # Memory
//!
//! A bucket is a `Copy` value of at most 64 bytes without anything on the heap; nothing here allocates, locks or reads a clock.

mod bucket;
mod denied;
mod rate;

pub use bucket::TokenBucket;
pub use denied::Denied;
pub use rate::{Rate, RateError};
