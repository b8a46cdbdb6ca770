//! A chain as an interceptor of another chain.

use interceptor_packet::{RtcpPacket, RtpPacket};

use super::{Chain, Incoming, Outgoing};
use crate::{Context, Event, Flow, Interceptor, Result, StreamInfo, Streams};

/// Marks a stream that a nested chain takes part in; the inner chain keeps the states.
#[derive(Debug)]
pub struct NestedStream(());

/// Above every inner interceptor.
const TOP: u16 = u16::MAX;

impl Chain {
    /// Brings the inner chain to the outer chain's time and facts. `None`: it is closed and passes everything on.
    fn step_in(&mut self, cx: &Context<'_>) -> Option<std::time::Instant> {
        self.shared.facts = *cx.facts();
        self.enter(cx.now())
    }

    /// Hands the outer chain what the inner one has emitted, found out and asked for.
    fn step_out(&mut self, cx: &mut Context<'_>) {
        self.run_emitted(cx.now());
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
            cx.wake_at(at);
        }
    }
}

impl Interceptor for Chain {
    type Local = NestedStream;
    type Remote = NestedStream;

    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<NestedStream>> {
        let bound = Self::bind_local(self, stream.clone(), cx.now());
        self.step_out(cx);
        Ok(bound.map(|()| Some(NestedStream(())))?)
    }

    fn bind_remote(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<NestedStream>> {
        let bound = Self::bind_remote(self, stream.clone(), cx.now());
        self.step_out(cx);
        Ok(bound.map(|()| Some(NestedStream(())))?)
    }

    fn unbind_local(&mut self, stream: &StreamInfo, _: NestedStream, cx: &mut Context<'_>) {
        // Fails only for a stream that the inner chain does not know: then there is nothing to end.
        let _ = Self::unbind_local(self, stream.ssrc, cx.now());
        self.step_out(cx);
    }

    fn unbind_remote(&mut self, stream: &StreamInfo, _: NestedStream, cx: &mut Context<'_>) {
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
        let flow = self.walk_out(packet, TOP, now);
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
        let (flow, _) = self.walk_in(packet, 0, now);
        self.step_out(cx);
        Ok(flow)
    }

    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let Some(now) = self.step_in(cx) else { return Ok(Flow::Forward) };
        let flow = self.walk_unbound_out(packet, TOP, now);
        self.step_out(cx);
        Ok(flow)
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let Some(now) = self.step_in(cx) else { return Ok(Flow::Forward) };
        let flow = self.walk_unbound_in(packet, 0, now);
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
        let flow = self.walk_rtcp_out(packet, TOP, now);
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
        let flow = self.walk_rtcp_in(packet, 0, now);
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

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let closed = Self::close(self, cx.now());
        self.step_out(cx);
        Ok(closed?)
    }
}
