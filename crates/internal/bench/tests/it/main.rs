//! What a running chain may not do: allocate.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

mod allocations;
mod cases;
mod grpc;
