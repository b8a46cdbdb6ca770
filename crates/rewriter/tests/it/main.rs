//! Tests of the outgoing stream: table by table, and against a model that keeps everything.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own helpers fail the test")]

mod allocation;
mod feedback;
mod kit;
mod malformed;
mod model;
mod numbers;
mod options;
mod prop;
mod switching;
mod timestamps;
mod wrap;
