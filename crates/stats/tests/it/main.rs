//! The statistics of chains, told packets at instants of the test's choice.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod allocation;
mod captures;
mod chromium;
mod contract;
mod feedback;
mod json;
mod lifecycle;
mod malformed;
mod prometheus;
mod prop;
mod rates;
mod reports;
mod streams;
mod support;
mod threads;
mod two_ends;
mod vectors;
