//! The layer over real connections, and its bodies on virtual time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod backpressure;
#[cfg(feature = "prometheus")]
mod chat;
mod client;
mod crowd;
mod ends;
mod frames;
mod hostile;
mod hosts;
mod killed;
mod limits;
mod malformed;
mod model;
mod observers;
mod opening;
mod pacing;
mod panics;
mod pool;
mod rig;
mod support;
mod swallowed;
