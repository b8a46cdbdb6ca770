//! Tests of the kit itself, by what a user sees of it.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test's own helpers fail the test")]

mod clock;
mod contract;
mod corpus;
mod datagram;
mod hex;
mod link;
mod mock;
mod pair;
mod recorder;
mod rtp;
mod script;
#[cfg(feature = "streams")]
mod scripted_stream;
mod stream_info;
#[cfg(feature = "udp")]
mod udp_link;
