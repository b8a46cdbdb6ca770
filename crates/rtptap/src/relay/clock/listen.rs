//! An interceptor of the source leg: notes what the source says about its clock and its names.

use interceptor_core::packet::{Rtcp, RtcpPacket};
use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Result, Stage, Streams,
};

use super::book::{Point, SourceBook};

/// Writes the source's sender reports and canonical names into the book; changes nothing.
#[derive(Clone, Debug)]
pub(in crate::relay) struct ListenToSource(pub(in crate::relay) SourceBook);

impl Factory for ListenToSource {
    type Interceptor = Self;

    fn name(&self) -> &'static str {
        "source-clock"
    }

    fn stage(&self) -> Stage {
        Stage::CAPTURE.below()
    }

    fn build(&self, _: &BuildContext<'_>) -> std::result::Result<Self, BuildError> {
        Ok(self.clone())
    }
}

impl Interceptor for ListenToSource {
    type Local = ();
    type Remote = ();

    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let at = packet.info().arrival.unwrap_or(cx.now());
        for message in packet.packets() {
            match message {
                // A sender without a wall clock says 0 (RFC 3550 §6.4.1): nothing to synchronise by.
                Rtcp::SenderReport(report) if report.ntp().to_bits() != 0 => {
                    let point = Point { ntp: report.ntp(), rtp: report.rtp_timestamp(), at };
                    self.0.note_point(report.ssrc(), point);
                }
                Rtcp::Sdes(sdes) => {
                    for (ssrc, name) in sdes.cnames() {
                        if let Ok(name) = std::str::from_utf8(name) {
                            self.0.note_cname(ssrc, name, at);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(Flow::Forward)
    }
}

#[cfg(test)]
mod contract {
    use super::*;

    // All that it listens to is RTCP.
    interceptor_test::check_interceptor!(ListenToSource(SourceBook::default()), |contract| contract
        .without_streams());
}
