//! Tests of the sums and of what comes back of them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own helpers fail the test")]

mod allocation;
mod captures;
mod codes;
mod kit;
mod malformed;
mod recovery;
mod sums;
