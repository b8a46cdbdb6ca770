//! Behaviour of the interceptors.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's own helpers fail the test"
)]

mod allocation;
mod behaviour;
mod contract;
mod duplicate;
mod gstreamer;
mod held;
mod kit;
mod loss;
mod malformed;
mod options;
mod paths;
mod prop;
mod stack;
mod wrap;
