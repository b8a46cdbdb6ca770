//! What the peer says: its clock, what it received of us, and who leaves.

use std::time::Instant;

use interceptor_core::{Context, Streams};
use interceptor_packet::rtcp::{Bye, Xr};
use interceptor_packet::{ReportBlock, Rtcp, RtcpPacket};

use crate::Report;
use crate::interceptor::sending;
use crate::members::Members;
use crate::rtt::Measurements;

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
                members.heard(ssrc, at);
            }
            match sub {
                Rtcp::SenderReport(report) => {
                    if let Some(source) = streams.remote(report.ssrc()).and_then(|s| s.source(report.ssrc()))
                    {
                        source.sender_report(report.ntp(), at);
                    }
                    measure(report.report_blocks(), streams, &mut measured);
                }
                Rtcp::ReceiverReport(report) => measure(report.report_blocks(), streams, &mut measured),
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

    fn extended(&mut self, xr: &Xr<'_>, at: Instant, own_ssrc: u32, measured: &mut Measurements) {
        if let Some(ntp) = xr.receiver_reference_time() {
            self.receivers.heard(xr.ssrc(), ntp, at);
        }
        for entry in xr.dlrr_entries().filter(|entry| entry.ssrc == own_ssrc) {
            measured.add(entry.last_rr, entry.delay_since_last_rr);
        }
    }

    fn goodbye(&mut self, bye: &Bye<'_>, streams: &mut Streams<'_, Self>) {
        for ssrc in bye.ssrcs() {
            if let Some(members) = &mut self.members {
                members.left(ssrc);
            }
            if let Some(source) = streams.remote(ssrc).and_then(|stream| stream.source(ssrc)) {
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
) {
    for block in blocks {
        if block.last_sr() != 0 && streams.local(block.ssrc()).is_some() {
            measured.add(block.last_sr(), block.delay_since_last_sr());
        }
    }
}
