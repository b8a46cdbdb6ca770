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
mod fanout;
mod handles;
mod loss;
mod malformed;
mod mux;
// Loopback has one address there.
#[cfg(not(target_vendor = "apple"))]
mod mux_scale;
mod paths;
mod raw;
mod reading;
mod sfu;
#[cfg(feature = "srtp")]
mod srtp;
mod support;
mod torture;
mod udp;
mod writing;
