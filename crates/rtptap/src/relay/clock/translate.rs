//! An interceptor of a target leg: its reports speak of the source's clock, and are heard in the leg's own.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use interceptor_core::packet::rtcp::{Sdes, SenderReport};
use interceptor_core::packet::{Rtcp, RtcpBuilder, RtcpPacket, RtpClock};
use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Result, Stage, StreamInfo, Streams,
};

use super::book::{Point, SourceBook};
use super::reports::{SentReports, change_last_reports};

/// How long a stream waits for the source's first report: the 5 s of RFC 3550 §6.2 at their longest (§6.3.1).
const PATIENCE: Duration = Duration::from_millis(7500);

/// Changes sender reports and source descriptions on their way out, report blocks on their way in. Stands nearer the wire
/// than reports and statistics, and farther than the capture, which shows what leaves and comes.
#[derive(Clone, Debug)]
pub(in crate::relay) struct TranslateReports(pub(in crate::relay) SourceBook);

/// What is kept of a stream.
#[derive(Debug)]
pub(in crate::relay) struct Translation {
    since: Instant,
    clock: RtpClock,
    sent: SentReports,
    /// The source's report that left last.
    last: Option<Point>,
}

impl Factory for TranslateReports {
    type Interceptor = Self;

    fn name(&self) -> &'static str {
        "translate-reports"
    }

    fn stage(&self) -> Stage {
        Stage::CAPTURE.below()
    }

    fn build(&self, _: &BuildContext<'_>) -> std::result::Result<Self, BuildError> {
        Ok(self.clone())
    }
}

impl Interceptor for TranslateReports {
    type Local = Translation;
    type Remote = ();

    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<Translation>> {
        let (sent, clock) =
            (SentReports::default(), RtpClock::new(stream.primary().map_or(0, |codec| codec.clock_rate)));
        Ok(Some(Translation { since: cx.now(), clock, sent, last: None }))
    }

    fn write_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let mut changed = RtcpPacket::builder();
        for message in packet.packets() {
            match message {
                Rtcp::SenderReport(report) => self.sender_report(report, &mut streams, &mut changed, cx),
                Rtcp::Sdes(sdes) => self.description(sdes, &mut changed, cx),
                other => {
                    changed.raw(other.raw());
                }
            }
        }
        let info = packet.info().clone();
        *packet = changed.build()?;
        *packet.info_mut() = info;
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        let reports = packet
            .packets()
            .any(|message| matches!(message, Rtcp::ReceiverReport(_) | Rtcp::SenderReport(_)));
        if !reports {
            return Ok(Flow::Forward);
        }
        let mut bytes = BytesMut::from(packet.as_bytes().as_ref());
        change_last_reports(&mut bytes, |ssrc, last| {
            streams.local(ssrc).map_or(last, |stream| stream.sent.own(last))
        });
        let info = packet.info().clone();
        *packet = RtcpPacket::parse(bytes.freeze())?;
        *packet.info_mut() = info;
        Ok(Flow::Forward)
    }
}

impl TranslateReports {
    /// A stream's report; or an empty one in its place, so that the compound still starts with a report.
    fn sender_report(
        &self,
        report: SenderReport<'_>,
        streams: &mut Streams<'_, Self>,
        changed: &mut RtcpBuilder,
        cx: &Context<'_>,
    ) {
        // The SSRC of retransmissions has the clock of its media.
        let media = cx.local_stream(report.ssrc()).map_or(report.ssrc(), |stream| stream.ssrc);
        let point = self.0.point(media);
        let times = streams.local(report.ssrc()).and_then(|stream| stream.report(report, point, cx.now()));
        let Some((ntp, rtp)) = times else {
            if changed.is_empty() {
                changed.receiver_report(report.ssrc(), &[]);
            }
            return;
        };
        changed.sender_report(report.ssrc(), ntp, rtp, report.packet_count(), report.octet_count(), &[]);
    }

    /// A description under the source's names.
    fn description(&self, sdes: Sdes<'_>, changed: &mut RtcpBuilder, cx: &Context<'_>) {
        let known = |ssrc| {
            let media = cx.local_stream(ssrc).map_or(ssrc, |stream| stream.ssrc);
            self.0.cname(media)
        };
        if !sdes.cnames().any(|(ssrc, _)| known(ssrc).is_some()) {
            changed.raw(Rtcp::Sdes(sdes).raw());
            return;
        }
        for (ssrc, own) in sdes.cnames() {
            match known(ssrc) {
                Some(name) => changed.sdes_cname(ssrc, &name),
                None => changed.sdes_cname(ssrc, std::str::from_utf8(own).unwrap_or_default()),
            };
        }
    }
}

impl Translation {
    /// The NTP and RTP time to report with; `None`: better no report.
    fn report(
        &mut self,
        report: SenderReport<'_>,
        point: Option<Point>,
        now: Instant,
    ) -> Option<(interceptor_packet::NtpTime, u32)> {
        let times = match point {
            None if now.saturating_duration_since(self.since) < PATIENCE => return None,
            None => (report.ntp(), report.rtp_timestamp()),
            Some(point) if self.clock.rate() > 0 => point.carried_to(now, self.clock),
            // Without a clock rate nothing can be carried on: each of the source's reports leaves once.
            Some(point) if self.last == Some(point) => return None,
            Some(point) => (point.ntp, point.rtp),
        };
        self.last = point;
        self.sent.note(times.0.middle_32(), report.ntp().middle_32());
        Some(times)
    }
}

#[cfg(test)]
mod contract {
    use super::*;

    interceptor_test::check_interceptor!(TranslateReports(SourceBook::default()));
}
