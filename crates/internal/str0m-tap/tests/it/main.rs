//! What a tap on a str0m peer tells.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's own helpers fail the test"
)]

mod above;
mod capture;
mod kit;
mod program;
mod rtcp;
mod rtp;
mod statistics;
mod unsaid;
