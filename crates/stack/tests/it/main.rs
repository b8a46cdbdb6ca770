//! What a stack does, in every form of it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod allocation;
mod bag;
mod contain;
mod depth;
mod dropping;
mod executors;
mod functions;
mod model;
mod nested;
mod observers;
mod scripted;
mod semantics;
mod service;
mod text;
