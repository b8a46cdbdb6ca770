//! One packet through the chain, each way; whatever it leaves as it was goes on as the stack's own.

use std::time::Instant;

use bytes::Bytes;
use interceptor_core::packet::{PacketInfo, RtcpPacket, RtpPacket};
use interceptor_core::{Flow, Incoming, Outgoing};
use rtc_interceptor::{Attribute, AttributedPacket, Packet, TaggedPacket};

use crate::belts::{codepoint, ecn};
use crate::interceptor::Entered;
use crate::rtp::{HeaderBytes, header_bytes, is_unchanged};
use crate::way::Way;
use crate::{ConvertError, rtcp_from};

impl Entered<'_> {
    #[inline]
    pub(crate) fn read_rtp(&mut self, message: TaggedPacket) {
        let Some(header) = self.load(&message, Way::Remote) else {
            return self.belts.push_read(message, self.seat);
        };
        if self.seat.chain.read_rtp_in_place(self.packet, message.now) == Flow::Forward {
            let message = if is_same(self.packet, &header, &message) {
                message
            } else {
                self.belts.incoming_rtp(self.packet, message.message.attributes)
            };
            self.belts.push_read(message, self.seat);
        }
        self.unload();
    }

    #[inline]
    pub(crate) fn write_rtp(&mut self, mut message: TaggedPacket) {
        let Some(header) = self.load(&message, Way::Local) else {
            return self.belts.push_write(message, self.seat);
        };
        if self.seat.chain.write_rtp_in_place(self.packet, message.now) == Flow::Forward {
            let message = if is_same(self.packet, &header, &message) {
                message.transport.ecn = codepoint(self.packet.info().ecn);
                message
            } else {
                self.belts.outgoing_rtp(self.packet, message.message.attributes, self.seat)
            };
            self.belts.push_write(message, self.seat);
        }
        self.unload();
    }

    pub(crate) fn read_rtcp(&mut self, message: TaggedPacket) {
        let Some(packet) = self.our_compound(&message) else {
            return self.belts.deliver(message, self.seat, self.delivery);
        };
        let sent = packet.as_bytes().clone();
        self.seat.chain.read_rtcp(packet, message.now);
        let mut original = Some(message);
        while let Some(incoming) = self.seat.chain.poll_app() {
            match (&incoming, original.take()) {
                (Incoming::Rtcp(packet), Some(message)) if is_the_same(packet, &sent) => {
                    self.belts.deliver(message, self.seat, self.delivery);
                }
                (_, message) => {
                    original = message;
                    self.belts.take_incoming(incoming, self.seat, self.delivery);
                }
            }
        }
        self.keep_attributes(original);
    }

    pub(crate) fn write_rtcp(&mut self, message: TaggedPacket) {
        let Some(packet) = self.our_compound(&message) else {
            return self.belts.push_write(message, self.seat);
        };
        let sent = packet.as_bytes().clone();
        self.seat.chain.write_rtcp(packet, message.now);
        let mut original = Some(message);
        while let Some(outgoing) = self.seat.chain.poll_wire() {
            match (&outgoing, original.take()) {
                (Outgoing::Rtcp(packet), Some(message)) if is_the_same(packet, &sent) => {
                    self.belts.push_write(message, self.seat);
                }
                (_, message) => {
                    original = message;
                    self.belts.take_outgoing(outgoing, self.seat);
                }
            }
        }
    }

    /// RTCP that an interceptor kept, or made into something else: what the stack's own have attached goes on all the same, on an
    /// empty compound, which is what the stack carries attributes on.
    fn keep_attributes(&mut self, original: Option<TaggedPacket>) {
        let Some(mut message) = original else { return };
        message.message.attributes.retain(|attribute| !matches!(attribute, Attribute::DeliverToApplication));
        if message.message.attributes.is_empty() {
            return;
        }
        let mut carrier = AttributedPacket::new(Packet::Rtcp(Vec::new()));
        carrier.attributes = message.message.attributes;
        let (now, transport) = (message.now, message.transport);
        self.belts.push_read(TaggedPacket { now, transport, message: carrier }, self.seat);
    }

    /// Makes the message's packet the one on its way; gives the header that it begins with. `None`: it cannot be one, and is counted.
    #[inline]
    fn load(&mut self, message: &TaggedPacket, way: Way) -> Option<HeaderBytes> {
        let Packet::Rtp(packet) = &message.message.packet else { return None };
        let header = header_bytes(&packet.header).map_err(|error| self.unseen_rtp(&error)).ok()?;
        let loaded = self.packet.set_parts(&header, packet.payload.clone()).map_err(ConvertError::Rtp);
        loaded.map_err(|error| self.unseen_rtp(&error)).ok()?;
        self.packet.info_mut().ecn = ecn(&message.transport);
        self.heed_type(way, message.now);
        Some(header)
    }

    /// Gives the payload back, and forgets what was known of the packet.
    #[inline]
    fn unload(&mut self) {
        self.packet.set_payload(Bytes::new());
        *self.packet.info_mut() = PacketInfo::default();
    }

    /// `None`: it is an empty compound, which carries the stack's attributes, or cannot be converted, and is counted.
    fn our_compound(&mut self, message: &TaggedPacket) -> Option<RtcpPacket> {
        let Packet::Rtcp(packets) = &message.message.packet else { return None };
        if packets.is_empty() {
            return None;
        }
        let mut packet = rtcp_from(packets).map_err(|error| self.unseen_rtcp(&error)).ok()?;
        packet.info_mut().ecn = ecn(&message.transport);
        Some(packet)
    }

    #[inline]
    fn heed_type(&mut self, way: Way, now: Instant) {
        let (ssrc, payload_type) = (self.packet.ssrc(), self.packet.payload_type());
        if !self.types.knows(way, ssrc, payload_type) {
            self.seat.heed_type(way, ssrc, payload_type, self.types, now);
        }
    }

    #[cold]
    fn unseen_rtp(&mut self, error: &ConvertError) {
        self.seat.counters.unseen_rtp += 1;
        tracing::trace!(%error, "RTP passes the chain by");
    }

    #[cold]
    fn unseen_rtcp(&mut self, error: &ConvertError) {
        self.seat.counters.unseen_rtcp += 1;
        tracing::trace!(%error, "RTCP passes the chain by");
    }
}

#[inline]
fn is_same(packet: &RtpPacket, header: &[u8], message: &TaggedPacket) -> bool {
    matches!(&message.message.packet, Packet::Rtp(own) if is_unchanged(packet, header, &own.payload))
}

/// Is this the compound that was sent through, rather than one that was made on the way?
fn is_the_same(packet: &RtcpPacket, sent: &[u8]) -> bool {
    let bytes = packet.as_bytes();
    bytes.as_ptr() == sent.as_ptr() && bytes.len() == sent.len()
}
