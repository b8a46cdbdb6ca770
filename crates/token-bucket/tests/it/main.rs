//! Behaviour of the token bucket.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod behaviour;
mod clock;
mod governor;
mod kit;
mod memory;
mod prop;
mod rate;
mod set_rate;
