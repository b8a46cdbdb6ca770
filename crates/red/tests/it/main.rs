//! Behaviour of both interceptors.

#![expect(clippy::unwrap_used, reason = "a test's own helpers fail the test")]

mod allocation;
mod behaviour;
mod contract;
mod gstreamer;
mod kit;
mod loss;
mod malformed;
mod options;
mod prop;
mod redundancy;
mod repair;
mod wrap;
