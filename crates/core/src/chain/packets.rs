//! Packets in, from the wire and from the application, and their walks; instants that have come.

use std::time::Instant;

use bytes::Bytes;
use interceptor_packet::{Ecn, Kind, Origin, RtcpPacket, RtpPacket, classify};

use super::walk::{Way, call, failed, walk};
use super::{Chain, Incoming, Outgoing};
use crate::Flow;
use crate::place::{NodeId, Place};
use crate::routes::{from_place, nearer_than};

impl Chain {
    /// Sends RTP from the application.
    #[inline]
    pub fn write_rtp(&mut self, mut packet: RtpPacket, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        if self.walk_out(&mut packet, Place::TOP, now) == Flow::Forward {
            self.shared.push_wire(Outgoing::Rtp(packet));
        }
        self.settle(now);
    }

    /// [`write_rtp`](Self::write_rtp) in place, the quickest way for a driver that sends at once: after
    /// [`Flow::Forward`] the packet belongs on the wire, before anything that [`poll_wire`](Self::poll_wire) then gives.
    /// Poll the wire empty before the call, or the packet overtakes what waits there.
    #[inline]
    pub fn write_rtp_in_place(&mut self, packet: &mut RtpPacket, now: Instant) -> Flow {
        let Some(now) = self.enter(now) else { return Flow::Consumed };
        let flow = self.walk_out(packet, Place::TOP, now);
        self.settle(now);
        flow
    }

    /// Sends an RTCP compound from the application.
    pub fn write_rtcp(&mut self, mut packet: RtcpPacket, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        if self.walk_rtcp_out(&mut packet, Place::TOP, now) == Flow::Forward {
            self.shared.push_wire(Outgoing::Rtcp(packet));
        }
        self.settle(now);
    }

    /// Takes a datagram from the wire: RTP, RTCP (RFC 5761) or something else (RFC 7983).
    /// What is malformed is counted and delivered as [`Incoming::Raw`].
    #[inline]
    pub fn read_datagram(&mut self, datagram: Bytes, now: Instant) {
        self.read_datagram_ecn(datagram, None, now);
    }

    /// [`read_datagram`](Self::read_datagram) with the congestion mark of its IP header.
    pub fn read_datagram_ecn(&mut self, datagram: Bytes, ecn: Option<Ecn>, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        let kind = classify(&datagram);
        let mut incoming = Self::parse(datagram, kind);
        self.receive(&mut incoming, ecn, 0, now);
        if let Some(incoming) = incoming {
            self.shared.push_app(incoming);
        }
        self.settle(now);
    }

    /// [`read_datagram_ecn`](Self::read_datagram_ecn) for a driver that delivers at once: gives what the application is
    /// to have, before anything that [`poll_app`](Self::poll_app) then gives. `None`: an interceptor kept it. Poll the
    /// application's side empty before the call, or the packet overtakes what waits there.
    // Packets are large, and copying one that was just written waits for the writes: inlined, it is made and walks where
    // the caller wants it.
    #[inline(always)]
    pub fn read_datagram_in_place(
        &mut self,
        datagram: Bytes,
        ecn: Option<Ecn>,
        now: Instant,
    ) -> Option<Incoming> {
        let kind = classify(&datagram);
        self.read_datagram_as_in_place(datagram, kind, ecn, now)
    }

    /// [`read_datagram_in_place`](Self::read_datagram_in_place) for a driver that knows what the datagram is meant to be: where
    /// RTP and RTCP have ports of their own, the port says so, and payload types 64..=95 are media's as all others are.
    #[inline(always)]
    pub fn read_datagram_as_in_place(
        &mut self,
        datagram: Bytes,
        kind: Kind,
        ecn: Option<Ecn>,
        now: Instant,
    ) -> Option<Incoming> {
        self.read_datagram_over_in_place(datagram, kind, ecn, 0, now)
    }

    /// [`read_datagram_as_in_place`](Self::read_datagram_as_in_place) for a driver with several networks, which says over which of them
    /// the datagram came ([`PacketInfo::path`](interceptor_packet::PacketInfo::path)).
    #[inline(always)]
    pub fn read_datagram_over_in_place(
        &mut self,
        datagram: Bytes,
        kind: Kind,
        ecn: Option<Ecn>,
        path: u8,
        now: Instant,
    ) -> Option<Incoming> {
        let now = self.enter(now)?;
        let mut incoming = Self::parse(datagram, kind);
        self.receive(&mut incoming, ecn, path, now);
        self.settle(now);
        incoming
    }

    /// Out of line, so that it writes straight to where its result goes.
    #[inline(never)]
    fn parse(datagram: Bytes, kind: Kind) -> Option<Incoming> {
        match kind {
            Kind::Rtp => RtpPacket::parse_with(
                datagram,
                |packet| Some(Incoming::Rtp(packet)),
                |_, datagram| Some(Incoming::Raw(datagram)),
            ),
            Kind::Rtcp => match RtcpPacket::parse_or_return(datagram) {
                Ok(packet) => Some(Incoming::Rtcp(packet)),
                Err((_, datagram)) => Some(Incoming::Raw(datagram)),
            },
            Kind::Other => Some(Incoming::Raw(datagram)),
        }
    }

    /// What an interceptor keeps becomes `None`.
    fn receive(&mut self, received: &mut Option<Incoming>, ecn: Option<Ecn>, path: u8, now: Instant) {
        let Some(incoming) = received else { return };
        match incoming {
            Incoming::Rtp(packet) => {
                self.shared.counters.malformed_extensions += u64::from(packet.extensions_malformed());
                let info = packet.info_mut();
                (info.ecn, info.path, info.arrival) = (ecn, path, Some(now));
            }
            Incoming::Rtcp(packet) => {
                let info = packet.info_mut();
                (info.ecn, info.path, info.arrival) = (ecn, path, Some(now));
            }
            Incoming::UnboundRtp(_) => {}
            Incoming::Raw(datagram) => self.count_raw(datagram),
        }
        if self.pass_in(incoming, Place::BOTTOM, now) == Flow::Consumed {
            *received = None;
        }
    }

    /// What is neither RTP nor RTCP is of another protocol, or malformed.
    #[cold]
    fn count_raw(&mut self, datagram: &[u8]) {
        let counters = &mut self.shared.counters;
        match classify(datagram) {
            Kind::Rtp | Kind::Rtcp => counters.malformed_datagrams += 1,
            _ => counters.foreign_datagrams += 1,
        }
    }

    /// Takes a parsed RTP packet from the wire. Its arrival is `now` unless it says otherwise; its origin is the role of its
    /// SSRC, whatever another chain has made of it.
    #[inline]
    pub fn read_rtp(&mut self, mut packet: RtpPacket, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        comes_from_the_wire(&mut packet, now);
        match self.walk_in(&mut packet, Place::BOTTOM, now) {
            (Flow::Consumed, _) => {}
            (Flow::Forward, true) => self.shared.push_app(Incoming::Rtp(packet)),
            (Flow::Forward, false) => self.shared.push_app(Incoming::UnboundRtp(packet)),
        }
        self.settle(now);
    }

    /// [`read_rtp`](Self::read_rtp) in place, the quickest way for a driver that delivers at once: after
    /// [`Flow::Forward`] the packet belongs to the application, before anything that [`poll_app`](Self::poll_app) then
    /// gives. Poll the application's side empty before the call, or the packet overtakes what waits there.
    #[inline]
    pub fn read_rtp_in_place(&mut self, packet: &mut RtpPacket, now: Instant) -> Flow {
        let Some(now) = self.enter(now) else { return Flow::Consumed };
        comes_from_the_wire(packet, now);
        let (flow, _) = self.walk_in(packet, Place::BOTTOM, now);
        self.settle(now);
        flow
    }

    /// Takes a checked RTCP compound from the wire. Its arrival is `now` unless it says otherwise.
    pub fn read_rtcp(&mut self, mut packet: RtcpPacket, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        packet.info_mut().arrival.get_or_insert(now);
        if self.walk_rtcp_in(&mut packet, Place::BOTTOM, now) == Flow::Forward {
            self.shared.push_app(Incoming::Rtcp(packet));
        }
        self.settle(now);
    }

    /// Runs every interceptor whose instant has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        for position in 0..self.shared.roster.len() {
            let Some(id) = self.shared.roster.at(position) else { continue };
            self.fire(id, now);
            self.settle(now);
        }
    }

    fn fire(&mut self, id: NodeId, now: Instant) {
        let hold = self.shared.config.limits.min_rearm;
        if !self.shared.hot.wakes.take_due(id, now, hold) {
            return;
        }
        let (interceptors, mut cx) = self.parts(now);
        if let Some(Err(error)) =
            call(interceptors, &mut cx, id, |interceptor, cx| interceptor.handle_timeout(cx))
        {
            failed(interceptors, &mut cx, &error);
        }
    }

    /// Starts one input. `None`: the chain is closed.
    #[inline]
    pub(super) fn enter(&mut self, now: Instant) -> Option<Instant> {
        if self.shared.hot.held_up {
            return self.enter_held_up(now);
        }
        Some(self.shared.advance(now))
    }

    /// A nested chain was lent and has first to hand on what it did, or the chain is closed.
    #[cold]
    fn enter_held_up(&mut self, now: Instant) -> Option<Instant> {
        self.settle(self.shared.hot.latest);
        if self.closed {
            self.shared.counters.after_close += 1;
            return None;
        }
        self.shared.hot.held_up = false;
        Some(self.shared.advance(now))
    }

    /// Outgoing RTP past the interceptors nearer the wire than place `below`.
    #[inline]
    pub(super) fn walk_out(&mut self, packet: &mut RtpPacket, below: Place, now: Instant) -> Flow {
        let (interceptors, mut cx) = self.parts(now);
        let Some((stream, origin)) = cx.routes.local.route(packet.ssrc()) else {
            return self.walk_unbound_out(packet, below, now);
        };
        cx.stream = Some(stream);
        settle_origin(packet, origin);
        let hops = nearer_than(&stream.entries, below);
        walk(Way::Down, interceptors, &mut cx, hops, |interceptor, slot, cx| {
            interceptor.write_rtp(slot, packet, cx)
        })
    }

    /// What comes in, past the interceptors from place `from` up.
    #[inline]
    pub(super) fn pass_in(&mut self, incoming: &mut Incoming, from: Place, now: Instant) -> Flow {
        match incoming {
            Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) => {
                let (flow, bound) = self.walk_in(packet, from, now);
                if flow == Flow::Forward && !bound {
                    let packet = packet.take();
                    *incoming = Incoming::UnboundRtp(packet);
                }
                flow
            }
            Incoming::Rtcp(packet) => self.walk_rtcp_in(packet, from, now),
            Incoming::Raw(_) => Flow::Forward,
        }
    }

    /// Incoming RTP past the interceptors from place `from` up; says also whether its SSRC is bound.
    #[inline]
    pub(super) fn walk_in(&mut self, packet: &mut RtpPacket, from: Place, now: Instant) -> (Flow, bool) {
        let (interceptors, mut cx) = self.parts(now);
        let Some((stream, origin)) = cx.routes.remote.route(packet.ssrc()) else {
            return (self.walk_unbound_in(packet, from, now), false);
        };
        cx.stream = Some(stream);
        settle_origin(packet, origin);
        let hops = from_place(&stream.entries, from);
        (
            walk(Way::Up, interceptors, &mut cx, hops, |interceptor, slot, cx| {
                interceptor.read_rtp(slot, packet, cx)
            }),
            true,
        )
    }

    pub(super) fn walk_unbound_out(&mut self, packet: &mut RtpPacket, below: Place, now: Instant) -> Flow {
        let (interceptors, mut cx) = self.parts(now);
        let hops = nearer_than(&cx.routes.everyone, below);
        cx.shared.counters.unbound_written += 1;
        walk(Way::Down, interceptors, &mut cx, hops, |interceptor, _, cx| {
            interceptor.write_unbound_rtp(packet, cx)
        })
    }

    pub(super) fn walk_unbound_in(&mut self, packet: &mut RtpPacket, from: Place, now: Instant) -> Flow {
        let (interceptors, mut cx) = self.parts(now);
        let hops = from_place(&cx.routes.everyone, from);
        cx.shared.counters.unbound_read += 1;
        walk(Way::Up, interceptors, &mut cx, hops, |interceptor, _, cx| {
            interceptor.read_unbound_rtp(packet, cx)
        })
    }

    pub(super) fn walk_rtcp_out(&mut self, packet: &mut RtcpPacket, below: Place, now: Instant) -> Flow {
        let (interceptors, mut cx) = self.parts(now);
        let hops = nearer_than(&cx.routes.everyone, below);
        walk(Way::Down, interceptors, &mut cx, hops, |interceptor, _, cx| interceptor.write_rtcp(packet, cx))
    }

    pub(super) fn walk_rtcp_in(&mut self, packet: &mut RtcpPacket, from: Place, now: Instant) -> Flow {
        let (interceptors, mut cx) = self.parts(now);
        let hops = from_place(&cx.routes.everyone, from);
        if from == Place::BOTTOM {
            cx.shared.counters.malformed_rtcp_packets += packet.malformed() as u64;
        }
        walk(Way::Up, interceptors, &mut cx, hops, |interceptor, _, cx| interceptor.read_rtcp(packet, cx))
    }
}

/// What a packet was in the chain that sent it, its bytes do not tell.
#[inline(always)]
fn comes_from_the_wire(packet: &mut RtpPacket, now: Instant) {
    let info = packet.info_mut();
    info.origin = Origin::Media;
    info.arrival.get_or_insert(now);
}

/// What an interceptor has said of a packet's origin wins over the role of its SSRC, both ways.
#[inline(always)]
fn settle_origin(packet: &mut RtpPacket, role: Origin) {
    // Of most packets neither says anything.
    if role != Origin::Media && packet.info().origin == Origin::Media {
        packet.info_mut().origin = role;
    }
}
