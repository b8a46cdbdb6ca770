//! The hooks: hand a reference to each packet to the writer and pass everything on unchanged.

use std::time::Duration;

use interceptor_core::{Amend, Context, Flow, Interceptor, Result, StreamInfo, Streams};
use interceptor_packet::{PacketInfo, RtcpPacket, RtpPacket};

use crate::Direction::{self, Incoming, Outgoing};
use crate::PcapDump;
use crate::writer::Packet;

impl Interceptor for PcapDump {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.open(cx);
        Ok(self.begin(Outgoing, stream))
    }

    fn bind_remote(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.open(cx);
        Ok(self.begin(Incoming, stream))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        Ok(self.describe(Outgoing, new))
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        Ok(self.describe(Incoming, new))
    }

    fn unbind_local(&mut self, stream: &StreamInfo, (): (), _: &mut Context<'_>) {
        self.known.iter_mut().for_each(|known| known.remove(Outgoing, stream.ssrc));
    }

    fn unbind_remote(&mut self, stream: &StreamInfo, (): (), _: &mut Context<'_>) {
        self.known.iter_mut().for_each(|known| known.remove(Incoming, stream.ssrc));
    }

    #[inline]
    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.write_unbound_rtp(packet, cx)
    }

    #[inline]
    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        if !self.is_over() && self.filter.wants_rtp(Outgoing, packet) {
            self.capture(Outgoing, sending(cx), rtp(packet), cx);
        }
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        // It crossed the wire once, before its stream was bound, and was captured then.
        if packet.info().seen_unbound {
            return Ok(Flow::Forward);
        }
        self.read_unbound_rtp(packet, cx)
    }

    #[inline]
    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        if !self.is_over() && self.filter.wants_rtp(Incoming, packet) {
            self.capture(Incoming, arrival(packet.info(), cx), rtp(packet), cx);
        }
        Ok(Flow::Forward)
    }

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if !self.is_over() && self.filter.wants_rtcp(Outgoing, packet) {
            self.capture(Outgoing, sending(cx), rtcp(packet), cx);
        }
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if !self.is_over() && self.filter.wants_rtcp(Incoming, packet) {
            self.capture(Incoming, arrival(packet.info(), cx), rtcp(packet), cx);
        }
        Ok(Flow::Forward)
    }

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        Ok(self.finish(cx)?)
    }
}

impl PcapDump {
    /// Takes part in a stream of which anything may be captured.
    fn begin(&mut self, direction: Direction, stream: &StreamInfo) -> Option<()> {
        if !self.filter.wants_stream(direction, stream) {
            return None;
        }
        self.known.iter_mut().for_each(|known| known.add(direction, stream));
        Some(())
    }

    fn describe(&mut self, direction: Direction, stream: &StreamInfo) -> Amend {
        let wanted = self.begin(direction, stream).is_some();
        if wanted { Amend::Keep } else { Amend::Leave }
    }
}

/// An outgoing packet leaves now, whenever it once arrived.
fn sending(cx: &Context<'_>) -> Duration {
    cx.ntp(cx.now()).to_unix()
}

/// An incoming packet came off the wire when it says so.
fn arrival(info: &PacketInfo, cx: &Context<'_>) -> Duration {
    cx.ntp(info.arrival.unwrap_or(cx.now())).to_unix()
}

/// The packet without its attributes: these may be costly to clone, and no format has a place for them.
#[inline]
fn rtp(packet: &mut RtpPacket) -> Packet {
    let attributes = std::mem::take(&mut packet.info_mut().attributes);
    let copy = packet.clone();
    packet.info_mut().attributes = attributes;
    Packet::Rtp(copy)
}

/// As [`rtp`].
fn rtcp(packet: &mut RtcpPacket) -> Packet {
    let attributes = std::mem::take(&mut packet.info_mut().attributes);
    let copy = packet.clone();
    packet.info_mut().attributes = attributes;
    Packet::Rtcp(copy)
}
