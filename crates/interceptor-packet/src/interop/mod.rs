//! Conversions with the packets of `rtp` and `rtcp` 0.17, and the marshal traits that they share.

mod marshal;
#[cfg(feature = "rtcp")]
mod rtcp_from;
#[cfg(feature = "rtcp")]
mod rtcp_to;
#[cfg(feature = "rtcp")]
mod rtcp_twcc;
#[cfg(feature = "rtp")]
mod rtp;
