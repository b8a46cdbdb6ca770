//! Behaviour of both halves.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own helpers fail the test")]

mod allocation;
mod behaviour;
mod captures;
mod contract;
mod gstreamer;
mod kit;
mod loss;
mod malformed;
mod options;
mod prop;
mod sending;
mod wrap;
