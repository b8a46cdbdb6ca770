//! The adapter alone, and in encrypted calls of the whole stack on virtual time.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets the unexpected fails"
)]

mod allocations;
mod configure;
mod delivery;
mod kit;
mod malformed;
mod owning;
mod pair;
mod passing;
mod repair;
mod rtcp_conversion;
mod rtp_conversion;
mod stack;
mod streams;
