//! A round of reports: which sources are due, in which order, and what is said about them (RFC 3550 §6.4).

use interceptor_core::{Context, Result, Streams};

use crate::compound::{CompoundWriter, DueReport};
use crate::datagrams::{Datagrams, Limits};
use crate::xr::{ExtendedReports, ReferenceTimes};
use crate::{Report, RtcpInterval, RttReports};

/// What is due. Its memory is used again for the next round.
#[derive(Debug, Default)]
pub(crate) struct ReportRound {
    /// The reports in the order in which they are to be made.
    pub(crate) due: Vec<DueReport>,
    /// Each with its source's last [`report_order`](Report::report_order), and where it stood among the streams.
    by_last_report: Vec<(u64, usize, DueReport)>,
    /// The first local SSRC with a sender report.
    pub(crate) first_sender: Option<u32>,
    /// Whether RTP was ever sent or received.
    pub(crate) has_traffic: bool,
}

impl ReportRound {
    /// Collects what is due: sender reports of every local source that has sent lately, and blocks about every remote source
    /// heard since its last one. Those that have waited longest come first.
    pub(crate) fn collect(&mut self, streams: &mut Streams<'_, Report>) {
        self.by_last_report.clear();
        (self.first_sender, self.has_traffic) = (None, false);
        for source in streams.locals().flat_map(|(_, stream)| stream.sources()) {
            self.has_traffic |= source.has_sent();
            if source.is_sender() {
                self.first_sender.get_or_insert(source.ssrc());
                self.push(source.last_report_order, DueReport::Sender(source.ssrc()));
            }
        }
        for source in streams.remotes().flat_map(|(_, stream)| stream.sources()) {
            self.has_traffic |= source.is_known();
            if source.is_due() {
                self.push(source.last_report_order, DueReport::Block(source.ssrc()));
            }
        }
        self.by_last_report.sort_unstable_by_key(|(last, place, _)| (*last, *place));
        self.due.clear();
        self.due.extend(self.by_last_report.iter().map(|(_, _, report)| *report));
    }

    fn push(&mut self, last_report_order: u64, report: DueReport) {
        self.by_last_report.push((last_report_order, self.by_last_report.len(), report));
    }
}

impl Report {
    /// Sends the reports that are due. Nothing leaves before anything was sent or received; from then on there is an empty
    /// report at least.
    pub(crate) fn send_report_round(
        &mut self,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let mut round = std::mem::take(&mut self.round);
        round.collect(streams);
        let sent =
            if round.has_traffic || self.rtcp_seen { self.send_round(&round, streams, cx) } else { Ok(()) };
        self.round = round;
        sent
    }

    fn send_round(
        &mut self,
        round: &ReportRound,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let reporter = round.first_sender.unwrap_or(cx.sender_ssrc());
        let reserved = self.add_extended_reports(round.first_sender.is_some(), cx);
        self.send_datagrams(Datagrams::new(&round.due, reporter, reserved, self.limits(cx)), streams, cx)
    }

    /// Extended reports for the first datagram; gives their bytes (RFC 3611 §4.4, §4.5).
    fn add_extended_reports(&mut self, we_send: bool, cx: &Context<'_>) -> usize {
        // In a crowd this would take a good part of everybody's bandwidth, and what matters to a receiver is the round trip
        // to a sender.
        let is_crowd = self.members.as_ref().is_some_and(|others| others.len() > ReferenceTimes::MAX);
        let asks = match self.options.rtt_reports {
            RttReports::Auto => !we_send && !is_crowd,
            RttReports::Always => true,
            RttReports::Never => false,
        };
        if is_crowd && !we_send {
            self.reference_times.clear();
        }
        let extended = &mut self.writer.extended;
        let answers_len = self.reference_times.answers_len();
        self.reference_times.answer(cx.now(), &mut extended.answers);
        extended.reference_time = asks.then(|| cx.ntp(cx.now()));
        answers_len + if asks { ExtendedReports::REFERENCE_TIME_LEN } else { 0 }
    }

    pub(crate) fn limits(&self, cx: &Context<'_>) -> Limits {
        let datagrams = match self.options.interval {
            RtcpInterval::Fixed(_) => self.options.max_datagrams,
            RtcpInterval::Rfc3550 { .. } => 1,
        };
        Limits { mtu: cx.config().mtu, cname: self.cname.len(), datagrams }
    }

    pub(crate) fn send_datagrams(
        &mut self,
        mut datagrams: Datagrams<'_>,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        while datagrams.next(&mut self.writer.layout) {
            self.read_values(streams, cx);
            self.send_compound(cx)?;
        }
        Ok(())
    }

    /// Reads the present values for the reports of a datagram. From here on their sources count as reported.
    fn read_values(&mut self, streams: &mut Streams<'_, Self>, cx: &Context<'_>) {
        let (now, ntp) = (cx.now(), cx.ntp(cx.now()));
        let CompoundWriter { layout, sender_infos, blocks, .. } = &mut self.writer;
        sender_infos.clear();
        for ssrc in &layout.senders {
            let Some(stream) = streams.local(*ssrc) else { continue };
            self.report_order += 1;
            sender_infos.extend(stream.sender_info(*ssrc, ntp, now));
            stream.reported(*ssrc, self.report_order);
        }
        blocks.clear();
        for ssrc in &layout.blocks {
            let Some(source) = streams.remote(*ssrc).and_then(|stream| stream.source(*ssrc)) else {
                continue;
            };
            self.report_order += 1;
            self.counters.absurd_jitters += u64::from(source.has_absurd_jitter());
            blocks.push(source.block(now, self.report_order));
        }
    }

    /// Sends the datagram whose values have been read.
    pub(crate) fn send_compound(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let packet = self.writer.write(&self.cname);
        // The first datagram had them.
        self.writer.extended.clear();
        let packet = packet?;
        let CompoundWriter { layout, sender_infos, blocks, .. } = &self.writer;
        self.counters.sender_reports += sender_infos.len() as u64;
        self.counters.receiver_reports += layout.receiver_reports() as u64;
        self.counters.blocks += blocks.len() as u64;
        self.counters.goodbyes += layout.byes.len() as u64;
        self.counters.datagrams += 1;
        self.rtcp_seen = true;
        self.sent_feedback |= layout.reporter == cx.sender_ssrc();
        self.schedule.count_datagram(packet.len());
        tracing::trace!(bytes = packet.len(), "report");
        cx.send_rtcp(packet);
        Ok(())
    }
}
