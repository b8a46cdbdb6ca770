//! The interceptor: its hooks, each a role's.

use std::sync::Arc;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Amend, BuildContext, Context, Fact, Flow, Interceptor, Result, StreamInfo, Streams};

use crate::handle::{Cells, Hub};
use crate::protection::Protector;
use crate::recovery::{RecoveredStream, Recovery};
use crate::{FlexFecOptions, ProtectedStream};

/// FlexFEC of one connection, both ways; the [crate] says what it does.
#[derive(Debug)]
pub struct FlexFec {
    hub: Arc<Hub>,
    id: Arc<str>,
    cells: Arc<Cells>,
    protector: Protector,
    recovery: Recovery,
}

impl FlexFec {
    pub(crate) fn new(options: Arc<FlexFecOptions>, hub: &Arc<Hub>, cx: &BuildContext<'_>) -> Self {
        let id = Arc::clone(cx.connection_id());
        let cells = hub.open(&id);
        Self {
            hub: Arc::clone(hub),
            id,
            protector: Protector::new(Arc::clone(&options), Arc::clone(&cells.protection)),
            recovery: Recovery::new(options, Arc::clone(&cells.recovery)),
            cells,
        }
    }

    /// Facts of a stream that were published before it was recovered are not published again.
    fn hear_what_is_known(&mut self, stream: &RecoveredStream, cx: &Context<'_>) {
        if let Some(deadline) = cx.facts().playout_deadline(stream.ssrc()) {
            self.recovery.hear_deadline(stream, deadline.delay);
        }
    }
}

impl Interceptor for FlexFec {
    type Local = ProtectedStream;
    type Remote = RecoveredStream;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<ProtectedStream>> {
        Ok(self.protector.bind(info, cx))
    }

    fn amend_local(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        stream: &mut ProtectedStream,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        Ok(self.protector.amend(old, new, stream, cx))
    }

    fn unbind_local(&mut self, _: &StreamInfo, stream: ProtectedStream, cx: &mut Context<'_>) {
        self.protector.unbind(stream, cx);
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut ProtectedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.protector.write(stream, packet, cx);
        Ok(Flow::Forward)
    }

    fn bind_remote(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<RecoveredStream>> {
        let Some(stream) = self.recovery.bind(info) else { return Ok(None) };
        self.hear_what_is_known(&stream, cx);
        Ok(Some(stream))
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut RecoveredStream,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        let amend = self.recovery.amend(new, stream);
        self.hear_what_is_known(stream, cx);
        Ok(amend)
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: RecoveredStream, cx: &mut Context<'_>) {
        self.recovery.unbind(&stream, cx);
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut RecoveredStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        Ok(self.recovery.read(stream, packet, cx))
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.protector.close_due(&mut streams, cx);
        Ok(())
    }

    fn handle_fact(
        &mut self,
        fact: &Fact,
        mut streams: Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        match fact {
            Fact::Loss(loss) => {
                if let Some(stream) = streams.local(loss.ssrc) {
                    self.protector.hear(fact, stream, cx);
                }
            }
            Fact::StreamTarget(target) => {
                if let Some(stream) = streams.local(target.ssrc) {
                    self.protector.hear(fact, stream, cx);
                }
            }
            Fact::PlayoutDeadline(deadline) => {
                if let Some(stream) = streams.remote(deadline.ssrc) {
                    self.recovery.hear_deadline(stream, deadline.delay);
                }
            }
            Fact::TargetBitrate(_) => {
                for (_, stream) in streams.locals() {
                    self.protector.hear(fact, stream, cx);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.protector.close(&mut streams, cx);
        self.hub.close(&self.id, &self.cells);
        Ok(())
    }
}

impl Drop for FlexFec {
    /// A chain that is dropped without being closed, or bypasses this interceptor, ends its counters too.
    fn drop(&mut self) {
        self.hub.close(&self.id, &self.cells);
    }
}
