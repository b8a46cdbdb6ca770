//! The interceptor: asks for what is missing of remote streams, answers for local ones.

use interceptor_core::packet::{Origin, Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{Context, Flow, Interceptor, Result, StreamInfo, Streams};
use slab::Slab;

use crate::NackOptions;
use crate::answering::{AnswerEnv, LocalStream};
use crate::asking::RemoteStream;
use crate::counters::{AnswerCounters, AskCounters, NackCounters, TimeToRecover};
use crate::deadlines::Deadlines;
use crate::message::{Message, malformed_nacks};
use crate::time::{instant, now_micros, now_millis};

/// Negative acknowledgements of one connection, both roles. The crate's documentation says what it does.
#[derive(Debug)]
pub struct Nack {
    pub(crate) options: NackOptions,
    /// By [`RemoteStream::key`].
    pub(crate) remotes: Slab<Counted<AskCounters>>,
    /// By [`LocalStream::key`].
    pub(crate) locals: Slab<Counted<AnswerCounters>>,
    /// When packets of remote streams are due, in microseconds since the epoch.
    pub(crate) requests: Deadlines<u64>,
    /// When histories of local streams are swept, in microseconds since the epoch.
    pub(crate) sweeps: Deadlines<u64>,
    /// What ended streams had counted, and what belongs to no stream.
    pub(crate) ended: NackCounters,
    pub(crate) times: TimeToRecover,
    /// RTCP datagrams with a NACK that have been answered.
    pub(crate) datagrams: u64,
    pub(crate) numbers: Vec<u16>,
    /// Streams looked at before their time.
    pub(crate) waiting: Vec<(u64, u32)>,
    pub(crate) message: Message,
}

/// The counters of a stream with this media SSRC.
#[derive(Debug)]
pub(crate) struct Counted<C> {
    pub(crate) ssrc: u32,
    pub(crate) counters: C,
}

impl Nack {
    pub(crate) fn new(options: NackOptions) -> Self {
        Self {
            options,
            remotes: Slab::new(),
            locals: Slab::new(),
            requests: Deadlines::default(),
            sweeps: Deadlines::default(),
            ended: NackCounters::default(),
            times: TimeToRecover::default(),
            datagrams: 0,
            numbers: Vec::new(),
            waiting: Vec::new(),
            message: Message::default(),
        }
    }

    /// What has been counted over all streams, ended ones included.
    #[must_use]
    pub fn counters(&self) -> NackCounters {
        let mut total = self.ended;
        self.remotes.iter().for_each(|(_, stream)| total.asking += stream.counters);
        self.locals.iter().for_each(|(_, stream)| total.answering += stream.counters);
        total
    }

    /// What asking for packets of the bound remote stream with this media SSRC has counted.
    #[must_use]
    pub fn remote_counters(&self, ssrc: u32) -> Option<&AskCounters> {
        self.remote_streams().find(|(stream, _)| *stream == ssrc).map(|(_, counters)| counters)
    }

    /// What answering for the bound local stream with this media SSRC has counted.
    #[must_use]
    pub fn local_counters(&self, ssrc: u32) -> Option<&AnswerCounters> {
        self.local_streams().find(|(stream, _)| *stream == ssrc).map(|(_, counters)| counters)
    }

    /// Media SSRC and counters of each bound remote stream that takes part.
    pub fn remote_streams(&self) -> impl Iterator<Item = (u32, &AskCounters)> {
        self.remotes.iter().map(|(_, stream)| (stream.ssrc, &stream.counters))
    }

    /// Media SSRC and counters of each bound local stream that takes part.
    pub fn local_streams(&self) -> impl Iterator<Item = (u32, &AnswerCounters)> {
        self.locals.iter().map(|(_, stream)| (stream.ssrc, &stream.counters))
    }

    /// How long missing packets of all remote streams took to come.
    #[must_use]
    pub const fn time_to_recover(&self) -> &TimeToRecover {
        &self.times
    }

    /// Asks to be woken when the next thing is due.
    #[inline]
    pub(crate) fn arm(&self, cx: &mut Context<'_>) {
        let next = [self.requests.next(), self.sweeps.next()].into_iter().flatten().min();
        if let Some((next, _)) = next {
            cx.wake_at(instant(next, cx));
        }
    }

    fn sweep(&mut self, stream: &mut LocalStream, cx: &Context<'_>) {
        let now = now_millis(cx);
        let pause = stream.sweep(&self.options, cx.facts().rtt(), now);
        self.schedule_sweep(stream.key, pause, cx);
    }

    fn schedule_sweep(&mut self, key: u32, pause: Option<u32>, cx: &Context<'_>) {
        // One millisecond more: ages are counted in whole ones.
        let at = pause.map(|pause| now_micros(cx) + 1000 * (u64::from(pause) + 1));
        self.sweeps.set(key, at);
    }
}

impl Interceptor for Nack {
    type Local = LocalStream;
    type Remote = RemoteStream;

    fn bind_local(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<LocalStream>> {
        if !self.options.answering || !info.has_feedback("nack", "") {
            return Ok(None);
        }
        let key = self.locals.insert(Counted { ssrc: info.ssrc, counters: AnswerCounters::default() });
        Ok(Some(LocalStream::new(info, key as u32, &self.options)))
    }

    fn bind_remote(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<RemoteStream>> {
        if !self.options.asking || !info.has_feedback("nack", "") {
            return Ok(None);
        }
        let key = self.remotes.insert(Counted { ssrc: info.ssrc, counters: AskCounters::default() });
        Ok(Some(RemoteStream::new(info, key as u32, &self.options, cx.now())))
    }

    fn unbind_local(&mut self, _: &StreamInfo, stream: LocalStream, _: &mut Context<'_>) {
        self.sweeps.set(stream.key, None);
        if let Some(ended) = self.locals.try_remove(stream.key as usize) {
            self.ended.answering += ended.counters;
        }
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: RemoteStream, _: &mut Context<'_>) {
        self.requests.set(stream.key, None);
        if let Some(ended) = self.remotes.try_remove(stream.key as usize) {
            self.ended.asking += ended.counters;
        }
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut LocalStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if matches!(packet.info().origin, Origin::Media | Origin::Padding) {
            let first = stream.sent(packet, now_millis(cx));
            if first {
                self.sweep(stream, cx);
                self.arm(cx);
            }
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
        // Numbers of the RTX and FEC streams are others.
        if packet.info().origin != Origin::Media {
            return Ok(Flow::Forward);
        }
        if !stream.arrive_in_order(packet.sequence_number(), cx.now()) {
            self.read_out_of_order(stream, packet, cx)?;
        } else if stream.needs_review() {
            self.ask_now(stream, cx)?;
        }
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if packet.malformed() > 0 {
            self.ended.malformed += malformed_nacks(packet);
        }
        let (now, rtt) = (now_millis(cx), cx.facts().rtt());
        self.datagrams += 1;
        for nack in packet.packets() {
            let Rtcp::Nack(nack) = nack else { continue };
            let stream = streams.local(nack.media_ssrc()).filter(|stream| stream.ssrc == nack.media_ssrc());
            let entry = stream.and_then(|stream| Some((self.locals.get_mut(stream.key as usize)?, stream)));
            let Some((entry, stream)) = entry else {
                self.ended.unknown_ssrc += 1;
                continue;
            };
            let mut env = AnswerEnv { options: &self.options, rtt, now, counters: &mut entry.counters };
            stream.answer(nack.sequence_numbers(), self.datagrams, &mut env, |stored| {
                cx.send_rtp_with(|packet| stored.restore(packet));
            });
        }
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let now = now_micros(cx);
        self.ask_all(&mut streams, now, cx)?;
        while let Some((_, key)) = self.sweeps.next().filter(|(at, _)| *at <= now) {
            self.sweeps.set(key, None);
            let ssrc = self.locals.get(key as usize).map(|entry| entry.ssrc);
            let Some(stream) = ssrc.and_then(|ssrc| streams.local(ssrc)) else { continue };
            self.sweep(stream, cx);
        }
        self.arm(cx);
        Ok(())
    }
}
