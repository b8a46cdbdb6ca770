//! One captured packet as sinks and file formats see it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::{Direction, Endpoints, LinkType, PacketView, framing};

/// One captured packet.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Record<'a> {
    /// The connection's id.
    pub connection: &'a str,
    /// When it crossed, since 1970-01-01 00:00 UTC: an incoming packet's arrival, the instant of sending otherwise.
    pub timestamp: Duration,
    /// Which way.
    pub direction: Direction,
    /// Between which addresses.
    pub endpoints: Endpoints,
    /// The packet as the chain saw it, without its attributes.
    pub packet: PacketView<'a>,
    /// Packets of this direction, right before this one, that the queue had no room for.
    pub missed: u64,
    /// The whole UDP payload.
    pub(crate) datagram: &'a [u8],
    /// How much of it is to be kept.
    pub(crate) kept: usize,
}

impl<'a> Record<'a> {
    /// The UDP payload as far as [`headers_only`](crate::PcapDumpOptions::headers_only) and
    /// [`snaplen`](crate::PcapDumpOptions::snaplen) allow.
    #[must_use]
    pub fn data(&self) -> &'a [u8] {
        self.datagram.get(..self.kept).unwrap_or(self.datagram)
    }

    /// Bytes of the UDP payload on the wire.
    #[must_use]
    pub const fn original_len(&self) -> usize {
        self.datagram.len()
    }

    /// Replaces `frame` by the whole packet with what `link_type` puts around it, as pcapng and pcap files have it; gives how many bytes
    /// stand before the RTP or RTCP. For sinks that write such files themselves, of several connections into one for instance.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`]: the packet is longer than an IP packet can be; never with [`LinkType::RtpPdu`].
    pub fn frame(&self, link_type: LinkType, frame: &mut Vec<u8>) -> io::Result<usize> {
        framing::build(link_type, self, frame)
    }

    /// Who sent it.
    #[must_use]
    pub const fn source(&self) -> SocketAddr {
        match self.direction {
            Direction::Incoming => self.endpoints.remote,
            Direction::Outgoing => self.endpoints.local,
        }
    }

    /// To whom.
    #[must_use]
    pub const fn destination(&self) -> SocketAddr {
        match self.direction {
            Direction::Incoming => self.endpoints.local,
            Direction::Outgoing => self.endpoints.remote,
        }
    }
}

/// How a capture ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaptureEnd {
    /// When, since 1970-01-01 00:00 UTC.
    pub timestamp: Duration,
    /// Incoming packets after the last captured one that the queue had no room for.
    pub missed_incoming: u64,
    /// Outgoing packets after the last captured one that the queue had no room for.
    pub missed_outgoing: u64,
}

impl CaptureEnd {
    pub(crate) const fn missed(&self, direction: Direction) -> u64 {
        match direction {
            Direction::Incoming => self.missed_incoming,
            Direction::Outgoing => self.missed_outgoing,
        }
    }
}
