//! A chain in another one as somebody might write it who knows only what is public: it stands behind a wall.

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{
    Amend, Chain, Context, Error, Event, Fact, Flow, Incoming, Interceptor, Outgoing, Result, StreamInfo,
    Streams,
};

/// What does not pass the wall.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Walled {
    /// What the outer chain has found out.
    Facts,
    /// What fails inside.
    Errors,
}

pub(super) struct Wall {
    inner: Chain,
    walled: Walled,
    errors: u64,
}

impl Wall {
    pub(super) fn new(inner: Chain, walled: Walled) -> Self {
        Self { inner, walled, errors: 0 }
    }

    /// Hands on what the inner chain has done.
    fn hand_on(&mut self, cx: &mut Context<'_>) -> Result<()> {
        while let Some(packet) = self.inner.poll_wire() {
            match packet {
                Outgoing::Rtp(packet) => cx.send_rtp(packet),
                Outgoing::Rtcp(packet) => cx.send_rtcp(packet),
            }
        }
        while let Some(packet) = self.inner.poll_app() {
            match packet {
                Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) => cx.deliver_rtp(packet),
                Incoming::Rtcp(packet) => cx.deliver_rtcp(packet),
                _ => {}
            }
        }
        while let Some(event) = self.inner.poll_event() {
            if let Event::Fact(fact) = event {
                cx.publish(fact);
            }
        }
        if let Some(at) = self.inner.next_timeout() {
            cx.wake_at(at);
        }
        let errors = std::mem::replace(&mut self.errors, self.inner.counters().hook_errors);
        if self.walled != Walled::Errors && self.errors > errors {
            return Err(Error::msg("something failed inside"));
        }
        Ok(())
    }
}

impl Interceptor for Wall {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.inner.bind_local(stream.clone(), cx.now())?;
        self.hand_on(cx)?;
        Ok(Some(()))
    }

    fn bind_remote(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.inner.bind_remote(stream.clone(), cx.now())?;
        self.hand_on(cx)?;
        Ok(Some(()))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.inner.amend_local(new.clone(), cx.now())?;
        self.hand_on(cx)?;
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.inner.amend_remote(new.clone(), cx.now())?;
        self.hand_on(cx)?;
        Ok(Amend::Keep)
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let flow = self.inner.write_rtp_in_place(packet, cx.now());
        self.hand_on(cx)?;
        Ok(flow)
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let flow = self.inner.read_rtp_in_place(packet, cx.now());
        self.hand_on(cx)?;
        Ok(flow)
    }

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.inner.write_rtcp(packet.take(), cx.now());
        self.hand_on(cx)?;
        Ok(Flow::Consumed)
    }

    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.inner.read_rtcp(packet.take(), cx.now());
        self.hand_on(cx)?;
        Ok(Flow::Consumed)
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.inner.handle_timeout(cx.now());
        self.hand_on(cx)
    }

    fn handle_fact(&mut self, fact: &Fact, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        if self.walled != Walled::Facts {
            self.inner.publish(*fact, cx.now());
        }
        self.hand_on(cx)
    }

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.inner.close(cx.now())?;
        self.hand_on(cx)
    }
}
