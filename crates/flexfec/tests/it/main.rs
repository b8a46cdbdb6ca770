//! Behaviour of the interceptor.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's own helpers fail the test"
)]

mod contract;
mod kit;
mod malformed;
mod model;
mod protecting;
mod recovering;
