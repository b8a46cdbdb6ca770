//! Behaviour of the RTX interceptor.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own helpers fail the test")]

mod allocation;
mod amending;
mod captures;
mod contract;
mod encapsulation;
mod fallback;
mod kit;
mod malformed;
mod options;
mod padding;
mod restoration;
mod round_trip;
mod unknown_pairs;
mod unsignalled;
