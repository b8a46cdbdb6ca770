//! The interceptor that writes a record.

use std::sync::Arc;

use interceptor_core::{
    Amend, BuildContext, BuildError, Context, Fact, Factory, Flow, Interceptor, Result, Stage, StreamInfo,
    Streams,
};
use interceptor_packet::{RtcpPacket, RtpPacket};

use super::{Crossing, Record, Recording};

/// Makes [`Recorder`]s; see [`Recording::recorder`].
#[derive(Clone, Debug)]
pub struct RecorderFactory {
    point: &'static str,
    stage: Stage,
    recording: Recording,
}

impl RecorderFactory {
    pub(super) fn new(point: &'static str, stage: Stage, recording: Recording) -> Self {
        Self { point, stage, recording }
    }
}

impl Factory for RecorderFactory {
    type Interceptor = Recorder;

    fn name(&self) -> &'static str {
        self.point
    }

    fn stage(&self) -> Stage {
        self.stage
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Recorder, BuildError> {
        Ok(Recorder { point: self.point, recording: self.recording.clone() })
    }
}

/// Writes down everything that passes its place and changes nothing; see [`Recording`].
///
/// It takes part in every stream.
#[derive(Debug)]
pub struct Recorder {
    point: &'static str,
    recording: Recording,
}

impl Recorder {
    fn record(&self, crossing: Crossing, cx: &Context<'_>) {
        let connection = Arc::clone(&cx.config().id);
        self.recording.lock().push(Record { at: cx.now(), connection, point: self.point, crossing });
    }
}

impl Interceptor for Recorder {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.record(Crossing::BindLocal(stream.clone()), cx);
        Ok(Some(()))
    }

    fn bind_remote(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.record(Crossing::BindRemote(stream.clone()), cx);
        Ok(Some(()))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.record(Crossing::AmendLocal(new.clone()), cx);
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.record(Crossing::AmendRemote(new.clone()), cx);
        Ok(Amend::Keep)
    }

    fn unbind_local(&mut self, stream: &StreamInfo, (): (), cx: &mut Context<'_>) {
        self.record(Crossing::UnbindLocal(stream.clone()), cx);
    }

    fn unbind_remote(&mut self, stream: &StreamInfo, (): (), cx: &mut Context<'_>) {
        self.record(Crossing::UnbindRemote(stream.clone()), cx);
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.record(Crossing::WriteRtp(packet.clone()), cx);
        Ok(Flow::Forward)
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.record(Crossing::ReadRtp(packet.clone()), cx);
        Ok(Flow::Forward)
    }

    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.record(Crossing::WriteUnboundRtp(packet.clone()), cx);
        Ok(Flow::Forward)
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.record(Crossing::ReadUnboundRtp(packet.clone()), cx);
        Ok(Flow::Forward)
    }

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.record(Crossing::WriteRtcp(packet.clone()), cx);
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.record(Crossing::ReadRtcp(packet.clone()), cx);
        Ok(Flow::Forward)
    }

    fn handle_fact(&mut self, fact: &Fact, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.record(Crossing::Fact(*fact), cx);
        Ok(())
    }

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.record(Crossing::Close, cx);
        Ok(())
    }
}
