//! What a user of this crate may rely on.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod adaptive;
mod allocation;
mod breaker;
mod captures;
mod contract;
mod ecn;
mod facts;
mod handle;
mod joining;
mod kit;
mod limits;
mod long;
mod lying;
mod malformed;
mod options;
mod prop;
mod shares;
mod vectors;
