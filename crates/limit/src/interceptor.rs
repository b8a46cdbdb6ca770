//! The interceptor: one way of one connection.

use std::sync::Arc;
use std::time::Instant;

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{
    BuildContext, Context, Deadlines, Excursion, Flow, Interceptor, Result, StreamInfo, Streams,
};
use interceptor_token_bucket::TokenBucket;

use crate::connection::Shared;
use crate::gate::Gate;
use crate::handle::Hub;
use crate::side::Side;
use crate::{LimitedStream, Reached, TooManyStreams, Way};

/// The limits of one way of one connection; the [crate] says what it does.
#[derive(Debug)]
pub struct Limit {
    pub(crate) way: Way,
    pub(crate) start: Instant,
    pub(crate) side: Arc<Side>,
    hub: Arc<Hub>,
    /// Of the rates that it has heard of.
    pub(crate) heard: u32,
    /// Rates have changed, and what waits has not been looked at since.
    pub(crate) rates_changed: bool,
    pub(crate) connection: Option<Gate<Shared>>,
    pub(crate) rtcp: Option<Gate<RtcpPacket>>,
    pub(crate) unbound: Option<TokenBucket>,
    pub(crate) unbound_excursion: Excursion,
    /// When the first that waits of a stream may pass, in nanoseconds since the connection's start.
    pub(crate) deadlines: Deadlines<u64>,
    /// Bytes of all that wait.
    pub(crate) waiting_bytes: usize,
    pub(crate) max_waiting_bytes: usize,
    streams_excursion: Excursion,
    max_streams: usize,
    streams: usize,
    /// Is there anything that concerns streams?
    takes_part: bool,
}

impl Limit {
    pub(crate) fn new(way: Way, hub: &Arc<Hub>, cx: &BuildContext<'_>) -> Self {
        let (side, options) = hub.open(cx.connection_id(), way);
        let start = cx.config().now;
        let now = cx.now().saturating_duration_since(start).as_nanos() as u64;
        // Read before the bounds: rates that are set in between are heard of once more.
        let heard = side.generation();
        let bounds = side.bounds();
        let takes_part =
            bounds.stream.is_some() || bounds.connection.is_some() || options.max_streams.is_some();
        Self {
            way,
            start,
            hub: Arc::clone(hub),
            heard,
            rates_changed: false,
            connection: bounds.connection.map(|bounds| Gate::new(bounds, bounds.rates(), start, now)),
            rtcp: bounds.rtcp.map(|bounds| Gate::new(bounds, bounds.rates(), start, now)),
            unbound: options.max_unbound.map(|rate| TokenBucket::new_at(rate, start, now)),
            unbound_excursion: Excursion::default(),
            deadlines: Deadlines::default(),
            waiting_bytes: 0,
            max_waiting_bytes: options.max_waiting_bytes,
            streams_excursion: Excursion::default(),
            max_streams: options.max_streams.unwrap_or(usize::MAX),
            streams: 0,
            takes_part,
            side,
        }
    }

    fn bind(&mut self, way: Way, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<LimitedStream>> {
        if way != self.way || !self.takes_part {
            return Ok(None);
        }
        if self.streams >= self.max_streams {
            self.side.refuse();
            if self.streams_excursion.note(cx.elapsed_nanos()) {
                self.raise(Reached::Streams, cx);
            }
            return Err(TooManyStreams { limit: self.max_streams }.into());
        }
        self.streams += 1;
        let now = cx.elapsed_nanos();
        Ok(Some(LimitedStream::new(cx.stream_key(), info.ssrc, &self.side, self.start, now)))
    }

    /// What waits of the stream is dropped.
    fn unbind(&mut self, mut stream: LimitedStream, cx: &mut Context<'_>) {
        self.deadlines.set(stream.key, None);
        self.drop_waiting(&mut stream, cx);
        self.side.end(stream.key);
        self.streams = self.streams.saturating_sub(1);
    }

    #[inline(always)]
    fn pass(&mut self, stream: &mut LimitedStream, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Flow {
        let (bytes, now) = (packet.total_len() as u64, cx.elapsed_nanos());
        if !stream.is_plain() || !stream.gate.take(bytes, now) {
            return self.pass_bounded(stream, packet, bytes, cx);
        }
        if self.connection.is_some() {
            return self.share(stream, packet, bytes, cx);
        }
        stream.pass(packet, bytes);
        Flow::Forward
    }
}

impl Interceptor for Limit {
    type Local = LimitedStream;
    type Remote = LimitedStream;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<LimitedStream>> {
        self.bind(Way::Outgoing, info, cx)
    }

    fn bind_remote(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<LimitedStream>> {
        self.bind(Way::Incoming, info, cx)
    }

    fn unbind_local(&mut self, _: &StreamInfo, stream: LimitedStream, cx: &mut Context<'_>) {
        self.unbind(stream, cx);
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: LimitedStream, cx: &mut Context<'_>) {
        self.unbind(stream, cx);
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut LimitedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        Ok(self.pass(stream, packet, cx))
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut LimitedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        Ok(self.pass(stream, packet, cx))
    }

    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        Ok(if self.way == Way::Outgoing { self.pass_unbound(packet, cx) } else { Flow::Forward })
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        Ok(if self.way == Way::Incoming { self.pass_unbound(packet, cx) } else { Flow::Forward })
    }

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        Ok(if self.way == Way::Outgoing { self.pass_rtcp(packet, cx) } else { Flow::Forward })
    }

    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        Ok(if self.way == Way::Incoming { self.pass_rtcp(packet, cx) } else { Flow::Forward })
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.release(&mut streams, cx);
        Ok(())
    }

    fn close(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.drop_all_waiting(&mut streams, cx);
        self.hub.close(&self.side);
        Ok(())
    }
}

impl Drop for Limit {
    /// A chain that is dropped without being closed, or bypasses this interceptor, ends its counters too.
    fn drop(&mut self) {
        self.hub.close(&self.side);
    }
}
