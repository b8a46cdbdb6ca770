//! Behaviour of streams of messages under limits.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod allocation;
mod compose;
mod ending;
mod kit;
mod limits;
mod malformed;
mod meter;
mod meter_prop;
mod prop;
mod receiving;
mod sending;
mod sharing;
mod table;
