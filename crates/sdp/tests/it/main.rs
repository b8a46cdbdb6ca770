//! Session descriptions read, answered and written.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod answering;
mod answering_transport;
mod captures;
mod configuration;
mod demux;
mod describing;
mod layers;
mod malformed;
mod oracle;
mod others;
mod players;
mod prop;
mod reading;
mod streams;
mod support;
