//! One end of a pair: a chain, and what came out of it.

use std::time::Instant;

use bytes::Bytes;
use interceptor_core::{Chain, Event, Incoming, Outgoing};
use interceptor_packet::{Kind, RtcpPacket, RtpPacket, classify};

use crate::{Datagram, Link};

/// A packet that reached an application.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Received {
    /// When.
    pub at: Instant,
    /// What.
    pub packet: Incoming,
}

impl Received {
    /// The packet, if it is RTP of a bound stream.
    #[must_use]
    pub fn rtp(&self) -> Option<&RtpPacket> {
        match &self.packet {
            Incoming::Rtp(packet) => Some(packet),
            _ => None,
        }
    }

    /// The packet, if it is RTP whose SSRC no stream has announced.
    #[must_use]
    pub fn unbound_rtp(&self) -> Option<&RtpPacket> {
        match &self.packet {
            Incoming::UnboundRtp(packet) => Some(packet),
            _ => None,
        }
    }

    /// The packet, if it is RTCP.
    #[must_use]
    pub fn rtcp(&self) -> Option<&RtcpPacket> {
        match &self.packet {
            Incoming::Rtcp(packet) => Some(packet),
            _ => None,
        }
    }

    /// The datagram, if it is neither RTP nor RTCP, or malformed.
    #[must_use]
    pub fn raw(&self) -> Option<&Bytes> {
        match &self.packet {
            Incoming::Raw(datagram) => Some(datagram),
            _ => None,
        }
    }
}

/// A datagram that an end put on the wire, whatever the link did to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// When.
    pub at: Instant,
    /// What.
    pub datagram: Datagram,
}

impl Sent {
    /// The packet, if it is RTP.
    #[must_use]
    pub fn rtp(&self) -> Option<RtpPacket> {
        let bytes = &self.datagram.bytes;
        (classify(bytes) == Kind::Rtp).then(|| RtpPacket::parse(bytes.clone()).ok())?
    }

    /// The packet, if it is RTCP.
    #[must_use]
    pub fn rtcp(&self) -> Option<RtcpPacket> {
        let bytes = &self.datagram.bytes;
        (classify(bytes) == Kind::Rtcp).then(|| RtcpPacket::parse(bytes.clone()).ok())?
    }
}

/// A chain, the link that leads away from it, and what came out.
#[derive(Debug)]
pub(super) struct End {
    pub(super) chain: Chain,
    pub(super) link: Link<Datagram>,
    pub(super) received: Vec<Received>,
    pub(super) sent: Vec<Sent>,
    pub(super) events: Vec<(Instant, Event)>,
    record_sent: bool,
}

impl End {
    pub(super) fn new(chain: Chain, link: Link<Datagram>, record_sent: bool) -> Self {
        Self { chain, link, received: Vec::new(), sent: Vec::new(), events: Vec::new(), record_sent }
    }

    /// Takes everything that waits in the chain: to the link, to the application.
    pub(super) fn flush(&mut self, now: Instant) {
        while let Some(packet) = self.chain.poll_wire() {
            let datagram = serialise(&packet);
            if self.record_sent {
                self.sent.push(Sent { at: now, datagram: datagram.clone() });
            }
            self.link.push(now, datagram);
        }
        while let Some(packet) = self.chain.poll_app() {
            self.received.push(Received { at: now, packet });
        }
        while let Some(event) = self.chain.poll_event() {
            self.events.push((now, event));
        }
    }

    /// When something happens here or on the link that leads away.
    pub(super) fn next_event(&self) -> Option<Instant> {
        [self.chain.next_timeout(), self.link.next_delivery()].into_iter().flatten().min()
    }
}

fn serialise(packet: &Outgoing) -> Datagram {
    let info = match packet {
        Outgoing::Rtp(packet) => packet.info(),
        Outgoing::Rtcp(packet) => packet.info(),
    };
    Datagram::new(packet.to_bytes()).with_ecn(info.ecn)
}
