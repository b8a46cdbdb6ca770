//! The chain's behaviour, seen from outside.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets the unexpected fails")]

mod bytes_in;
mod errors;
mod lifecycle;
mod limits;
mod malformed;
mod nesting;
mod order;
mod probe;
mod timers;
