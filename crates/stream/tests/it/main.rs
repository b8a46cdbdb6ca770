//! Behaviour of streams of messages under limits.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod allocation;
mod kit;
mod limits;
mod meter;
mod meter_prop;
