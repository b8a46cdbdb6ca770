//! Behaviour of the interceptor.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod allocation;
mod contract;
mod kit;
mod loss;
mod malformed;
mod options;
mod prop;
mod reports;
mod streams;
mod timing;
mod tshark;
mod vectors;
