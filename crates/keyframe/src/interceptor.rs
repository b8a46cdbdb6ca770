//! The interceptor: reads like the list of behaviour in the crate's documentation.

use std::sync::Arc;
use std::time::{Duration, Instant};

use interceptor_core::packet::{Origin, RtcpPacket, RtpPacket};
use interceptor_core::{
    Amend, Context, Deadlines, Fact, Flow, Interceptor, KeyframeAsking, KeyframeNeeded, Result, StreamInfo,
    Streams,
};

use crate::answering::LocalStream;
use crate::asking::{Cause, Env, RemoteStream, nanos};
use crate::detect::Start;
use crate::handle::Book;
use crate::message::Message;
use crate::side::Side;
use crate::{KeyframeCounters, KeyframeOptions};

/// Without any other bound: nothing has come from a peer for so long, nothing is asked of it.
const SILENCE: Duration = Duration::from_secs(3);

/// Requests for key frames of one connection, both roles. The crate's documentation says what it does.
#[derive(Debug)]
pub struct Keyframe {
    pub(crate) options: KeyframeOptions,
    book: Arc<Book>,
    pub(crate) side: Arc<Side>,
    /// When anything last came from the peer, in nanoseconds since the connection's start.
    pub(crate) heard: u64,
    /// Some streams wait until something comes.
    pub(crate) dormant: bool,
    /// It has been said that key frames are asked for here.
    said: bool,
    /// When remote streams have to be looked after, in nanoseconds since the connection's start.
    pub(crate) deadlines: Deadlines<u64>,
    /// When windows of local streams end.
    pub(crate) windows: Deadlines<u64>,
    pub(crate) message: Message,
}

impl Keyframe {
    pub(crate) fn new(options: KeyframeOptions, book: &Arc<Book>, id: &Arc<str>) -> Self {
        Self {
            options,
            side: book.open(id),
            book: Arc::clone(book),
            heard: 0,
            dormant: false,
            said: false,
            deadlines: Deadlines::default(),
            windows: Deadlines::default(),
            message: Message::default(),
        }
    }

    /// What has been counted over all streams of the connection, ended ones included.
    #[must_use]
    pub fn counters(&self) -> KeyframeCounters {
        self.side.counters()
    }

    pub(crate) fn env<'a>(&'a self, cx: &Context<'_>) -> Env<'a> {
        let now = cx.elapsed_nanos();
        let silence = nanos(self.options.on_silence.unwrap_or(SILENCE));
        let alive = now.saturating_sub(self.heard) < silence;
        Env { options: &self.options, rtt: cx.facts().rtt(), now, alive }
    }

    /// Asks to be woken when the next thing is due.
    pub(crate) fn arm(&self, cx: &mut Context<'_>) {
        let next = [self.deadlines.next(), self.windows.next()].into_iter().flatten().min();
        if let Some((next, _)) = next {
            cx.wake_for("key frames", instant(next, cx));
        }
    }

    /// A packet that is not simply one more of its stream.
    #[inline(never)]
    fn see(
        &mut self,
        stream: &mut RemoteStream,
        start: Start,
        packet: &RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        self.heard(cx);
        if start != Start::Other || stream.is_fresh() {
            let ask = stream.note(start, packet, &self.env(cx));
            self.settle(stream, ask, cx)?;
        }
        Ok(())
    }

    /// Something comes from the peer.
    fn heard(&mut self, cx: &mut Context<'_>) {
        self.heard = cx.elapsed_nanos();
        if self.dormant {
            cx.wake_for("the peer is heard again", cx.now());
        }
    }
}

/// The instant so many nanoseconds after the connection's start.
pub(crate) fn instant(nanos: u64, cx: &Context<'_>) -> Instant {
    let start = cx.config().now;
    start.checked_add(Duration::from_nanos(nanos)).unwrap_or(start)
}

impl Interceptor for Keyframe {
    type Local = LocalStream;
    type Remote = RemoteStream;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<LocalStream>> {
        if !self.options.answering || !RemoteStream::takes_requests(info) {
            return Ok(None);
        }
        let key = cx.stream_key();
        Ok(Some(LocalStream::new(info, key, self.side.open_local(key, info.ssrc), &self.options)))
    }

    fn bind_remote(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<RemoteStream>> {
        if !self.options.asking || !RemoteStream::takes_requests(info) {
            return Ok(None);
        }
        if self.options.on_fact && !std::mem::replace(&mut self.said, true) {
            cx.publish(KeyframeAsking { active: true });
        }
        let (key, env) = (cx.stream_key(), self.env(cx));
        let stream = RemoteStream::new(info, key, self.side.open_remote(key, info.ssrc), &env);
        self.deadlines.set(key, stream.deadline(&self.options));
        self.arm(cx);
        Ok(Some(stream))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut LocalStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        stream.describe(new);
        Ok(if RemoteStream::takes_requests(new) { Amend::Keep } else { Amend::Leave })
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut RemoteStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        stream.describe(new);
        Ok(if RemoteStream::takes_requests(new) { Amend::Keep } else { Amend::Leave })
    }

    fn unbind_local(&mut self, _: &StreamInfo, stream: LocalStream, _: &mut Context<'_>) {
        self.windows.set(stream.key, None);
        self.side.end_local(stream.key);
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: RemoteStream, _: &mut Context<'_>) {
        self.deadlines.set(stream.key, None);
        self.side.end_remote(stream.key);
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut LocalStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if packet.info().origin == Origin::Media {
            stream.leave(packet, cx.elapsed_nanos());
        }
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut RemoteStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let now = cx.elapsed_nanos();
        self.heard = now;
        // Retransmissions and FEC have payloads of their own.
        let start = if packet.info().origin == Origin::Media {
            stream.arrive(packet, now)
        } else {
            return Ok(Flow::Forward);
        };
        if start != Start::Other || stream.is_fresh() || self.dormant {
            self.see(stream, start, packet, cx)?;
        }
        Ok(Flow::Forward)
    }

    fn read_unbound_rtp(&mut self, _: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.heard(cx);
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.heard(cx);
        self.listen(&mut streams, packet, cx)
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.look_after(&mut streams, cx)?;
        self.end_windows(&mut streams, cx);
        self.arm(cx);
        Ok(())
    }

    fn handle_fact(
        &mut self,
        fact: &Fact,
        mut streams: Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let Fact::KeyframeNeeded(KeyframeNeeded { ssrc }) = *fact else { return Ok(()) };
        if !self.options.on_fact {
            return Ok(());
        }
        let Some(stream) = streams.remote(ssrc).filter(|stream| stream.ssrc == ssrc) else {
            self.side.other.unknown_needed.increment();
            return Ok(());
        };
        let ask = stream.cause(Cause::Told, &self.env(cx));
        self.settle(stream, ask, cx)
    }

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        if std::mem::take(&mut self.said) {
            cx.publish(KeyframeAsking { active: false });
        }
        self.book.close(&self.side);
        Ok(())
    }
}

impl Drop for Keyframe {
    /// A chain that is dropped without being closed, or bypasses this interceptor, ends its counters too.
    fn drop(&mut self) {
        self.book.close(&self.side);
    }
}
