//! What RTCP from the peer tells: its clock, what it received of us, and who leaves.

use std::time::{Duration, Instant};

use interceptor_core::{Context, Streams};
use interceptor_packet::rtcp::{Bye, SenderReport, Xr};
use interceptor_packet::{NtpTime, ReportBlock, ReportBlockData, Rtcp, RtcpPacket};

use crate::local::LocalStream;
use crate::members::Members;
use crate::rtt::Measurements;
use crate::{Report, RttReports};

impl Report {
    /// Reads one datagram: its well-formed packets only, as the chain has skipped and counted the malformed ones.
    pub(crate) fn receive_rtcp(
        &mut self,
        streams: &mut Streams<'_, Self>,
        packet: &RtcpPacket,
        cx: &mut Context<'_>,
    ) {
        let at = packet.info().arrival.unwrap_or(cx.now());
        let since_start = Duration::from_nanos(cx.nanos_at(at));
        let mut measured = Measurements::new(cx.ntp(at).middle_32(), cx.facts().rtt());
        let mut has_bye = false;
        for sub in packet.packets() {
            match sub {
                Rtcp::Bye(bye) => {
                    self.receive_bye(&bye, streams, at, since_start);
                    has_bye = true;
                    continue;
                }
                Rtcp::SenderReport(report) => {
                    self.receive_sender_report(&report, streams, at);
                    self.receive_blocks(report.ssrc(), report.report_blocks(), streams, &mut measured, cx);
                }
                Rtcp::ReceiverReport(report) => {
                    self.receive_blocks(report.ssrc(), report.report_blocks(), streams, &mut measured, cx);
                }
                Rtcp::Xr(xr) if self.options.rtt_reports != RttReports::Never => {
                    self.receive_extended_report(&xr, streams, at, cx.sender_ssrc(), &mut measured);
                }
                _ => {}
            }
            if let (Some(members), Some(ssrc)) = (&mut self.members, sub.sender_ssrc()) {
                self.counters.uncounted_members += u64::from(!members.received_rtcp(ssrc, at));
            }
        }
        if let Some(rtt) = measured.finish(since_start, &mut self.smallest_rtt, &mut self.counters) {
            cx.publish(rtt);
        }
        if has_bye {
            self.reconsider_after_bye(streams, cx);
        }
    }

    fn receive_sender_report(
        &mut self,
        report: &SenderReport<'_>,
        streams: &mut Streams<'_, Self>,
        at: Instant,
    ) {
        let Some(stream) = streams.remote(report.ssrc()) else {
            self.counters.unknown_ssrcs += 1;
            return;
        };
        self.counters.without_clock += u64::from(report.ntp() == NtpTime(0));
        if let Some(source) = stream.source(report.ssrc()) {
            source.sender_report(report.ntp(), at);
        }
    }

    /// Takes round-trip times, and what the path loses, from blocks about this end's sources.
    fn receive_blocks<'a>(
        &mut self,
        reporter: u32,
        blocks: impl Iterator<Item = ReportBlock<'a>>,
        streams: &mut Streams<'_, Self>,
        measured: &mut Measurements,
        cx: &mut Context<'_>,
    ) {
        for block in blocks {
            let Some(stream) = streams.local(block.ssrc()) else {
                self.counters.unknown_ssrcs += 1;
                continue;
            };
            if stream.media_ssrc() == block.ssrc() {
                self.receive_loss(reporter, &block.to_data(), stream, cx);
            }
            if block.last_sr() == 0 {
                self.counters.without_lsr += 1;
            } else {
                measured.add(block.last_sr(), block.delay_since_last_sr());
            }
        }
    }

    /// A block about the media of a stream may tell what the path loses of it.
    fn receive_loss(
        &mut self,
        reporter: u32,
        block: &ReportBlockData,
        stream: &mut LocalStream,
        cx: &mut Context<'_>,
    ) {
        let (known, now) = (cx.facts().loss(block.ssrc), cx.elapsed_nanos());
        let path_loss = stream.path_loss(known, now);
        path_loss.receive(reporter, block, now, &mut self.counters);
        if let Some(loss) = path_loss.news(block.ssrc, known, self.link_seen, now) {
            self.counters.losses_told += 1;
            cx.publish(loss);
        }
    }

    /// Answers to this end's clock are about the SSRC that told it: a local stream's while this end sends, else `own_ssrc`.
    fn receive_extended_report(
        &mut self,
        xr: &Xr<'_>,
        streams: &mut Streams<'_, Self>,
        at: Instant,
        own_ssrc: u32,
        measured: &mut Measurements,
    ) {
        if let Some(ntp) = xr.receiver_reference_time() {
            self.counters.forgotten_clocks += u64::from(self.reference_times.received(xr.ssrc(), ntp, at));
        }
        for entry in xr.dlrr_entries() {
            if entry.ssrc == own_ssrc || streams.local(entry.ssrc).is_some() {
                measured.add(entry.last_rr, entry.delay_since_last_rr);
            } else {
                self.counters.unknown_ssrcs += 1;
            }
        }
    }

    /// RFC 3550 §6.3.4: who says BYE is gone at once.
    fn receive_bye(
        &mut self,
        bye: &Bye<'_>,
        streams: &mut Streams<'_, Self>,
        at: Instant,
        since_start: Duration,
    ) {
        for ssrc in bye.ssrcs() {
            if let Some(members) = &mut self.members {
                self.counters.forgotten_goodbyes += u64::from(!members.received_bye(ssrc, at));
            }
            let Some(stream) = streams.remote(ssrc) else {
                self.counters.unknown_ssrcs += 1;
                continue;
            };
            if let Some(source) = stream.source(ssrc) {
                source.goodbye(since_start);
                tracing::debug!(ssrc, "source said goodbye");
            }
        }
    }

    /// RFC 3550 §6.3.4: with fewer members reports come sooner. A peer can say BYE without end, so no member is looked at
    /// here; those that have fallen silent are left out when the timer fires.
    fn reconsider_after_bye(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) {
        let Some(others) = self.members.as_ref().map(Members::len) else { return };
        // This end counts once at least.
        if !self.schedule.has_lost_members(others as u64 + 1) {
            return;
        }
        let members = (others + Self::count_local_senders(streams).max(1)) as u64;
        if let Some(sooner) = self.schedule.members_left(cx.now(), members) {
            cx.wake_at(sooner);
        }
    }
}
