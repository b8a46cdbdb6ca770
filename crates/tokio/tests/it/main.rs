//! Whole sessions: on virtual time over a transport in memory, and on real sockets with a guard around them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets the unexpected fails"
)]

mod accept;
mod allocations;
mod amending;
mod books;
mod chain;
mod closing;
mod conn;
mod handles;
mod loss;
mod malformed;
mod reading;
mod support;
mod torture;
mod udp;
mod writing;
