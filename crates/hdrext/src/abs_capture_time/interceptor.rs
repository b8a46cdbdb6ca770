//! The interceptor: says when frames that leave were captured, and finds out when those were that come.

use interceptor_core::packet::ext::AbsCaptureTime;
use interceptor_core::packet::{HeaderExtension, Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{Amend, Context, Flow, Interceptor, Result, StreamInfo, Streams};

use super::receiver::CaptureReceiver;
use super::sender::{CaptureSender, Say};
use crate::{AbsCaptureTimeCounters, AbsCaptureTimeOptions};

/// Capture times of one connection. The crate's documentation says what it does.
#[derive(Debug)]
pub struct AbsCaptureTimes {
    options: AbsCaptureTimeOptions,
    counters: AbsCaptureTimeCounters,
}

impl AbsCaptureTimes {
    pub(crate) fn new(options: AbsCaptureTimeOptions) -> Self {
        Self { options, counters: AbsCaptureTimeCounters::default() }
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &AbsCaptureTimeCounters {
        &self.counters
    }

    /// A well-formed element is there.
    fn receive(&mut self, stream: &mut CaptureReceiver, packet: &mut RtpPacket, time: AbsCaptureTime) {
        self.counters.read += 1;
        stream.read(packet, time);
        if self.options.attributes {
            packet.info_mut().attributes.insert(time);
        }
        if self.options.forwarding {
            let ours = stream.on_our_clock(time);
            // It fits where a longer one may have been; and where it does not, who forwards it says nothing wrong.
            if packet.write(stream.id, &ours).is_err() {
                packet.remove_extension(stream.id);
            }
            self.counters.adjusted += 1;
        }
    }
}

impl Interceptor for AbsCaptureTimes {
    type Local = CaptureSender;
    type Remote = CaptureReceiver;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<CaptureSender>> {
        Ok(info.extension_id(AbsCaptureTime::URI).map(|id| {
            cx.declare_stamp(id, AbsCaptureTime::MAX_LEN as u8);
            CaptureSender::new(id, info.ssrc)
        }))
    }

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<CaptureReceiver>> {
        Ok(info.extension_id(AbsCaptureTime::URI).map(|id| CaptureReceiver::new(id, info)))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut CaptureSender,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(id) = new.extension_id(AbsCaptureTime::URI) else { return Ok(Amend::Leave) };
        cx.declare_stamp(id, AbsCaptureTime::MAX_LEN as u8);
        stream.id = id;
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut CaptureReceiver,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(id) = new.extension_id(AbsCaptureTime::URI) else { return Ok(Amend::Leave) };
        stream.amend(id, new);
        Ok(Amend::Keep)
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut CaptureSender,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        match stream.say(packet, &self.options, cx) {
            Say::Nothing => {}
            Say::AsItIs => self.counters.kept += 1,
            Say::This(time) if packet.write(stream.id, &time).is_ok() => self.counters.stamped += 1,
            Say::This(_) => self.counters.not_stamped += 1,
        }
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut CaptureReceiver,
        packet: &mut RtpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        let Some(value) = packet.extension(stream.id).filter(|_| stream.is_of(packet.ssrc())) else {
            return Ok(Flow::Forward);
        };
        match AbsCaptureTime::read(value) {
            Some(time) => self.receive(stream, packet, time),
            None => self.counters.malformed += 1,
        }
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let Some(rtt) = cx.facts().rtt().filter(|_| self.options.forwarding) else {
            return Ok(Flow::Forward);
        };
        let arrival = packet.info().arrival.map_or_else(|| cx.ntp_now(), |at| cx.ntp(at));
        for part in packet.packets() {
            let Rtcp::SenderReport(report) = part else { continue };
            if let Some(stream) = streams.remote(report.ssrc()).filter(|stream| stream.is_of(report.ssrc())) {
                // It was written half a round trip before it came.
                stream.compare(report.ntp() + rtt.smoothed / 2, arrival);
            }
        }
        Ok(Flow::Forward)
    }
}
