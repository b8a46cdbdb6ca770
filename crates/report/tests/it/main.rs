//! Reports over whole chains, on virtual time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test's own helpers fail the test"
)]

mod compounds;
mod contract;
mod extended;
mod goodbye;
mod harness;
mod malformed;
mod naive;
mod options;
mod receiving;
mod round_trip;
mod sending;
mod timing;
mod wrapping;
