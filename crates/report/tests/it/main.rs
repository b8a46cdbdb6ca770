//! Reports over whole chains, on virtual time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's own helpers fail the test"
)]

mod capture;
mod compounds;
mod contract;
mod extended;
mod goodbye;
mod harness;
mod malformed;
mod naive;
mod options;
mod path_loss;
mod peers;
mod receiver;
mod receiving;
mod round_trip;
mod sending;
mod timing;
mod tshark;
mod wrapping;
