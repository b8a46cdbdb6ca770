//! Tests of the `rtptap` library and binary from outside.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod relay;
mod sample;
