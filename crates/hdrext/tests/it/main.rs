//! Behaviour of the interceptors.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod abs_capture_time;
mod abs_send_time;
mod allocation;
mod audio_level;
mod captures;
mod contract;
mod forward;
mod identification;
mod kit;
mod malformed;
mod options;
mod playout_delay;
mod protection;
mod transmission_offset;
mod tshark;
