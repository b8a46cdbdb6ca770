//! Integration tests of the packet types.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, and the lints' leave for tests does not reach them"
)]

mod allocations;
mod captures;
mod ext;
mod hex;
mod info;
mod malformed;
mod red;
mod rtcp_against_rtcp_types;
mod rtcp_build;
mod rtcp_ccfb;
mod rtcp_nack;
mod rtcp_prop;
mod rtcp_twcc;
mod rtcp_vectors;
mod rtp_build;
mod rtp_extensions;
mod rtp_parse;
mod rtp_port;
mod rtp_prop;
mod sequence;
mod text;
mod time;

#[cfg(feature = "rtcp")]
mod interop_rtcp;
#[cfg(feature = "rtp")]
mod interop_rtp;
