//! What waits for the stack, each way, and the instant and transport that it is marked with.

use std::collections::VecDeque;
use std::time::Instant;

use interceptor_core::packet::{Ecn, Origin, PacketInfo, Recovery, RtcpPacket, RtpPacket};
use interceptor_core::{Incoming, Outgoing};
use rtc_interceptor::{Attribute, AttributedPacket, Packet, TaggedPacket};
use rtc_shared::{EcnCodepoint, TransportContext};

use crate::delivery::Delivery;
use crate::shared::Seat;
use crate::{rtcp_to, rtp_to};

/// Packets for the wire and for the application.
pub(crate) struct Belts {
    reads: VecDeque<TaggedPacket>,
    writes: VecDeque<TaggedPacket>,
    /// How many may wait each way.
    limit: usize,
    /// The newest instant that the stack has given; it binds streams without one.
    pub(crate) now: Instant,
    /// That of the last packet: what the chain makes goes the same way.
    transport: TransportContext,
}

impl Belts {
    pub(crate) fn new(limit: usize, now: Instant) -> Self {
        let (reads, writes) = (VecDeque::new(), VecDeque::new());
        Self { reads, writes, limit, now, transport: TransportContext::default() }
    }

    #[inline]
    pub(crate) fn note(&mut self, message: &TaggedPacket) {
        self.now = message.now;
        self.transport = message.transport;
    }

    #[inline]
    pub(crate) fn pop_read(&mut self) -> Option<TaggedPacket> {
        self.reads.pop_front()
    }

    #[inline]
    pub(crate) fn pop_write(&mut self) -> Option<TaggedPacket> {
        self.writes.pop_front()
    }

    #[inline]
    pub(crate) fn push_read(&mut self, message: TaggedPacket, seat: &mut Seat) {
        push(&mut self.reads, self.limit, message, seat);
    }

    #[inline]
    pub(crate) fn push_write(&mut self, message: TaggedPacket, seat: &mut Seat) {
        push(&mut self.writes, self.limit, message, seat);
    }

    /// Takes over what the chain has made.
    #[inline]
    pub(crate) fn fill(&mut self, seat: &mut Seat, delivery: Delivery) {
        while let Some(outgoing) = seat.chain.poll_wire() {
            self.take_outgoing(outgoing, seat);
        }
        while let Some(incoming) = seat.chain.poll_app() {
            self.take_incoming(incoming, seat, delivery);
        }
    }

    pub(crate) fn take_outgoing(&mut self, outgoing: Outgoing, seat: &mut Seat) {
        let message = match outgoing {
            Outgoing::Rtp(packet) => self.outgoing_rtp(&packet, Vec::new(), seat),
            Outgoing::Rtcp(packet) => self.rtcp(&packet, Vec::new()),
        };
        self.push_write(message, seat);
    }

    pub(crate) fn take_incoming(&mut self, incoming: Incoming, seat: &mut Seat, delivery: Delivery) {
        match incoming {
            Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) => {
                let message = self.incoming_rtp(&packet, Vec::new());
                self.push_read(message, seat);
            }
            Incoming::Rtcp(packet) => {
                let message = self.rtcp(&packet, Vec::new());
                self.deliver(message, seat, delivery);
            }
            // A chain makes no datagrams, it only hands on those that it was given; this one was given none.
            _ => {}
        }
    }

    /// RTCP that came in goes on, to the application as well if it is wanted there.
    pub(crate) fn deliver(&mut self, mut message: TaggedPacket, seat: &mut Seat, delivery: Delivery) {
        for request in delivery.requests(&message) {
            self.push_read(request, seat);
        }
        delivery.mark(&mut message);
        self.push_read(message, seat);
    }

    pub(crate) fn outgoing_rtp(
        &self,
        packet: &RtpPacket,
        mut attributes: Vec<Attribute>,
        seat: &mut Seat,
    ) -> TaggedPacket {
        seat.counters.shortened_padding += u64::from(packet.padding_len() > 4);
        if packet.info().origin == Origin::Retransmission {
            attributes.push(Attribute::Retransmission);
        }
        self.tagged(Packet::Rtp(rtp_to(packet)), attributes, packet.info())
    }

    pub(crate) fn incoming_rtp(&self, packet: &RtpPacket, mut attributes: Vec<Attribute>) -> TaggedPacket {
        if packet.info().recovered_by == Some(Recovery::Fec) {
            attributes.push(Attribute::RecoveredByFec);
        }
        self.tagged(Packet::Rtp(rtp_to(packet)), attributes, packet.info())
    }

    pub(crate) fn rtcp(&self, packet: &RtcpPacket, attributes: Vec<Attribute>) -> TaggedPacket {
        self.tagged(Packet::Rtcp(rtcp_to(packet)), attributes, packet.info())
    }

    fn tagged(&self, packet: Packet, attributes: Vec<Attribute>, info: &PacketInfo) -> TaggedPacket {
        let transport = TransportContext { ecn: codepoint(info.ecn), ..self.transport };
        let mut message = AttributedPacket::new(packet);
        message.attributes = attributes;
        TaggedPacket { now: self.now, transport, message }
    }
}

#[inline]
fn push(belt: &mut VecDeque<TaggedPacket>, limit: usize, message: TaggedPacket, seat: &mut Seat) {
    if belt.len() >= limit {
        belt.pop_front();
        seat.counters.dropped_queued += 1;
    }
    belt.push_back(message);
}

/// The congestion mark of a packet; the stack does not tell a packet without one from a transport that does not know.
#[inline]
pub(crate) const fn ecn(transport: &TransportContext) -> Option<Ecn> {
    match transport.ecn {
        Some(EcnCodepoint::Ect0) => Some(Ecn::Ect0),
        Some(EcnCodepoint::Ect1) => Some(Ecn::Ect1),
        Some(EcnCodepoint::Ce) => Some(Ecn::Ce),
        None => None,
    }
}

#[inline]
pub(crate) const fn codepoint(ecn: Option<Ecn>) -> Option<EcnCodepoint> {
    match ecn {
        Some(Ecn::Ect0) => Some(EcnCodepoint::Ect0),
        Some(Ecn::Ect1) => Some(EcnCodepoint::Ect1),
        Some(Ecn::Ce) => Some(EcnCodepoint::Ce),
        Some(Ecn::NotEct) | None => None,
    }
}
