//! A chain in another one as somebody might write it who knows only what is public: it stands behind a wall.

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{
    Amend, Chain, Context, Event, Flow, Incoming, Interceptor, Outgoing, Result, StreamInfo, Streams,
};

pub(super) struct Wall(pub(super) Chain);

impl Wall {
    /// Hands on what the inner chain has done.
    fn hand_on(&mut self, cx: &mut Context<'_>) {
        while let Some(packet) = self.0.poll_wire() {
            match packet {
                Outgoing::Rtp(packet) => cx.send_rtp(packet),
                Outgoing::Rtcp(packet) => cx.send_rtcp(packet),
            }
        }
        while let Some(packet) = self.0.poll_app() {
            match packet {
                Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) => cx.deliver_rtp(packet),
                Incoming::Rtcp(packet) => cx.deliver_rtcp(packet),
                _ => {}
            }
        }
        while let Some(event) = self.0.poll_event() {
            if let Event::Fact(fact) = event {
                cx.publish(fact);
            }
        }
        if let Some(at) = self.0.next_timeout() {
            cx.wake_at(at);
        }
    }
}

impl Interceptor for Wall {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.0.bind_local(stream.clone(), cx.now())?;
        self.hand_on(cx);
        Ok(Some(()))
    }

    fn bind_remote(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.0.bind_remote(stream.clone(), cx.now())?;
        self.hand_on(cx);
        Ok(Some(()))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.0.amend_local(new.clone(), cx.now())?;
        self.hand_on(cx);
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.0.amend_remote(new.clone(), cx.now())?;
        self.hand_on(cx);
        Ok(Amend::Keep)
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let flow = self.0.write_rtp_in_place(packet, cx.now());
        self.hand_on(cx);
        Ok(flow)
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let flow = self.0.read_rtp_in_place(packet, cx.now());
        self.hand_on(cx);
        Ok(flow)
    }

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.0.write_rtcp(packet.take(), cx.now());
        self.hand_on(cx);
        Ok(Flow::Consumed)
    }

    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.0.read_rtcp(packet.take(), cx.now());
        self.hand_on(cx);
        Ok(Flow::Consumed)
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.0.handle_timeout(cx.now());
        self.hand_on(cx);
        Ok(())
    }

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.0.close(cx.now())?;
        self.hand_on(cx);
        Ok(())
    }
}
