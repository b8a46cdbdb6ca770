//! Conversions with the packets of `rtp` and `rtcp` 0.17, and the marshal traits that they share.

#[cfg(feature = "rtcp")]
mod rtcp_from;
#[cfg(feature = "rtcp")]
mod rtcp_marshal;
#[cfg(feature = "rtcp")]
mod rtcp_to;
#[cfg(feature = "rtcp")]
mod rtcp_twcc;
#[cfg(feature = "rtp")]
mod rtp;
#[cfg(feature = "rtp")]
mod rtp_marshal;
