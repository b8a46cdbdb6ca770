//! Behaviour of the interceptor.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test's own helpers fail the test"
)]

mod allocation;
mod behaviour;
mod contract;
mod drift;
mod facts;
mod gstreamer;
mod kit;
mod lip_sync;
mod loss;
mod malformed;
mod measured;
mod options;
mod prop;
mod wrap;
