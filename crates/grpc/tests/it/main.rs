//! The layer over real connections, and its bodies on virtual time.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod client;
mod ends;
mod frames;
mod limits;
mod malformed;
mod observers;
mod opening;
mod pacing;
mod support;
