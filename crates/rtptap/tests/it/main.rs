//! Tests of the `rtptap` library and binary from outside.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod call;
mod cli;
mod demo;
mod inspect;
mod lossy_link;
mod malformed;
mod relay_cmd;
mod report;
mod sample;
