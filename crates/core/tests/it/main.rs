//! The chain's behaviour, seen from outside.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets the unexpected fails")]

mod access;
mod actor;
mod amending;
mod attributes;
mod building;
mod bytes_in;
mod contract;
mod describing;
mod errors;
mod facts;
mod filtering;
mod lifecycle;
mod limits;
mod logging;
mod malformed;
mod nesting;
mod order;
mod probe;
mod registry;
mod stamps;
mod timers;
