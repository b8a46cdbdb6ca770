//! The interceptor: asks for what is missing of remote streams, answers for local ones.

use std::time::Instant;

use interceptor_core::packet::{Origin, Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, KeyframeNeeded, Result, Stage, StreamInfo,
    Streams,
};
use slab::Slab;

use crate::answering::{AnswerEnv, LocalStream};
use crate::asking::{Env, Pace, RemoteStream};
use crate::counters::{AnswerCounters, AskCounters, NackCounters, TimeToRecover};
use crate::deadlines::Deadlines;
use crate::message::Message;
use crate::time::Epoch;
use crate::{NackOptions, OptionsError};

/// Makes a [`Nack`] for each connection; stands at [`Stage::NACK`].
#[derive(Clone, Debug, Default)]
pub struct NackFactory {
    options: NackOptions,
}

impl NackFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: NackOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &NackOptions {
        &self.options
    }
}

impl Factory for NackFactory {
    type Interceptor = Nack;

    fn name(&self) -> &'static str {
        "nack"
    }

    fn stage(&self) -> Stage {
        Stage::NACK
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Nack, BuildError> {
        Ok(Nack::new(self.options.clone(), cx.now()))
    }
}

/// Negative acknowledgements of one connection, both roles. The crate's documentation says what it does.
#[derive(Debug)]
pub struct Nack {
    options: NackOptions,
    epoch: Epoch,
    /// By [`RemoteStream::key`].
    remotes: Slab<Counted<AskCounters>>,
    /// By [`LocalStream::key`].
    locals: Slab<Counted<AnswerCounters>>,
    /// When packets of remote streams are due, in microseconds since the epoch.
    requests: Deadlines<u64>,
    /// When histories of local streams are swept, in microseconds since the epoch.
    sweeps: Deadlines<u64>,
    /// What ended streams had counted, and what belongs to no stream.
    ended: NackCounters,
    times: TimeToRecover,
    /// RTCP datagrams with a NACK that have been answered.
    datagrams: u64,
    numbers: Vec<u16>,
    /// Streams looked at before their time.
    waiting: Vec<(u64, u32)>,
    message: Message,
}

/// The counters of a stream with this media SSRC.
#[derive(Debug)]
struct Counted<C> {
    ssrc: u32,
    counters: C,
}

impl Nack {
    fn new(options: NackOptions, now: Instant) -> Self {
        Self {
            options,
            epoch: Epoch::new(now),
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

    /// Every packet that is not simply the next one of its stream.
    #[inline(never)]
    fn read_out_of_order(
        &mut self,
        stream: &mut RemoteStream,
        packet: &RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let Some(mut env) = self.env(stream.key, cx) else { return Ok(()) };
        let given_up = stream.arrive(packet.sequence_number(), packet.info().recovered_by, &mut env);
        let due = stream.is_due(env.now);
        if given_up {
            self.call_for_keyframe(stream, cx)?;
        }
        if due { self.ask_now(stream, cx) } else { self.message.send(cx) }
    }

    /// Asks for what is due of one stream.
    #[inline(never)]
    fn ask_now(&mut self, stream: &mut RemoteStream, cx: &mut Context<'_>) -> Result<()> {
        self.ask(stream, cx)?;
        self.message.send(cx)?;
        self.requests.set(stream.key, stream.deadline());
        self.arm(cx);
        Ok(())
    }

    /// Asks for what is due of all streams.
    fn ask_all(&mut self, streams: &mut Streams<'_, Self>, now: u64, cx: &mut Context<'_>) -> Result<()> {
        if self.requests.next().is_none_or(|(at, _)| at > now) {
            return Ok(());
        }
        // Once something is due, what is nearly due leaves with it: fewer datagrams.
        let until = now + Pace::of(cx.facts().rtt()).slack;
        while let Some((_, key)) = self.requests.next().filter(|(at, _)| *at <= until) {
            let ssrc = self.remotes.get(key as usize).map(|entry| entry.ssrc);
            let stream = ssrc.and_then(|ssrc| streams.remote(ssrc));
            let mut deadline = None;
            if let Some(stream) = stream {
                self.ask(stream, cx)?;
                deadline = stream.deadline();
            }
            // What waits for a late packet does not leave early; it must not be looked at again either.
            if deadline.is_some_and(|at| at <= until) {
                self.waiting.extend(deadline.map(|at| (at, key)));
                deadline = None;
            }
            self.requests.set(key, deadline);
        }
        for (at, key) in self.waiting.drain(..) {
            self.requests.set(key, Some(at));
        }
        self.message.send(cx)
    }

    /// Adds what is due of a stream to the message.
    fn ask(&mut self, stream: &mut RemoteStream, cx: &mut Context<'_>) -> Result<()> {
        let mut numbers = std::mem::take(&mut self.numbers);
        let given_up =
            self.env(stream.key, cx).is_some_and(|mut env| stream.take_due(&mut env, &mut numbers));
        let messages = self.message.nack(stream.ssrc, &numbers, cx);
        if let Some(entry) = self.remotes.get_mut(stream.key as usize) {
            entry.counters.packets_requested += numbers.len() as u64;
            entry.counters.requests_sent += *messages.as_ref().unwrap_or(&0);
        }
        tracing::trace!(ssrc = stream.ssrc, ?numbers, "asks");
        numbers.clear();
        self.numbers = numbers;
        messages?;
        if given_up { self.call_for_keyframe(stream, cx) } else { Ok(()) }
    }

    /// Says that a key frame is needed, and adds a PLI to the message if that was negotiated.
    fn call_for_keyframe(&mut self, stream: &mut RemoteStream, cx: &mut Context<'_>) -> Result<()> {
        if !stream.needs_keyframe(cx.now()) {
            return Ok(());
        }
        cx.publish(KeyframeNeeded { ssrc: stream.ssrc });
        let pli = self.options.pli_on_give_up && stream.pli;
        if let Some(entry) = self.remotes.get_mut(stream.key as usize) {
            entry.counters.keyframes_needed += 1;
            entry.counters.plis_sent += u64::from(pli);
        }
        if pli { self.message.pli(stream.ssrc, cx) } else { Ok(()) }
    }

    fn env(&mut self, key: u32, cx: &Context<'_>) -> Option<Env<'_>> {
        let counters = &mut self.remotes.get_mut(key as usize)?.counters;
        let at = cx.now();
        let now = self.epoch.micros(at);
        Some(Env { options: &self.options, rtt: cx.facts().rtt(), at, now, counters, times: &mut self.times })
    }

    /// Asks to be woken when the next thing is due.
    #[inline]
    fn arm(&self, cx: &mut Context<'_>) {
        let next = [self.requests.next(), self.sweeps.next()].into_iter().flatten().min();
        if let Some((next, _)) = next {
            cx.wake_at(self.epoch.instant(next));
        }
    }

    fn sweep(&mut self, stream: &mut LocalStream, cx: &Context<'_>) {
        let now = self.epoch.millis(cx.now());
        let pause = stream.sweep(&self.options, cx.facts().rtt(), now);
        self.schedule_sweep(stream.key, pause, cx);
    }

    fn schedule_sweep(&mut self, key: u32, pause: Option<u32>, cx: &Context<'_>) {
        // One millisecond more: ages are counted in whole ones.
        let at = pause.map(|pause| self.epoch.micros(cx.now()) + 1000 * (u64::from(pause) + 1));
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
            let first = stream.sent(packet, self.epoch.millis(cx.now()));
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
        let (now, rtt) = (self.epoch.millis(cx.now()), cx.facts().rtt());
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
            stream.answer(nack.sequence_numbers(), self.datagrams, &mut env, |packet| cx.send_rtp(packet));
        }
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let now = self.epoch.micros(cx.now());
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

/// NACKs (packet type 205, format 1) of a datagram with a malformed part that were skipped.
fn malformed_nacks(packet: &RtcpPacket) -> u64 {
    let mut rest: &[u8] = packet.as_bytes();
    let mut all = 0;
    while let [first, packet_type, l0, l1, ..] = rest {
        all += u64::from((first & 0x1f, *packet_type) == (1, 205));
        let len = 4 * (usize::from(u16::from_be_bytes([*l0, *l1])) + 1);
        rest = rest.get(len..).unwrap_or_default();
    }
    all - packet.packets().filter(|packet| matches!(packet, Rtcp::Nack(_))).count() as u64
}
