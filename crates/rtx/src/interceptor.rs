//! The interceptor: retransmissions leave on the RTX stream, and come back from it as the originals.

use bytes::{BufMut, BytesMut};
use interceptor_core::packet::{Origin, Recovery, Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{Amend, Context, Fact, Flow, Interceptor, Result, StreamInfo, Streams};
use rand::Rng;

use crate::association::Association;
use crate::counters::{ReceiveCounters, RtxCounters, SendCounters};
use crate::heed::Heed;
use crate::padding::Recent;
use crate::{RtxOptions, UnknownRtxPayloadType};

/// Bytes of the original sequence number that an RTX payload starts with (RFC 4588 §4).
const OSN_LEN: usize = 2;

/// Retransmission streams of one connection, both directions. The crate's documentation says what it does.
#[derive(Debug)]
pub struct Rtx {
    options: RtxOptions,
    /// What ended streams had counted.
    ended: RtxCounters,
    /// Payloads of retransmissions are cut off it.
    buffer: BytesMut,
    /// The one before, whose packets are still leaving.
    spare: BytesMut,
    /// Packets of every stream are remembered as padding until then, in nanoseconds since the connection's start.
    pub(crate) remembers_until: u64,
}

/// No payload type: they have seven bits.
const UNKNOWN: u8 = u8::MAX;

/// What [`Rtx`] keeps of a local stream: its association, the next sequence number of its RTX stream, what it has counted.
#[derive(Debug)]
#[repr(C)]
pub struct LocalStream {
    // Media touches these, and the beginning of the association.
    /// As [`Rtx`] has it.
    pub(crate) remembers_until: u64,
    /// What can be repeated as padding.
    pub(crate) recent: Option<Box<Recent>>,
    /// Payload type and timestamp of the last media packet.
    pub(crate) last: Option<(u8, u32)>,
    pub(crate) association: Association,
    next: u16,
    /// With [`plain_fallback`](RtxOptions::plain_fallback).
    heed: Option<Box<Heed>>,
    pub(crate) counters: SendCounters,
}

impl LocalStream {
    /// What has been counted for it.
    #[must_use]
    pub const fn counters(&self) -> &SendCounters {
        &self.counters
    }

    /// The next number of the RTX stream (RFC 4588 §4: one more with each packet).
    pub(crate) const fn next_number(&mut self) -> u16 {
        let number = self.next;
        self.next = number.wrapping_add(1);
        number
    }

    /// Has retransmitting this number on the RTX SSRC been in vain?
    fn is_in_vain(&mut self, seq: u16, now: u64) -> bool {
        self.heed.as_mut().is_some_and(|heed| !heed.answers_by_rtx(seq, now))
    }

    /// Requests of one datagram have been noted.
    fn judge(&mut self, cx: &Context<'_>) {
        let Some(heed) = &mut self.heed else { return };
        let shown = heed.judge(cx.facts().rtt(), cx.elapsed_nanos() / 1000);
        self.counters.in_vain += shown.in_vain;
        if shown.gave_up {
            self.counters.fallbacks += 1;
            let &Association { media_ssrc: ssrc, rtx_ssrc, .. } = &self.association;
            tracing::info!(
                ssrc,
                rtx_ssrc,
                "the peer takes in no retransmissions on RTX: plain repeats from now on"
            );
        }
    }
}

/// What [`Rtx`] keeps of a remote stream: its association, the payload type of its media, what it has counted.
#[derive(Debug)]
#[repr(C)]
pub struct RemoteStream {
    /// What media came with last; [`UNKNOWN`] before. First, as media looks at nothing else.
    media_type: u8,
    association: Association,
    /// The owner knows of a payload type without a pair.
    told: bool,
    counters: ReceiveCounters,
}

const _: () = assert!(
    std::mem::offset_of!(LocalStream, association) + size_of::<u32>() <= 56,
    "the media SSRC is in one cache line with what the chain puts before the state"
);
const _: () = assert!(size_of::<LocalStream>() <= 160 && size_of::<RemoteStream>() <= 96, "as documented");

impl RemoteStream {
    /// What has been counted for it.
    #[must_use]
    pub const fn counters(&self) -> &ReceiveCounters {
        &self.counters
    }
}

impl Rtx {
    pub(crate) fn new(options: RtxOptions) -> Self {
        let (buffer, spare) = (BytesMut::new(), BytesMut::new());
        Self { options, ended: RtxCounters::default(), buffer, spare, remembers_until: 0 }
    }

    /// What has been counted over all streams, ended ones included. Its streams are lent by
    /// [`Chain::with_streams`](interceptor_core::Chain::with_streams):
    /// `chain.with_streams::<Rtx, _>(|rtx, streams| rtx.counters(&streams))`.
    #[must_use]
    pub fn counters(&self, streams: &Streams<'_, Self>) -> RtxCounters {
        let mut total = self.ended;
        streams.iter_locals().for_each(|(_, stream)| total.sent += stream.counters);
        streams.iter_remotes().for_each(|(_, stream)| total.received += stream.counters);
        total
    }

    /// RFC 4588 §4: the original sequence number, then the original payload, without padding.
    pub(crate) fn encapsulate(&mut self, stream: &mut LocalStream, payload_type: u8, packet: &mut RtpPacket) {
        let len = OSN_LEN + packet.payload_len();
        if self.buffer.capacity() < len {
            // Takes the same memory again when no packet refers to it any more.
            std::mem::swap(&mut self.buffer, &mut self.spare);
            self.buffer.reserve(self.options.buffer_bytes.max(len));
        }
        self.buffer.put_u16(packet.sequence_number());
        self.buffer.put_slice(packet.payload());
        packet.set_payload(self.buffer.split().freeze());
        packet.set_ssrc(stream.association.rtx_ssrc);
        packet.set_payload_type(payload_type);
        packet.set_sequence_number(stream.next_number());
        stream.association.name_repaired(packet);
    }
}

impl RemoteStream {
    /// Media comes with another payload type than the last, or with one that belongs on the RTX stream.
    #[cold]
    fn note_type(&mut self, payload_type: u8) {
        let belongs_on_rtx = self.association.media_payload_type(payload_type).is_some()
            && self.association.rtx_payload_type(payload_type).is_none();
        if belongs_on_rtx {
            self.counters.on_media_ssrc += 1;
        } else {
            self.media_type = payload_type;
        }
    }

    /// A packet on the RTX SSRC: the original goes on in its place, or nothing.
    fn read_repair(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Flow {
        let Some(osn) = packet.payload().first_chunk::<OSN_LEN>().copied() else {
            self.counters.padding += 1;
            return Flow::Consumed;
        };
        let Some(payload_type) = self.original_type(packet.payload_type(), cx) else { return Flow::Consumed };
        let payload = packet.payload_bytes().slice(OSN_LEN..);
        packet.set_payload(payload);
        packet.set_ssrc(self.association.media_ssrc);
        packet.set_payload_type(payload_type);
        packet.set_sequence_number(u16::from_be_bytes(osn));
        self.association.name_own(packet);
        packet.info_mut().origin = Origin::Media;
        packet.info_mut().recovered_by = Some(Recovery::Rtx);
        self.counters.restored += 1;
        Flow::Forward
    }

    /// The payload type of what a packet of this RTX payload type repeats. `None`, counted: nobody can say.
    fn original_type(&mut self, rtx: u8, cx: &mut Context<'_>) -> Option<u8> {
        if self.association.has_unknown_pairs() {
            let known = self.media_type != UNKNOWN;
            self.counters.before_media += u64::from(!known);
            return known.then_some(self.media_type);
        }
        let media = self.association.media_payload_type(rtx);
        if media.is_none() {
            self.counters.unknown_payload_type += 1;
            self.tell_of(rtx, cx);
        }
        media
    }

    /// Once a stream: a peer does not pace logs or events.
    #[cold]
    fn tell_of(&mut self, payload_type: u8, cx: &mut Context<'_>) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        let &Association { media_ssrc: ssrc, rtx_ssrc, .. } = &self.association;
        tracing::warn!(ssrc, rtx_ssrc, payload_type, "retransmissions of a payload type that no pair names");
        cx.raise(UnknownRtxPayloadType { ssrc, rtx_ssrc, payload_type });
    }
}

impl Interceptor for Rtx {
    type Local = LocalStream;
    type Remote = RemoteStream;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<LocalStream>> {
        let Some(association) = Association::of(info) else { return Ok(None) };
        cx.declare_headroom(OSN_LEN as u16);
        let next = self.options.first_sequence_number.unwrap_or_else(|| cx.rng().random());
        let heed = self.options.plain_fallback.then(Box::default);
        let counters = SendCounters::default();
        let remembers_until = self.remembers_until;
        Ok(Some(LocalStream { remembers_until, recent: None, last: None, association, next, heed, counters }))
    }

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<RemoteStream>> {
        let Some(association) = Association::of(info) else { return Ok(None) };
        let counters = ReceiveCounters::default();
        Ok(Some(RemoteStream { association, media_type: UNKNOWN, told: false, counters }))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut LocalStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        // The RTX stream goes on where it is, under whatever SSRC.
        let Some(association) = Association::of(new) else { return Ok(Amend::Leave) };
        if association != stream.association {
            // The peer may know this one.
            stream.heed = self.options.plain_fallback.then(Box::default);
        }
        stream.association = association;
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut RemoteStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(association) = Association::of(new) else { return Ok(Amend::Leave) };
        stream.association = association;
        Ok(Amend::Keep)
    }

    fn unbind_local(&mut self, _: &StreamInfo, stream: LocalStream, _: &mut Context<'_>) {
        self.ended.sent += stream.counters;
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: RemoteStream, _: &mut Context<'_>) {
        self.ended.received += stream.counters;
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut LocalStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if packet.info().origin == Origin::Media && packet.ssrc() == stream.association.media_ssrc {
            stream.note_media(packet, cx.elapsed_nanos());
            return Ok(Flow::Forward);
        }
        // What is on the RTX SSRC already, the application has put there.
        if packet.info().origin != Origin::Retransmission || packet.ssrc() != stream.association.media_ssrc {
            return Ok(Flow::Forward);
        }
        let payload_type = stream.association.rtx_payload_type(packet.payload_type());
        if payload_type.is_some() && stream.is_in_vain(packet.sequence_number(), cx.elapsed_nanos() / 1000) {
            stream.counters.repeated_plainly += 1;
            return Ok(Flow::Forward);
        }
        if let Some(payload_type) = payload_type {
            self.encapsulate(stream, payload_type, packet);
        }
        stream.counters.encapsulated += u64::from(payload_type.is_some());
        stream.counters.without_payload_type += u64::from(payload_type.is_none());
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut RemoteStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        match packet.info().origin {
            Origin::Media if packet.payload_type() != stream.media_type => {
                stream.note_type(packet.payload_type());
            }
            // What was never on the RTX SSRC repeats itself.
            Origin::Retransmission if packet.ssrc() == stream.association.rtx_ssrc => {
                return Ok(stream.read_repair(packet, cx));
            }
            _ => {}
        }
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if !self.options.plain_fallback {
            return Ok(Flow::Forward);
        }
        let nacks = || {
            packet.packets().filter_map(|part| if let Rtcp::Nack(nack) = part { Some(nack) } else { None })
        };
        for nack in nacks() {
            // Of the RTX stream's own numbers nothing is watched.
            let stream = streams.local(nack.media_ssrc());
            let stream = stream.filter(|stream| stream.association.media_ssrc == nack.media_ssrc());
            if let Some(heed) = stream.and_then(|stream| stream.heed.as_mut()) {
                heed.note(nack.sequence_numbers());
            }
        }
        for nack in nacks() {
            if let Some(stream) = streams.local(nack.media_ssrc()) {
                stream.judge(cx);
            }
        }
        Ok(Flow::Forward)
    }

    fn handle_fact(
        &mut self,
        fact: &Fact,
        mut streams: Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        match fact {
            Fact::Probe(_) => self.remember_packets(&mut streams, cx.elapsed_nanos()),
            Fact::Pacing(pacing) if pacing.padding > 0 => {
                self.remember_packets(&mut streams, cx.elapsed_nanos())
            }
            Fact::PaddingWanted(wanted) => {
                self.remember_packets(&mut streams, cx.elapsed_nanos());
                self.pad(*wanted, &mut streams, cx);
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, streams: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        self.ended = self.counters(&streams);
        Ok(())
    }
}
