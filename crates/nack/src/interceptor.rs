//! The interceptor: asks for what is missing of remote streams, answers for local ones.

use interceptor_core::packet::{Origin, Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{
    Abandoned, Amend, Context, Deadlines, Fact, Flow, Interceptor, PlayoutDeadline, Result, StreamInfo,
    StreamKey, Streams,
};

use crate::NackOptions;
use crate::answering::{AnswerEnv, LocalStream};
use crate::asking::RemoteStream;
use crate::counters::{NackCounters, TimeToRecover};
use crate::message::{Message, malformed_nacks};
use crate::time::{instant, now_micros, now_millis};
use crate::total::Total;

/// Negative acknowledgements of one connection, both roles. The crate's documentation says what it does.
#[derive(Debug)]
pub struct Nack {
    pub(crate) options: NackOptions,
    /// When packets of remote streams are due, in microseconds since the epoch.
    pub(crate) requests: Deadlines<u64>,
    /// When histories of local streams are swept, in microseconds since the epoch.
    pub(crate) sweeps: Deadlines<u64>,
    pub(crate) total: Total,
    /// When answers of local streams that wait may leave, in microseconds since the epoch.
    pub(crate) answers: Deadlines<u64>,
    /// What ended streams had counted, and what belongs to no stream.
    pub(crate) ended: NackCounters,
    pub(crate) times: TimeToRecover,
    /// RTCP datagrams with a NACK that have been answered.
    pub(crate) datagrams: u64,
    pub(crate) numbers: Vec<u16>,
    /// Streams looked at before their time.
    pub(crate) waiting: Vec<(u64, StreamKey)>,
    pub(crate) message: Message,
}

impl Nack {
    pub(crate) fn new(options: NackOptions) -> Self {
        Self {
            options,
            requests: Deadlines::default(),
            sweeps: Deadlines::default(),
            total: Total::default(),
            answers: Deadlines::default(),
            ended: NackCounters::default(),
            times: TimeToRecover::default(),
            datagrams: 0,
            numbers: Vec::new(),
            waiting: Vec::new(),
            message: Message::default(),
        }
    }

    /// What has been counted over all streams, ended ones included. Its streams are lent by
    /// [`Chain::with_streams`](interceptor_core::Chain::with_streams):
    ///
    /// ```
    /// # use interceptor_core::{Chain, ChainConfig, packet::NtpTime};
    /// # use interceptor_nack::{Nack, NackFactory};
    /// # let now = std::time::Instant::now();
    /// # let mut chain = Chain::new(ChainConfig::new("call", now, NtpTime::default(), 1));
    /// # chain.insert_with(&NackFactory::default(), now)?;
    /// let counters = chain.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams));
    /// assert_eq!(counters, Some(Default::default()));
    /// // Of one stream, by any of its SSRCs:
    /// let asking = chain.with_streams::<Nack, _>(|_, streams| Some(*streams.peek_remote(0x1122_3344)?.counters()));
    /// assert_eq!(asking.flatten(), None);
    /// # Ok::<(), interceptor_core::ChainError>(())
    /// ```
    #[must_use]
    pub fn counters(&self, streams: &Streams<'_, Self>) -> NackCounters {
        let mut total = self.ended;
        streams.iter_remotes().for_each(|(_, stream)| total.asking += *stream.counters());
        streams.iter_locals().for_each(|(_, stream)| total.answering += *stream.counters());
        total
    }

    /// How long missing packets of all remote streams took to come.
    #[must_use]
    pub const fn time_to_recover(&self) -> &TimeToRecover {
        &self.times
    }

    /// Asks to be woken when the next thing is due.
    #[inline]
    pub(crate) fn arm(&self, cx: &mut Context<'_>) {
        let next =
            [self.requests.next(), self.sweeps.next(), self.answers.next()].into_iter().flatten().min();
        if let Some((next, _)) = next {
            cx.wake_at(instant(next, cx));
        }
    }

    /// Answers that have waited long enough leave.
    fn release_answers(&mut self, streams: &mut Streams<'_, Self>, now: u64, cx: &mut Context<'_>) {
        while let Some((_, key)) = self.answers.take_due(now) {
            let Some(stream) = streams.local_by_key(key) else { continue };
            stream.release(&AnswerEnv::new(&self.options, cx), |stored| {
                cx.send_rtp_with(|packet| stored.restore(packet));
            });
            self.answers.set(key, stream.next_answer());
        }
    }

    fn sweep(&mut self, stream: &mut LocalStream, cx: &Context<'_>) {
        let now = now_millis(cx);
        let pause = stream.sweep(&self.options, cx.facts().rtt(), now);
        self.total.settle(stream);
        self.schedule_sweep(stream.key, pause, cx);
    }

    fn schedule_sweep(&mut self, key: StreamKey, pause: Option<u32>, cx: &Context<'_>) {
        // One millisecond more: ages are counted in whole ones.
        let at = pause.map(|pause| now_micros(cx) + 1000 * (u64::from(pause) + 1));
        self.sweeps.set(key, at);
    }
}

/// Without the feedback there is nothing to ask or to answer.
const fn keep_if(negotiated: bool) -> Amend {
    if negotiated { Amend::Keep } else { Amend::Leave }
}

impl Interceptor for Nack {
    type Local = LocalStream;
    type Remote = RemoteStream;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<LocalStream>> {
        if !self.options.answering || !info.has_feedback("nack", "") {
            return Ok(None);
        }
        self.total.add_stream();
        Ok(Some(LocalStream::new(info, cx.stream_key(), &self.options)))
    }

    fn bind_remote(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<RemoteStream>> {
        if !self.options.asking || !info.has_feedback("nack", "") {
            return Ok(None);
        }
        let mut stream = RemoteStream::new(info, cx.stream_key(), &self.options, cx.elapsed_nanos());
        stream.set_deadline(cx.facts().playout_deadline(info.ssrc).map(|playout| playout.delay));
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
        Ok(keep_if(new.has_feedback("nack", "")))
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut RemoteStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        stream.describe(new);
        Ok(keep_if(new.has_feedback("nack", "")))
    }

    fn unbind_local(&mut self, _: &StreamInfo, mut stream: LocalStream, _: &mut Context<'_>) {
        self.sweeps.set(stream.key, None);
        self.total.remove_stream(&stream);
        self.answers.set(stream.key, None);
        stream.cancel();
        self.ended.answering += *stream.counters();
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: RemoteStream, _: &mut Context<'_>) {
        self.requests.set(stream.key, None);
        self.ended.asking += *stream.counters();
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
            if stream.memory() > stream.set_aside {
                self.total.grow(self.options.send_history_total_bytes, stream);
            }
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
        if packet.info().origin != Origin::Media {
            return self.read_other(stream, packet, cx);
        }
        let restored = packet.info().recovered_by.is_some();
        if restored || !stream.arrive_in_order(packet.sequence_number(), cx.elapsed_nanos()) {
            return self.read_out_of_order(stream, packet, cx);
        }
        if stream.needs_review() {
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
        let env = AnswerEnv::new(&self.options, cx);
        let mut waits = false;
        self.datagrams += 1;
        for nack in packet.packets() {
            let Rtcp::Nack(nack) = nack else { continue };
            let stream = streams.local(nack.media_ssrc()).filter(|stream| stream.ssrc == nack.media_ssrc());
            let Some(stream) = stream else {
                self.ended.unknown_ssrc += 1;
                continue;
            };
            stream.plan(&self.options, cx);
            stream.answer(nack.sequence_numbers(), self.datagrams, &env, |stored| {
                cx.send_rtp_with(|packet| stored.restore(packet));
            });
            if let Some(next) = stream.next_answer() {
                self.answers.set(stream.key, Some(next));
                waits = true;
            }
        }
        if waits {
            self.arm(cx);
        }
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let now = now_micros(cx);
        self.ask_all(&mut streams, now, cx)?;
        self.release_answers(&mut streams, now, cx);
        while let Some((_, key)) = self.sweeps.take_due(now) {
            if let Some(stream) = streams.local_by_key(key) {
                self.sweep(stream, cx);
            }
        }
        self.arm(cx);
        Ok(())
    }

    fn handle_fact(
        &mut self,
        fact: &Fact,
        mut streams: Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        match *fact {
            Fact::Abandoned(Abandoned { ssrc, first, count }) => {
                if let Some(stream) = streams.local(ssrc).filter(|stream| stream.ssrc == ssrc) {
                    stream.abandon(first, count);
                    self.total.settle(stream);
                }
            }
            Fact::PlayoutDeadline(PlayoutDeadline { ssrc, delay }) => {
                let stream = streams.remote(ssrc).filter(|stream| stream.ssrc == ssrc);
                if let Some(stream) = stream
                    && stream.set_deadline(Some(delay))
                {
                    self.ask_now(stream, cx)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, mut streams: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        streams.locals().for_each(|(_, stream)| stream.cancel());
        self.ended = self.counters(&streams);
        Ok(())
    }
}
