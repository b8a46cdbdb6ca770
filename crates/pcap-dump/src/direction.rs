//! Which way a packet goes, which protocol it is, and a borrowed look at it.

use interceptor_packet::{PacketInfo, RtcpPacket, RtpPacket};

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the wire to the application. pcapng interface 0.
    Incoming,
    /// From the application, or from an interceptor, to the wire. pcapng interface 1.
    Outgoing,
}

impl Direction {
    pub(crate) const ALL: [Self; 2] = [Self::Incoming, Self::Outgoing];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
        }
    }
}

/// The protocol of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// RTP (RFC 3550 §5).
    Rtp,
    /// RTCP (RFC 3550 §6).
    Rtcp,
}

/// A packet as the chain saw it, whole, whatever [`headers_only`](crate::PcapDumpOptions::headers_only) and
/// [`snaplen`](crate::PcapDumpOptions::snaplen) leave of it in the capture.
#[derive(Clone, Copy, Debug)]
pub enum PacketView<'a> {
    /// RTP.
    Rtp(&'a RtpPacket),
    /// One RTCP compound.
    Rtcp(&'a RtcpPacket),
}

impl<'a> PacketView<'a> {
    /// Its protocol.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match self {
            Self::Rtp(_) => Protocol::Rtp,
            Self::Rtcp(_) => Protocol::Rtcp,
        }
    }

    /// What the chain knows about it: origin, recovery, ECN mark. The attributes are there for a filter closure, not
    /// for a [`PacketSink`](crate::PacketSink): they stay with the packet that goes on.
    #[must_use]
    pub const fn info(&self) -> &'a PacketInfo {
        match self {
            Self::Rtp(packet) => packet.info(),
            Self::Rtcp(packet) => packet.info(),
        }
    }

    /// Bytes on the wire: the UDP payload.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        match self {
            Self::Rtp(packet) => packet.total_len(),
            Self::Rtcp(packet) => packet.len(),
        }
    }
}
