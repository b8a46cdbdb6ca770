//! The interceptor: counts what passes, reports when it is time, and reads what the peer reports.

use std::sync::Arc;
use std::time::Instant;

use interceptor_core::{Amend, Context, Fact, Flow, Interceptor, LinkCondition, Result, StreamInfo, Streams};
use interceptor_packet::rfc3550::Arrival;
use interceptor_packet::{RtcpPacket, RtpPacket};
use rand::RngCore;

use crate::compound::CompoundWriter;
use crate::interval::SessionSize;
use crate::local::LocalStream;
use crate::members::Members;
use crate::remote::RemoteStream;
use crate::report_round::ReportRound;
use crate::schedule::{Expiry, Schedule};
use crate::xr::ReferenceTimes;
use crate::{ReportCounters, ReportOptions, RtcpInterval};
use interceptor_core::WindowedMin;

/// Sender and receiver reports, source descriptions, BYE and round-trip times of one connection.
#[derive(Debug)]
pub struct Report {
    pub(crate) options: Arc<ReportOptions>,
    pub(crate) cname: Arc<str>,
    pub(crate) schedule: Schedule,
    /// Only where the interval depends on it.
    pub(crate) members: Option<Members>,
    pub(crate) reference_times: ReferenceTimes,
    pub(crate) smallest_rtt: WindowedMin,
    /// When congestion control last said that it sees the path, in nanoseconds since the connection's start.
    pub(crate) link_seen: Option<u64>,
    /// Sender reports and blocks so far. Each source keeps the value of its last one: the lowest has waited longest.
    pub(crate) report_order: u64,
    /// RTCP has been sent or received: this end takes part in a session.
    pub(crate) rtcp_seen: bool,
    /// RTCP has left under the connection's feedback SSRC.
    pub(crate) sent_feedback: bool,
    pub(crate) counters: ReportCounters,
    pub(crate) round: ReportRound,
    pub(crate) writer: CompoundWriter,
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
            reference_times: ReferenceTimes::default(),
            smallest_rtt: WindowedMin::default(),
            link_seen: None,
            report_order: 0,
            rtcp_seen: false,
            sent_feedback: false,
            counters: ReportCounters::default(),
            round: ReportRound::default(),
            writer: CompoundWriter::default(),
        }
    }

    /// What has been counted so far.
    #[must_use]
    pub const fn counters(&self) -> &ReportCounters {
        &self.counters
    }

    /// How many others take part in the session, as (members, senders among them): those that were heard and have neither
    /// said BYE nor timed out (RFC 3550 §6.2.1). `None` with [`RtcpInterval::Fixed`], which does not depend on it.
    #[must_use]
    pub fn other_members(&self) -> Option<(usize, usize)> {
        self.members.as_ref().map(|members| (members.len(), members.senders()))
    }

    /// The first stream starts the timer.
    fn start(&mut self, cx: &mut Context<'_>) {
        let random = cx.rng().next_u32();
        if let Some(first) = self.schedule.start(cx.now(), SessionSize::ALONE, random) {
            cx.wake_at(first);
        }
    }

    /// A first packet starts the timer again if it has stopped because nothing came.
    fn start_again(&mut self, cx: &mut Context<'_>) {
        if self.schedule.is_stopped() {
            self.start(cx);
        }
    }

    /// Has nothing been sent or received, ever? Then the timer has nothing to wait for: ten thousand connections of which nobody has made use
    /// yet cost no turns. What [`RtcpInterval::Rfc3550`] waits for depends on the others in any case.
    const fn is_idle(&self) -> bool {
        self.members.is_none() && !self.round.has_traffic && !self.rtcp_seen
    }

    #[cold]
    fn note_unusual(&mut self, kind: Arrival, ssrc: u32, cx: &mut Context<'_>) {
        match kind {
            Arrival::First => self.start_again(cx),
            Arrival::Restarted => {
                self.counters.restarts += 1;
                tracing::debug!(ssrc, "source restarted");
            }
            Arrival::Stray | Arrival::Probation => self.counters.strays += 1,
            _ => {}
        }
    }

    fn see_rtcp(&mut self, streams: &Streams<'_, Self>, cx: &mut Context<'_>) {
        let is_first = !std::mem::replace(&mut self.rtcp_seen, true);
        if is_first && streams.local_count() + streams.remote_count() > 0 {
            self.start_again(cx);
        }
    }

    /// Marks as senders the remote sources that have sent RTP since this was last done (§6.3.3).
    fn mark_senders(&mut self, streams: &mut Streams<'_, Self>, now: Instant) {
        for source in streams.remotes().flat_map(|(_, stream)| stream.sources()) {
            let sent = source.has_sent_since_last_check(now, self.options.forget_after);
            if let (true, Some(members)) = (sent, &mut self.members) {
                self.counters.uncounted_members += u64::from(!members.received_rtp(source.ssrc(), now));
            }
        }
    }

    /// Times out members and senders (§6.3.5) and counts the rest. Only the report timer depends on the size of the session,
    /// so it is enough to do this when the timer fires.
    fn session_size(&mut self, streams: &mut Streams<'_, Self>, now: Instant) -> SessionSize {
        let Some(members) = &mut self.members else { return SessionSize::ALONE };
        let local_senders = Self::count_local_senders(streams);
        let count = |members: &Members| SessionSize {
            members: (members.len() + local_senders.max(1)) as u64,
            senders: (members.senders() + local_senders) as u64,
            we_sent: local_senders > 0,
        };
        members.time_out(now, self.schedule.timeouts(count(members)));
        count(members)
    }

    /// Local sources that count as senders.
    pub(crate) fn count_local_senders(streams: &mut Streams<'_, Self>) -> usize {
        let sources = streams.locals().flat_map(|(_, stream)| stream.sources());
        sources.filter(|source| source.is_sender()).count()
    }
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

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut LocalStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        stream.amend(new, &self.options);
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut RemoteStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        stream.amend(new, &self.options);
        Ok(Amend::Keep)
    }

    fn unbind_local(&mut self, _: &StreamInfo, state: LocalStream, cx: &mut Context<'_>) {
        self.send_bye(state, cx);
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut LocalStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if stream.count_packet(packet, cx.now()) {
            self.start_again(cx);
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
        // Losses are reported as they were before repair: what was restored does not count as received.
        if packet.info().recovered_by.is_some() {
            return Ok(Flow::Forward);
        }
        let Some((source, clocks)) = stream.source_and_clocks(packet.ssrc()) else {
            return Ok(Flow::Forward);
        };
        let arrival = cx.nanos_at(packet.info().arrival.unwrap_or(cx.now()));
        let kind = source.receive(packet, arrival, clocks);
        if matches!(kind, Arrival::First | Arrival::Restarted | Arrival::Stray | Arrival::Probation) {
            self.note_unusual(kind, packet.ssrc(), cx);
        }
        Ok(Flow::Forward)
    }

    fn write_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.see_rtcp(&streams, cx);
        self.sent_feedback |= packet.packets().any(|sub| sub.sender_ssrc() == Some(cx.sender_ssrc()));
        self.make_compound(&mut streams, packet, cx)?;
        self.schedule.count_datagram(packet.len());
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.see_rtcp(&streams, cx);
        self.schedule.count_datagram(packet.len());
        self.receive_rtcp(&mut streams, packet, cx);
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        if streams.local_count() + streams.remote_count() == 0 {
            self.schedule.stop();
            return Ok(());
        }
        let now = cx.now();
        self.mark_senders(&mut streams, now);
        let session = self.session_size(&mut streams, now);
        // §6.3.5: members that timed out shorten the wait just as those that said BYE do.
        self.schedule.members_left(now, session.members);
        match self.schedule.on_expire(now, session, cx.rng().next_u32()) {
            Expiry::Stopped => Ok(()),
            Expiry::Wait(next) => {
                cx.wake_at(next);
                Ok(())
            }
            Expiry::Report => {
                let sent = self.send_report_round(&mut streams, cx);
                if self.is_idle() {
                    self.schedule.stop();
                    return sent;
                }
                // The timer goes on even if this report failed.
                let next = self.schedule.report_sent(now, session, cx.rng().next_u32());
                cx.wake_at(next);
                sent
            }
        }
    }

    /// Others that tell what the path loses, and whether they still see it.
    fn handle_fact(
        &mut self,
        fact: &Fact,
        mut streams: Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        match fact {
            Fact::LinkState(link) if link.state != LinkCondition::Silent => {
                self.link_seen = Some(cx.elapsed_nanos());
            }
            Fact::Loss(loss) => {
                let stream = streams.local(loss.ssrc).filter(|stream| stream.media_ssrc() == loss.ssrc);
                if let Some(stream) = stream {
                    let now = cx.elapsed_nanos();
                    stream.path_loss(None, now).others_tell(now);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.schedule.stop();
        self.leave_session(&mut streams, cx)
    }
}
