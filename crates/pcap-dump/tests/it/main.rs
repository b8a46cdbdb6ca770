//! Integration tests: what a capture of a chain's packets contains, and what a broken sink does to the chain.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's own helpers fail the test"
)]

mod allocation;
mod announcements;
mod contract;
mod disk_full;
mod failing;
mod files;
mod filters;
mod golden;
mod hooks;
mod kill;
mod lifecycle;
mod malformed;
mod options;
mod overflow;
mod prop;
mod support;
mod tshark;
