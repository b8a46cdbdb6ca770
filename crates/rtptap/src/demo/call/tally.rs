//! An interceptor of the demo's own: counts the RTCP messages that its end puts on the wire.

use std::sync::{Arc, Mutex, PoisonError};

use interceptor_core::packet::{Rtcp, RtcpPacket};
use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Result, Stage, Streams,
};

use crate::demo::RtcpCounts;

/// Shared by both ends of a run; stands nearest the wire.
#[derive(Clone, Debug, Default)]
pub(super) struct RtcpTally(Arc<Mutex<RtcpCounts>>);

impl RtcpTally {
    pub(super) fn counts(&self) -> RtcpCounts {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Factory for RtcpTally {
    type Interceptor = Self;

    fn name(&self) -> &'static str {
        "rtcp-tally"
    }

    fn stage(&self) -> Stage {
        Stage::CAPTURE.below()
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Self, BuildError> {
        Ok(self.clone())
    }
}

impl Interceptor for RtcpTally {
    type Local = ();
    type Remote = ();

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for message in packet.packets() {
            let count = match message {
                Rtcp::SenderReport(_) => &mut counts.sender_reports,
                Rtcp::ReceiverReport(_) => &mut counts.receiver_reports,
                Rtcp::Nack(_) => &mut counts.nacks,
                Rtcp::Pli(_) => &mut counts.plis,
                _ => continue,
            };
            *count += 1;
        }
        Ok(Flow::Forward)
    }
}
