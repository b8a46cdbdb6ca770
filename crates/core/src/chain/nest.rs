//! A chain as an interceptor of another chain: its interceptors behave as if they stood in the outer one.

use std::time::Instant;

use interceptor_packet::{RtcpPacket, RtpPacket};

use super::{Chain, Incoming, Outgoing};
use crate::place::Place;
use crate::reserve::Reserve;
use crate::{Amend, Context, Event, Fact, Flow, Interceptor, Result, StreamInfo, Streams};

/// Marks a stream that a nested chain takes part in; the inner chain keeps the states.
#[derive(Debug)]
pub struct NestedStream(());

impl Chain {
    /// Brings the inner chain to the outer chain's time and facts. `None`: it is closed and passes everything on.
    fn step_in(&mut self, cx: &Context<'_>) -> Option<Instant> {
        self.shared.facts.follow(cx.facts());
        self.enter(cx.now())
    }

    /// Hands the outer chain what the inner one has emitted, found out, counted and asked for.
    pub(super) fn step_out(&mut self, cx: &mut Context<'_>) {
        self.settle(cx.now());
        while let Some(packet) = self.poll_wire() {
            match packet {
                Outgoing::Rtp(packet) => cx.send_rtp(packet),
                Outgoing::Rtcp(packet) => cx.send_rtcp(packet),
            }
        }
        while let Some(packet) = self.poll_app() {
            match packet {
                Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) => cx.deliver_rtp(packet),
                Incoming::Rtcp(packet) => cx.deliver_rtcp(packet),
                // Datagrams enter the outer chain only.
                Incoming::Raw(_) => {}
            }
        }
        while let Some(event) = self.poll_event() {
            match event {
                Event::Fact(fact) => cx.publish(fact),
                event => cx.shared.push_event(event),
            }
        }
        if let Some(at) = self.next_timeout() {
            cx.shared.hot.wakes.add_for_nested(cx.node, at);
        }
        self.report_counters(cx);
    }

    fn report_counters(&mut self, cx: &mut Context<'_>) {
        if self.shared.counters == self.reported {
            return;
        }
        cx.shared.counters.add_nested(&self.shared.counters, &self.reported);
        if let Some(node) = cx.shared.roster.get_mut(cx.node) {
            node.errors += self.shared.counters.hook_errors - self.reported.hook_errors;
        }
        self.reported.clone_from(&self.shared.counters);
    }

    /// What the inner interceptors add to packets of a stream, the outer chain's know of.
    fn declare_outside(&self, ssrc: u32, cx: &mut Context<'_>) {
        let stream = self.routes.local.route(ssrc).map(|(stream, _)| stream);
        for reserve in stream.map(|stream| stream.reserves.all()).unwrap_or_default() {
            match reserve {
                Reserve::Stamp(stamp) => cx.declare_stamp(stamp.id, stamp.len),
                Reserve::Headroom(bytes) => cx.declare_headroom(bytes),
            }
        }
    }

    /// And the inner ones know what is stamped outside.
    fn note_stamps(&mut self, cx: &Context<'_>) {
        self.shared.stamped_outside.clear();
        self.shared.stamped_outside.extend(cx.stamps());
    }
}

impl Interceptor for Chain {
    type Local = NestedStream;
    type Remote = NestedStream;

    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<NestedStream>> {
        self.shared.facts.follow(cx.facts());
        let bound = Self::bind_local(self, stream.clone(), cx.now());
        self.step_out(cx);
        self.declare_outside(stream.ssrc, cx);
        Ok(bound.map(|()| Some(NestedStream(())))?)
    }

    fn bind_remote(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<NestedStream>> {
        self.shared.facts.follow(cx.facts());
        let bound = Self::bind_remote(self, stream.clone(), cx.now());
        self.step_out(cx);
        Ok(bound.map(|()| Some(NestedStream(())))?)
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        _: &mut NestedStream,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.shared.facts.follow(cx.facts());
        let amended = Self::amend_local(self, new.clone(), cx.now());
        self.step_out(cx);
        self.declare_outside(new.ssrc, cx);
        Ok(amended.map(|()| Amend::Keep)?)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        _: &mut NestedStream,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.shared.facts.follow(cx.facts());
        let amended = Self::amend_remote(self, new.clone(), cx.now());
        self.step_out(cx);
        Ok(amended.map(|()| Amend::Keep)?)
    }

    fn unbind_local(&mut self, stream: &StreamInfo, _: NestedStream, cx: &mut Context<'_>) {
        self.shared.facts.follow(cx.facts());
        // Fails only for a stream that the inner chain does not know: then there is nothing to end.
        let _ = Self::unbind_local(self, stream.ssrc, cx.now());
        self.step_out(cx);
    }

    fn unbind_remote(&mut self, stream: &StreamInfo, _: NestedStream, cx: &mut Context<'_>) {
        self.shared.facts.follow(cx.facts());
        let _ = Self::unbind_remote(self, stream.ssrc, cx.now());
        self.step_out(cx);
    }

    fn write_rtp(
        &mut self,
        _: &mut NestedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let Some(now) = self.step_in(cx) else { return Ok(Flow::Forward) };
        self.note_stamps(cx);
        let flow = self.walk_out(packet, Place::TOP, now);
        self.step_out(cx);
        Ok(flow)
    }

    fn read_rtp(
        &mut self,
        _: &mut NestedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let Some(now) = self.step_in(cx) else { return Ok(Flow::Forward) };
        let (flow, _) = self.walk_in(packet, Place::BOTTOM, now);
        self.step_out(cx);
        Ok(flow)
    }

    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let Some(now) = self.step_in(cx) else { return Ok(Flow::Forward) };
        let flow = self.walk_unbound_out(packet, Place::TOP, now);
        self.step_out(cx);
        Ok(flow)
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let Some(now) = self.step_in(cx) else { return Ok(Flow::Forward) };
        let flow = self.walk_unbound_in(packet, Place::BOTTOM, now);
        self.step_out(cx);
        Ok(flow)
    }

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let Some(now) = self.step_in(cx) else { return Ok(Flow::Forward) };
        let flow = self.walk_rtcp_out(packet, Place::TOP, now);
        self.step_out(cx);
        Ok(flow)
    }

    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let Some(now) = self.step_in(cx) else { return Ok(Flow::Forward) };
        let flow = self.walk_rtcp_in(packet, Place::BOTTOM, now);
        self.step_out(cx);
        Ok(flow)
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        if self.step_in(cx).is_some() {
            Self::handle_timeout(self, cx.now());
            self.step_out(cx);
        }
        Ok(())
    }

    fn handle_fact(&mut self, fact: &Fact, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        if self.step_in(cx).is_some() {
            self.hear(*fact);
            self.step_out(cx);
        }
        Ok(())
    }

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.shared.facts.follow(cx.facts());
        let closed = Self::close(self, cx.now());
        self.step_out(cx);
        Ok(closed?)
    }
}
