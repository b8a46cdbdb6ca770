//! The interceptor: its hooks, and what it keeps of a connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{
    Amend, BuildContext, Context, Deadlines, Fact, Flow, Interceptor, Result, StreamInfo, Streams,
};

use crate::JitterBufferOptions;
use crate::handle::Hub;
use crate::repair::delay_of_a_repeat;
use crate::stream::BufferedStream;

/// The jitter buffer of one connection; the [crate] says what it does.
#[derive(Debug)]
pub struct JitterBuffer {
    pub(crate) options: JitterBufferOptions,
    hub: Arc<Hub>,
    connection: Arc<str>,
    start: Instant,
    /// When the first packet of each stream is to leave, in nanoseconds since the start.
    pub(crate) deadlines: Deadlines<i64>,
    /// Bytes that wait.
    pub(crate) bytes: usize,
    /// How long a retransmission takes; `None` while nobody knows.
    pub(crate) repeat: Option<i64>,
    /// When streams may be put side by side again.
    pub(crate) aligns_at: i64,
    /// When a packet that waited last left: what comes at the same instant goes behind it, the same way.
    pub(crate) let_go_at: Option<i64>,
}

impl JitterBuffer {
    pub(crate) fn new(options: JitterBufferOptions, hub: &Arc<Hub>, cx: &BuildContext<'_>) -> Self {
        Self {
            options,
            hub: Arc::clone(hub),
            connection: Arc::clone(cx.connection_id()),
            start: cx.config().now,
            deadlines: Deadlines::default(),
            bytes: 0,
            repeat: None,
            aligns_at: 0,
            let_go_at: None,
        }
    }

    /// Does a stream like this pass through it?
    fn takes(&self, info: &StreamInfo) -> bool {
        let kind = if info.is_audio() { self.options.audio } else { self.options.video };
        let clock = info.codecs.iter().any(|codec| codec.clock_rate > 0);
        kind && (clock || self.options.without_clock)
    }

    /// Asks to be woken for the earliest.
    pub(crate) fn wake_at(&self, nanos: i64, cx: &mut Context<'_>) {
        if let Some(at) = self.start.checked_add(Duration::from_nanos(nanos.max(0).unsigned_abs())) {
            cx.wake_for("playout", at);
        }
    }

    fn hear(&mut self, fact: &Fact, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) {
        match fact {
            Fact::Rtt(rtt) => self.repeat = Some(delay_of_a_repeat(rtt)),
            Fact::PlayoutBounds(bounds) => {
                if let Some(stream) = streams.remote(bounds.ssrc).filter(|stream| stream.ssrc == bounds.ssrc)
                {
                    stream.schedule.bound(bounds);
                    // What waits for nothing but its time need not wait any more.
                    self.release(stream, &mut cx.emit_budget(), cx);
                }
            }
            _ => {}
        }
    }
}

impl Interceptor for JitterBuffer {
    type Local = ();
    type Remote = BufferedStream;

    fn bind_remote(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<BufferedStream>> {
        if !self.takes(info) {
            return Ok(None);
        }
        let key = cx.stream_key();
        let mut stream = BufferedStream::new(info, key, &self.options, &self.hub, &self.connection);
        // Who joins late has not heard it.
        if let Some(bounds) = cx.facts().playout_bounds(info.ssrc) {
            stream.schedule.bound(&bounds);
        }
        if let Some(rtt) = cx.facts().rtt() {
            self.repeat = Some(delay_of_a_repeat(&rtt));
        }
        Ok(Some(stream))
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut BufferedStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        if !self.takes(new) {
            return Ok(Amend::Leave);
        }
        stream.describe(new);
        Ok(Amend::Keep)
    }

    fn unbind_remote(&mut self, _: &StreamInfo, mut stream: BufferedStream, cx: &mut Context<'_>) {
        self.flush(&mut stream, cx);
        self.tell(&mut stream, cx);
        self.bytes -= stream.queue.bytes();
        self.deadlines.set(stream.key, None);
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut BufferedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        // What repairs it has numbers of its own, and passes.
        if packet.ssrc() != stream.ssrc {
            return Ok(Flow::Forward);
        }
        Ok(self.take(stream, packet, cx))
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if self.options.lip_sync {
            self.hear_rtcp(&mut streams, packet, cx);
        }
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.release_due(streams, cx);
        Ok(())
    }

    fn handle_fact(&mut self, fact: &Fact, streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.hear(fact, streams, cx);
        Ok(())
    }

    fn close(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        for (_, stream) in streams.remotes() {
            self.flush(stream, cx);
            self.tell(stream, cx);
        }
        Ok(())
    }
}
