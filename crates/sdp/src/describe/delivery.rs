//! A stream and where it is sent to.

use std::net::SocketAddr;

use interceptor_core::StreamInfo;

/// Where a recipient wants RTCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RtcpAt {
    /// On the port above that of RTP (RFC 3550 §11).
    #[default]
    PortAbove,
    /// On the port of RTP (RFC 5761).
    SamePort,
    /// On this port of the same host (RFC 3605).
    Port(u16),
}

/// A stream that a recipient gets at an address: a media section of what [`describe`](super::describe) writes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The stream. On SSRC 0 it stands for any that has its payload types.
    pub stream: StreamInfo,
    /// Where the recipient listens.
    pub to: SocketAddr,
    /// Where it wants RTCP.
    pub rtcp: RtcpAt,
    /// Is the recipient told of the stream's feedback (RFC 4585)? Default: no, as VLC takes nothing but `RTP/AVP`.
    pub feedback: bool,
}

impl Delivery {
    /// This stream goes to this address.
    #[must_use]
    pub const fn new(stream: StreamInfo, to: SocketAddr) -> Self {
        Self { stream, to, rtcp: RtcpAt::PortAbove, feedback: false }
    }

    /// Where the recipient wants RTCP.
    #[must_use]
    pub const fn with_rtcp(mut self, rtcp: RtcpAt) -> Self {
        self.rtcp = rtcp;
        self
    }

    /// Is the recipient told of the stream's feedback?
    #[must_use]
    pub const fn with_feedback(mut self, feedback: bool) -> Self {
        self.feedback = feedback;
        self
    }
}
