//! The interceptor: counts what passes, reports when it is time, listens to what the peer reports.

use std::sync::Arc;
use std::time::Instant;

use interceptor_core::{Context, Flow, Interceptor, Result, StreamInfo, Streams};
use interceptor_packet::rfc3550::Arrival;
use interceptor_packet::{RtcpPacket, RtpPacket};
use rand::RngCore;

use crate::extended::Receivers;
use crate::interval::Census;
use crate::local::LocalStream;
use crate::members::Members;
use crate::remote::RemoteStream;
use crate::schedule::{Due, Schedule};
use crate::send::Round;
use crate::write::Draft;
use crate::{ReportCounters, ReportOptions, RtcpInterval};

/// Sender and receiver reports, source descriptions, goodbyes and round-trip times of one connection.
#[derive(Debug)]
pub struct Report {
    pub(crate) options: Arc<ReportOptions>,
    pub(crate) cname: Arc<str>,
    pub(crate) schedule: Schedule,
    /// Only where the interval depends on it.
    pub(crate) members: Option<Members>,
    pub(crate) receivers: Receivers,
    /// Sender reports and blocks so far: who had a low turn waits longest.
    pub(crate) turn: u64,
    /// RTCP has come or gone: this end takes part in a session.
    pub(crate) active: bool,
    /// Something was sent under the connection's feedback SSRC.
    pub(crate) spoke: bool,
    pub(crate) counters: ReportCounters,
    pub(crate) round: Round,
    pub(crate) draft: Draft,
}

impl Report {
    pub(crate) fn new(options: Arc<ReportOptions>, cname: Arc<str>, now: Instant) -> Self {
        // A receiver report with one block and the canonical name.
        let first_size = 32 + 4 + cname.len();
        let members = matches!(options.interval, RtcpInterval::Rfc3550 { .. }).then(Members::default);
        Self {
            schedule: Schedule::new(options.interval, now, first_size),
            options,
            cname,
            members,
            receivers: Receivers::default(),
            turn: 0,
            active: false,
            spoke: false,
            counters: ReportCounters::default(),
            round: Round::default(),
            draft: Draft::default(),
        }
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &ReportCounters {
        &self.counters
    }

    /// The first stream starts the timer.
    fn start(&mut self, cx: &mut Context<'_>) {
        let random = cx.rng().next_u32();
        if let Some(first) = self.schedule.start(cx.now(), Census::ALONE, random) {
            cx.wake_at(first);
        }
    }

    #[cold]
    fn unusual(&mut self, kind: Arrival, ssrc: u32) {
        match kind {
            Arrival::Restarted => {
                self.counters.restarts += 1;
                tracing::debug!(ssrc, "source restarted");
            }
            Arrival::Stray | Arrival::Probation => self.counters.strays += 1,
            _ => {}
        }
    }

    /// Looks at every remote source: who sends still, who has fallen silent.
    fn look(&mut self, streams: &mut Streams<'_, Self>, now: Instant) {
        for source in streams.remotes().flat_map(|(_, stream)| stream.sources()) {
            let sent = source.look(now, self.options.forget_after);
            if let (true, Some(members)) = (sent, &mut self.members) {
                self.counters.uncounted_members += u64::from(!members.sent(source.ssrc(), now));
            }
        }
    }

    /// Who takes part, for the interval that depends on it.
    pub(crate) fn census(&mut self, streams: &mut Streams<'_, Self>, now: Instant) -> Census {
        let Some(members) = &mut self.members else { return Census::ALONE };
        let sending = sending(streams);
        let count = |members: &Members| Census {
            members: (members.len() + sending.max(1)) as u64,
            senders: (members.senders() + sending) as u64,
            we_sent: sending > 0,
        };
        let (member_timeout, sender_timeout) = self.schedule.timeouts(count(members));
        members.expire(now, member_timeout, sender_timeout);
        count(members)
    }
}

/// Local sources that count as senders.
pub(crate) fn sending(streams: &mut Streams<'_, Report>) -> usize {
    let sources = streams.locals().flat_map(|(_, stream)| stream.sources());
    sources.filter(|source| source.is_due()).count()
}

impl Interceptor for Report {
    type Local = LocalStream;
    type Remote = RemoteStream;

    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<LocalStream>> {
        self.start(cx);
        Ok(Some(LocalStream::new(stream, &self.options)))
    }

    fn bind_remote(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<RemoteStream>> {
        self.start(cx);
        Ok(Some(RemoteStream::new(stream, &self.options)))
    }

    fn unbind_local(&mut self, _: &StreamInfo, state: LocalStream, cx: &mut Context<'_>) {
        self.say_goodbye(state, cx);
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut LocalStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        stream.send(packet, cx.now());
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut RemoteStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        // Loss before repair: what was given back does not count as received.
        if packet.info().recovered_by.is_some() {
            return Ok(Flow::Forward);
        }
        let Some(source) = stream.source(packet.ssrc()) else { return Ok(Flow::Forward) };
        let arrival = cx.nanos_at(packet.info().arrival.unwrap_or(cx.now()));
        let kind = source.receive(packet.sequence_number(), packet.timestamp(), arrival);
        if matches!(kind, Arrival::Restarted | Arrival::Stray | Arrival::Probation) {
            self.unusual(kind, packet.ssrc());
        }
        Ok(Flow::Forward)
    }

    fn write_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.active = true;
        self.spoke |= packet.packets().any(|sub| sub.sender_ssrc() == Some(cx.sender_ssrc()));
        self.complete(&mut streams, packet, cx)?;
        self.schedule.count(packet.len());
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.active = true;
        self.schedule.count(packet.len());
        self.listen(&mut streams, packet, cx);
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        if streams.local_count() + streams.remote_count() == 0 {
            self.schedule.stop();
            return Ok(());
        }
        let now = cx.now();
        self.look(&mut streams, now);
        let census = self.census(&mut streams, now);
        match self.schedule.check(now, census, cx.rng().next_u32()) {
            Due::Never => Ok(()),
            Due::At(next) => {
                cx.wake_at(next);
                Ok(())
            }
            Due::Now => {
                let sent = self.send_reports(&mut streams, cx);
                // The timer goes on whatever became of this report.
                let next = self.schedule.sent(now, census, cx.rng().next_u32());
                cx.wake_at(next);
                sent
            }
        }
    }

    fn close(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.schedule.stop();
        self.send_last(&mut streams, cx)
    }
}
