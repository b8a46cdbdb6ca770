//! The interceptor: what leaves is noted down, what comes of it is told to the controller, what that decides is published.

use interceptor_core::packet::{Ecn, RtcpPacket, RtpPacket};
use interceptor_core::{Amend, Context, Fact, Flow, Interceptor, Result, StreamInfo, Streams};

use crate::numbers::Numbers;
use crate::stream::{Offer, SentStream};
use crate::{Congestion, Controller, Time, clock};

/// A remote stream whose sender takes REMB.
#[derive(Debug)]
pub struct RembStream {
    ssrc: u32,
}

impl RembStream {
    /// Its media SSRC.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }
}

impl<C: Controller> Interceptor for Congestion<C> {
    type Local = SentStream;
    type Remote = RembStream;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<SentStream>> {
        let mut stream = SentStream::new(info, cx.stream_key());
        self.describe(info, &mut stream);
        self.choice.add(stream.offer);
        self.choose(cx);
        self.wake_soon(cx);
        Ok(Some(stream))
    }

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<RembStream>> {
        if !info.has_feedback("goog-remb", "") {
            return Ok(None);
        }
        self.remb_ssrcs.push(info.ssrc);
        Ok(Some(RembStream { ssrc: info.ssrc }))
    }

    fn amend_local(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        stream: &mut SentStream,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        if old == new {
            return Ok(Amend::Keep);
        }
        self.choice.remove(stream.offer);
        self.describe(new, stream);
        self.choice.add(stream.offer);
        self.choose(cx);
        self.wake_soon(cx);
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut RembStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        if new.has_feedback("goog-remb", "") {
            return Ok(Amend::Keep);
        }
        self.remb_ssrcs.retain(|ssrc| *ssrc != stream.ssrc);
        Ok(Amend::Leave)
    }

    fn unbind_local(&mut self, _: &StreamInfo, stream: SentStream, cx: &mut Context<'_>) {
        stream.sources.iter().for_each(|source| self.sources.free(source.source));
        self.choice.remove(stream.offer);
        self.ended.rotate_right(1);
        if let Some(first) = self.ended.first_mut() {
            *first = stream.ssrc;
        }
        self.choose(cx);
        self.wake_soon(cx);
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: RembStream, _: &mut Context<'_>) {
        self.remb_ssrcs.retain(|ssrc| *ssrc != stream.ssrc);
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut SentStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.send(stream, packet, cx);
        Ok(Flow::Forward)
    }

    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        let bytes = packet.total_len() as u32 + self.below;
        self.count_untracked(bytes);
        self.unbound.add(bytes.into());
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(&mut self, _: &mut RembStream, _: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.hear_orders(cx);
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.hear(packet, &mut streams, cx);
        self.hear_orders(cx);
        self.settle(&mut streams, cx)?;
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.armed = None;
        let now = clock::now(cx);
        if self.controller.next_timeout().is_some_and(|due| due <= now) {
            self.controller.on_timeout(now);
        }
        self.hear_orders(cx);
        self.keep_up(&mut streams, cx);
        self.settle(&mut streams, cx)
    }

    fn handle_fact(&mut self, fact: &Fact, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let now = clock::now(cx);
        match fact {
            Fact::Rtt(_) => self.rtt_heard = Some(now),
            Fact::ProtectionOverhead(_) => {
                // The shares are others from the next timer on.
                self.shared = Time::MIN;
                self.begin_upkeep(now);
                self.wake(cx);
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, _: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        self.hub.close(&self.side, self.counters());
        Ok(())
    }
}

impl<C: Controller> Congestion<C> {
    /// The stream's SSRCs have numbers of their own, those that they had if they had.
    fn describe(&mut self, info: &StreamInfo, stream: &mut SentStream) {
        let mut before = std::mem::take(&mut stream.sources);
        for ssrc in SentStream::ssrcs(info) {
            let known = before.iter().position(|source| source.ssrc == ssrc).map(|at| before.swap_remove(at));
            let first = self.history.next();
            let new = || self.sources.take(stream.key, first).map(|number| Numbers::new(number, ssrc));
            stream.sources.extend(known.or_else(new));
        }
        before.iter().for_each(|source| self.sources.free(source.source));
        stream.offer = Offer::of(info);
        (stream.is_audio, stream.range) = (info.is_audio(), info.bitrate);
    }

    /// What streams offer has changed.
    fn choose(&mut self, cx: &Context<'_>) {
        let marks = self.may_mark(cx) && self.controller.decision().ect != Ecn::NotEct;
        if self.choice.choose(marks) {
            self.history.clear();
        }
    }
}
