//! What the peer says: its clock, what it received of us, and who leaves.

use std::time::Instant;

use interceptor_core::{Context, Streams};
use interceptor_packet::rtcp::{Bye, SenderReport, Xr};
use interceptor_packet::{NtpTime, ReportBlock, Rtcp, RtcpPacket};

use crate::interceptor::sending;
use crate::members::Members;
use crate::rtt::Measurements;
use crate::{Report, ReportCounters};

impl Report {
    /// Takes in one compound: well-formed packets only, malformed ones were skipped and counted by the chain.
    pub(crate) fn listen(
        &mut self,
        streams: &mut Streams<'_, Self>,
        packet: &RtcpPacket,
        cx: &mut Context<'_>,
    ) {
        let at = packet.info().arrival.unwrap_or(cx.now());
        let mut measured = Measurements::new(cx.ntp(at).middle_32(), cx.facts().rtt());
        let mut left = false;
        for sub in packet.packets() {
            if let (Some(members), Some(ssrc)) = (&mut self.members, sub.sender_ssrc()) {
                self.counters.uncounted_members += u64::from(!members.heard(ssrc, at));
            }
            match sub {
                Rtcp::SenderReport(report) => {
                    self.sender_report(&report, streams, at);
                    measure(report.report_blocks(), streams, &mut measured, &mut self.counters);
                }
                Rtcp::ReceiverReport(report) => {
                    measure(report.report_blocks(), streams, &mut measured, &mut self.counters);
                }
                Rtcp::Xr(xr) if self.options.xr => self.extended(&xr, at, cx.sender_ssrc(), &mut measured),
                Rtcp::Bye(bye) => {
                    self.goodbye(&bye, streams);
                    left = true;
                }
                _ => {}
            }
        }
        if let Some(rtt) = measured.finish(&mut self.counters) {
            cx.publish(rtt);
        }
        if left {
            self.reconsider(streams, cx);
        }
    }

    fn sender_report(&mut self, report: &SenderReport<'_>, streams: &mut Streams<'_, Self>, at: Instant) {
        let Some(stream) = streams.remote(report.ssrc()) else {
            self.counters.unknown_ssrcs += 1;
            return;
        };
        self.counters.without_clock += u64::from(report.ntp() == NtpTime(0));
        if let Some(source) = stream.source(report.ssrc()) {
            source.sender_report(report.ntp(), at);
        }
    }

    fn extended(&mut self, xr: &Xr<'_>, at: Instant, own_ssrc: u32, measured: &mut Measurements) {
        if let Some(ntp) = xr.receiver_reference_time() {
            self.counters.forgotten_clocks += u64::from(self.receivers.heard(xr.ssrc(), ntp, at));
        }
        for entry in xr.dlrr_entries() {
            if entry.ssrc == own_ssrc {
                measured.add(entry.last_rr, entry.delay_since_last_rr);
            } else {
                self.counters.unknown_ssrcs += 1;
            }
        }
    }

    fn goodbye(&mut self, bye: &Bye<'_>, streams: &mut Streams<'_, Self>) {
        for ssrc in bye.ssrcs() {
            if let Some(members) = &mut self.members {
                members.left(ssrc);
            }
            let Some(stream) = streams.remote(ssrc) else {
                self.counters.unknown_ssrcs += 1;
                continue;
            };
            if let Some(source) = stream.source(ssrc) {
                source.goodbye();
                tracing::debug!(ssrc, "source said goodbye");
            }
        }
    }

    /// RFC 3550 §6.3.4: fewer members, sooner reports. A peer can say goodbye without end, so no member is looked at;
    /// those who have fallen silent are left out when the timer fires.
    fn reconsider(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) {
        let Some(others) = self.members.as_ref().map(Members::len) else { return };
        // This end counts once at least.
        if !self.schedule.has_lost_members(others as u64 + 1) {
            return;
        }
        let members = (others + sending(streams).max(1)) as u64;
        if let Some(sooner) = self.schedule.members_left(cx.now(), members) {
            cx.wake_at(sooner);
        }
    }
}

/// Round-trip times from blocks about this end's sources.
fn measure<'a>(
    blocks: impl Iterator<Item = ReportBlock<'a>>,
    streams: &mut Streams<'_, Report>,
    measured: &mut Measurements,
    counters: &mut ReportCounters,
) {
    for block in blocks {
        if streams.local(block.ssrc()).is_none() {
            counters.unknown_ssrcs += 1;
        } else if block.last_sr() == 0 {
            counters.without_lsr += 1;
        } else {
            measured.add(block.last_sr(), block.delay_since_last_sr());
        }
    }
}
