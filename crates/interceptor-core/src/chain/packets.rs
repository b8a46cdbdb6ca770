//! Packets through the chain, and the work that hooks emit.

use std::time::Instant;

use bytes::Bytes;
use interceptor_packet::{Ecn, Kind, Origin, RtcpPacket, RtpPacket, classify};
use smallvec::SmallVec;

use super::walk::{Way, call, failed, walk};
use super::{Chain, Incoming, Outgoing};
use crate::Flow;
use crate::context::{Emitted, Work};
use crate::routes::Entry;

/// Above every interceptor: where the application's packets start.
const APPLICATION: u16 = u16::MAX;

impl Chain {
    /// Sends RTP from the application.
    #[inline]
    pub fn write_rtp(&mut self, mut packet: RtpPacket, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        if self.walk_out(&mut packet, APPLICATION, now) == Flow::Forward {
            self.shared.push_wire(Outgoing::Rtp(packet));
        }
        self.run_emitted(now);
    }

    /// [`write_rtp`](Self::write_rtp) in place, the quickest way for a driver that sends at once: after
    /// [`Flow::Forward`] the packet belongs on the wire, before anything that [`poll_wire`](Self::poll_wire) then gives.
    /// Poll the wire empty before the call, or the packet overtakes what waits there.
    #[inline]
    pub fn write_rtp_in_place(&mut self, packet: &mut RtpPacket, now: Instant) -> Flow {
        let Some(now) = self.enter(now) else { return Flow::Consumed };
        let flow = self.walk_out(packet, APPLICATION, now);
        self.run_emitted(now);
        flow
    }

    /// Sends an RTCP compound from the application.
    pub fn write_rtcp(&mut self, mut packet: RtcpPacket, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        if self.walk_rtcp_out(&mut packet, APPLICATION, now) == Flow::Forward {
            self.shared.push_wire(Outgoing::Rtcp(packet));
        }
        self.run_emitted(now);
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
        if let Some(incoming) = self.receive(datagram, ecn, now) {
            self.shared.push_app(incoming);
        }
        self.run_emitted(now);
    }

    /// [`read_datagram_ecn`](Self::read_datagram_ecn) for a driver that delivers at once: gives what the application is
    /// to have, before anything that [`poll_app`](Self::poll_app) then gives. `None`: an interceptor kept it. Poll the
    /// application's side empty before the call, or the packet overtakes what waits there.
    #[inline]
    pub fn read_datagram_in_place(
        &mut self,
        datagram: Bytes,
        ecn: Option<Ecn>,
        now: Instant,
    ) -> Option<Incoming> {
        let now = self.enter(now)?;
        let incoming = self.receive(datagram, ecn, now);
        self.run_emitted(now);
        incoming
    }

    /// Packets are large: one is made where it is returned, and walks there.
    #[inline]
    fn receive(&mut self, datagram: Bytes, ecn: Option<Ecn>, now: Instant) -> Option<Incoming> {
        let mut incoming = Some(Self::parse(datagram));
        match &mut incoming {
            Some(Incoming::Rtp(packet)) => {
                let info = packet.info_mut();
                (info.ecn, info.arrival) = (ecn, Some(now));
                match self.walk_in(packet, 0, now) {
                    (Flow::Consumed, _) => incoming = None,
                    (Flow::Forward, true) => {}
                    (Flow::Forward, false) => incoming = Some(Incoming::UnboundRtp(packet.take())),
                }
            }
            Some(Incoming::Rtcp(packet)) => {
                let info = packet.info_mut();
                (info.ecn, info.arrival) = (ecn, Some(now));
                if self.walk_rtcp_in(packet, 0, now) == Flow::Consumed {
                    incoming = None;
                }
            }
            _ => self.count_raw(&incoming),
        }
        incoming
    }

    #[inline(always)]
    fn parse(datagram: Bytes) -> Incoming {
        match classify(&datagram) {
            Kind::Rtp => match RtpPacket::parse_or_return(datagram) {
                Ok(packet) => Incoming::Rtp(packet),
                Err((_, datagram)) => Incoming::Raw(datagram),
            },
            Kind::Rtcp => match RtcpPacket::parse_or_return(datagram) {
                Ok(packet) => Incoming::Rtcp(packet),
                Err((_, datagram)) => Incoming::Raw(datagram),
            },
            _ => Incoming::Raw(datagram),
        }
    }

    /// What is neither RTP nor RTCP is of another protocol, or malformed.
    #[cold]
    fn count_raw(&mut self, incoming: &Option<Incoming>) {
        let Some(Incoming::Raw(datagram)) = incoming else { return };
        let counters = &mut self.shared.counters;
        match classify(datagram) {
            Kind::Rtp | Kind::Rtcp => counters.malformed_datagrams += 1,
            _ => counters.foreign_datagrams += 1,
        }
    }

    /// Takes a parsed RTP packet from the wire. Its arrival is `now` unless it says otherwise.
    #[inline]
    pub fn read_rtp(&mut self, mut packet: RtpPacket, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        packet.info_mut().arrival.get_or_insert(now);
        self.pass_in(&mut packet, 0, now);
        self.run_emitted(now);
    }

    /// [`read_rtp`](Self::read_rtp) in place, the quickest way for a driver that delivers at once: after
    /// [`Flow::Forward`] the packet belongs to the application, before anything that [`poll_app`](Self::poll_app) then
    /// gives. Poll the application's side empty before the call, or the packet overtakes what waits there.
    #[inline]
    pub fn read_rtp_in_place(&mut self, packet: &mut RtpPacket, now: Instant) -> Flow {
        let Some(now) = self.enter(now) else { return Flow::Consumed };
        packet.info_mut().arrival.get_or_insert(now);
        let (flow, _) = self.walk_in(packet, 0, now);
        self.run_emitted(now);
        flow
    }

    /// Takes a checked RTCP compound from the wire. Its arrival is `now` unless it says otherwise.
    pub fn read_rtcp(&mut self, mut packet: RtcpPacket, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        packet.info_mut().arrival.get_or_insert(now);
        if self.walk_rtcp_in(&mut packet, 0, now) == Flow::Forward {
            self.shared.push_app(Incoming::Rtcp(packet));
        }
        self.run_emitted(now);
    }

    /// Runs every interceptor whose instant has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        for position in 0..self.nodes.len() {
            let Some(id) = self.nodes.at(position) else { continue };
            self.fire(id, now);
            self.run_emitted(now);
        }
    }

    fn fire(&mut self, id: u16, now: Instant) {
        if self.shared.wakes.take_due(id, now).is_none() {
            return;
        }
        let (nodes, mut cx) = self.parts(now);
        if let Some(Err(error)) = call(nodes, &mut cx, id, |interceptor, cx| interceptor.handle_timeout(cx)) {
            failed(nodes, &mut cx, &error);
        }
        let rearmed = now + self.shared.min_rearm();
        self.shared.wakes.put_off(id, rearmed);
    }

    /// Starts one input. `None`: the chain is closed.
    #[inline]
    pub(super) fn enter(&mut self, now: Instant) -> Option<Instant> {
        if self.closed {
            self.shared.counters.after_close += 1;
            return None;
        }
        Some(self.shared.advance(now))
    }

    /// Outgoing RTP past the interceptors nearer the wire than place `below`.
    #[inline]
    pub(super) fn walk_out(&mut self, packet: &mut RtpPacket, below: u16, now: Instant) -> Flow {
        let (nodes, mut cx) = self.parts(now);
        let Some((stream, origin)) = cx.routes.local.route(packet.ssrc()) else {
            return self.walk_unbound_out(packet, below, now);
        };
        if origin != Origin::Media {
            packet.info_mut().origin = origin;
        }
        let hops = stream.nearer_than(below);
        walk(Way::Down, nodes, &mut cx, hops, |interceptor, slot, cx| interceptor.write_rtp(slot, packet, cx))
    }

    /// Incoming RTP past the interceptors from place `from` up, then to the application.
    #[inline]
    fn pass_in(&mut self, packet: &mut RtpPacket, from: u16, now: Instant) {
        match self.walk_in(packet, from, now) {
            (Flow::Consumed, _) => {}
            (Flow::Forward, true) => self.shared.push_app(Incoming::Rtp(packet.take())),
            (Flow::Forward, false) => self.shared.push_app(Incoming::UnboundRtp(packet.take())),
        }
    }

    /// Incoming RTP past the interceptors from place `from` up; says also whether its SSRC is bound.
    #[inline]
    pub(super) fn walk_in(&mut self, packet: &mut RtpPacket, from: u16, now: Instant) -> (Flow, bool) {
        let (nodes, mut cx) = self.parts(now);
        let Some((stream, origin)) = cx.routes.remote.route(packet.ssrc()) else {
            return (self.walk_unbound_in(packet, from, now), false);
        };
        packet.info_mut().origin = origin;
        let hops = stream.from(from);
        (
            walk(Way::Up, nodes, &mut cx, hops, |interceptor, slot, cx| {
                interceptor.read_rtp(slot, packet, cx)
            }),
            true,
        )
    }

    pub(super) fn walk_unbound_out(&mut self, packet: &mut RtpPacket, below: u16, now: Instant) -> Flow {
        let hops = self.hops(0, below);
        let (nodes, mut cx) = self.parts(now);
        cx.shared.counters.unbound_written += 1;
        walk(Way::Down, nodes, &mut cx, &hops, |interceptor, _, cx| interceptor.write_unbound_rtp(packet, cx))
    }

    pub(super) fn walk_unbound_in(&mut self, packet: &mut RtpPacket, from: u16, now: Instant) -> Flow {
        let hops = self.hops(from, APPLICATION);
        let (nodes, mut cx) = self.parts(now);
        cx.shared.counters.unbound_read += 1;
        walk(Way::Up, nodes, &mut cx, &hops, |interceptor, _, cx| interceptor.read_unbound_rtp(packet, cx))
    }

    pub(super) fn walk_rtcp_out(&mut self, packet: &mut RtcpPacket, below: u16, now: Instant) -> Flow {
        let hops = self.hops(0, below);
        let (nodes, mut cx) = self.parts(now);
        walk(Way::Down, nodes, &mut cx, &hops, |interceptor, _, cx| interceptor.write_rtcp(packet, cx))
    }

    pub(super) fn walk_rtcp_in(&mut self, packet: &mut RtcpPacket, from: u16, now: Instant) -> Flow {
        let hops = self.hops(from, APPLICATION);
        let (nodes, mut cx) = self.parts(now);
        if from == 0 {
            cx.shared.counters.malformed_rtcp_packets += packet.malformed() as u64;
        }
        walk(Way::Up, nodes, &mut cx, &hops, |interceptor, _, cx| interceptor.read_rtcp(packet, cx))
    }

    /// The interceptors from place `from` up to below place `to`. A copy: only RTP of bound streams has no time for one.
    fn hops(&self, from: u16, to: u16) -> SmallVec<[Entry; 16]> {
        let hop = |(position, node): (usize, &u16)| Entry { position: position as u16, node: *node, slot: 0 };
        let all = self.nodes.order().iter().enumerate().take(usize::from(to));
        all.skip(usize::from(from)).map(hop).collect()
    }

    /// Runs what hooks have emitted, in order, each from its interceptor's place. Hooks may emit more.
    #[inline]
    pub(super) fn run_emitted(&mut self, now: Instant) {
        if !self.shared.work.is_empty() {
            self.run_work(now);
        }
    }

    /// In the queue's own memory: packets are large. What hooks emit meanwhile makes the next batch.
    fn run_work(&mut self, now: Instant) {
        let mut batch = std::mem::take(&mut self.shared.batch);
        while !self.shared.work.is_empty() {
            std::mem::swap(&mut self.shared.work, &mut batch);
            for Work { from, packet } in batch.iter_mut() {
                let place = self.nodes.position(*from);
                self.run_one(place, packet, now);
            }
            batch.clear();
        }
        self.shared.batch = batch;
    }

    #[inline]
    fn run_one(&mut self, place: u16, emitted: &mut Emitted, now: Instant) {
        match emitted {
            Emitted::WriteRtp(packet) => {
                if self.walk_out(packet, place, now) == Flow::Forward {
                    self.shared.push_wire(Outgoing::Rtp(packet.take()));
                }
            }
            Emitted::WriteRtcp(packet) => {
                if self.walk_rtcp_out(packet, place, now) == Flow::Forward {
                    self.shared.push_wire(Outgoing::Rtcp(packet.take()));
                }
            }
            Emitted::ReadRtp(packet) => self.pass_in(packet, place.saturating_add(1), now),
            Emitted::ReadRtcp(packet) => {
                if self.walk_rtcp_in(packet, place.saturating_add(1), now) == Flow::Forward {
                    self.shared.push_app(Incoming::Rtcp(packet.take()));
                }
            }
        }
    }
}
