//! What comes out of a chain: packets for the wire, packets for the application.

use std::fmt;

use bytes::Bytes;
use interceptor_packet::{RtcpPacket, RtpPacket};

/// A packet to put on the wire.
///
/// Exhaustive on purpose: a driver that does not know a kind of packet could not send it.
#[derive(Clone, Debug, PartialEq)]
pub enum Outgoing {
    /// RTP: send `as_slices()` vectored, or `to_bytes()`.
    Rtp(RtpPacket),
    /// One RTCP compound.
    Rtcp(RtcpPacket),
}

impl Outgoing {
    /// The datagram in one piece; an RTP packet is copied.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Rtp(packet) => packet.to_bytes(),
            Self::Rtcp(packet) => packet.as_bytes().clone(),
        }
    }
}

/// A packet for the application.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Incoming {
    /// RTP of a bound stream.
    Rtp(RtpPacket),
    /// RTP whose SSRC no stream has announced.
    UnboundRtp(RtpPacket),
    /// One RTCP compound.
    Rtcp(RtcpPacket),
    /// A datagram that is neither: other protocols on the same port (RFC 7983), or malformed RTP or RTCP.
    Raw(Bytes),
}

impl fmt::Display for Outgoing {
    /// One line, as a packet analyser prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rtp(packet) => packet.fmt(f),
            Self::Rtcp(packet) => packet.fmt(f),
        }
    }
}

impl fmt::Display for Incoming {
    /// One line, as a packet analyser prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rtp(packet) => packet.fmt(f),
            Self::UnboundRtp(packet) => write!(f, "{packet} (unbound)"),
            Self::Rtcp(packet) => packet.fmt(f),
            Self::Raw(datagram) => write!(f, "raw, {} bytes", datagram.len()),
        }
    }
}
