//! What goes into a chain, what comes out of it, and what is counted on the way.

use bytes::Bytes;
use interceptor_packet::{RtcpPacket, RtpPacket};

/// A packet to put on the wire.
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

/// What a chain has counted since it was built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Datagrams that look like RTP or RTCP but are malformed; delivered as [`Incoming::Raw`].
    pub malformed_datagrams: u64,
    /// Malformed sub-packets inside readable RTCP compounds; skipped.
    pub malformed_rtcp_packets: u64,
    /// Datagrams of other protocols; delivered as [`Incoming::Raw`].
    pub foreign_datagrams: u64,
    /// Incoming RTP packets whose SSRC no stream has announced; delivered as [`Incoming::UnboundRtp`].
    pub unbound_read: u64,
    /// Outgoing RTP packets whose SSRC is not bound; they leave all the same.
    pub unbound_written: u64,
    /// Hooks that returned an error; the packet went on.
    pub hook_errors: u64,
    /// Hooks that panicked; their interceptors are bypassed.
    pub panics: u64,
    /// Packets that interceptors emitted beyond [`Limits::max_emitted_per_input`](crate::Limits::max_emitted_per_input).
    pub dropped_emissions: u64,
    /// Packets that nobody polled, beyond [`Limits::max_queued`](crate::Limits::max_queued).
    pub dropped_queued: u64,
    /// Events that nobody polled, beyond [`Limits::max_events`](crate::Limits::max_events).
    pub dropped_events: u64,
    /// Inputs whose instant lay before that of an earlier input; they counted as being of that instant. An owner whose
    /// threads read the clock before they queue for the chain makes some.
    pub clock_went_back: u64,
    /// Packets and datagrams that came after the chain was closed; dropped.
    pub after_close: u64,
}
