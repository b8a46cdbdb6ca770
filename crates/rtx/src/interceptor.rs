//! The interceptor: retransmissions leave on the RTX stream, and come back from it as the originals.

use bytes::{BufMut, BytesMut};
use interceptor_core::packet::{Origin, Recovery, RtpPacket};
use interceptor_core::{Context, Flow, Interceptor, Result, StreamInfo, Streams};
use rand::Rng;

use crate::RtxOptions;
use crate::association::Association;
use crate::counters::{ReceiveCounters, RtxCounters, SendCounters};

/// Bytes of the original sequence number that an RTX payload starts with (RFC 4588 §4).
const OSN_LEN: usize = 2;

/// Retransmission streams of one connection, both directions. The crate's documentation says what it does.
#[derive(Debug)]
pub struct Rtx {
    options: RtxOptions,
    /// What ended streams had counted.
    ended: RtxCounters,
    /// By payload type: does any remote stream retransmit with it? Each media packet looks here, so it is one load.
    incoming_types: [bool; 128],
    /// Payloads of retransmissions are cut off it.
    buffer: BytesMut,
    /// The one before, whose packets are still leaving.
    spare: BytesMut,
}

/// What [`Rtx`] keeps of a local stream: its association, the next sequence number of its RTX stream, what it has counted.
#[derive(Debug)]
pub struct LocalStream {
    association: Association,
    next: u16,
    counters: SendCounters,
}

impl LocalStream {
    /// What has been counted for it.
    #[must_use]
    pub const fn counters(&self) -> &SendCounters {
        &self.counters
    }
}

/// What [`Rtx`] keeps of a remote stream: its association, and what it has counted.
#[derive(Debug)]
pub struct RemoteStream {
    association: Association,
    counters: ReceiveCounters,
}

impl RemoteStream {
    /// What has been counted for it.
    #[must_use]
    pub const fn counters(&self) -> &ReceiveCounters {
        &self.counters
    }
}

impl Rtx {
    pub(crate) fn new(options: RtxOptions) -> Self {
        Self {
            options,
            ended: RtxCounters::default(),
            incoming_types: [false; 128],
            buffer: BytesMut::new(),
            spare: BytesMut::new(),
        }
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

    /// A packet that is no retransmission has a payload type of some RTX stream: media, and its own stream's?
    #[cold]
    fn count_on_media(stream: &mut RemoteStream, packet: &RtpPacket) {
        let association = &stream.association;
        let belongs_on_rtx = packet.info().origin == Origin::Media
            && association.media_payload_type(packet.payload_type()).is_some()
            && association.rtx_payload_type(packet.payload_type()).is_none();
        stream.counters.on_media_ssrc += u64::from(belongs_on_rtx);
    }

    /// RFC 4588 §4: the original sequence number, then the original payload, without padding.
    fn encapsulate(&mut self, stream: &mut LocalStream, payload_type: u8, packet: &mut RtpPacket) {
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
        packet.set_sequence_number(stream.next);
        stream.next = stream.next.wrapping_add(1);
        stream.association.name_repaired(packet);
    }
}

/// Gives an RTX packet back the identity of the original. `false`: it is too short to be one.
fn restore(association: &Association, payload_type: u8, packet: &mut RtpPacket) -> bool {
    let Some(osn) = packet.payload().first_chunk::<OSN_LEN>().copied() else { return false };
    let payload = packet.payload_bytes().slice(OSN_LEN..);
    packet.set_payload(payload);
    packet.set_ssrc(association.media_ssrc);
    packet.set_payload_type(payload_type);
    packet.set_sequence_number(u16::from_be_bytes(osn));
    association.name_own(packet);
    packet.info_mut().origin = Origin::Media;
    packet.info_mut().recovered_by = Some(Recovery::Rtx);
    true
}

impl Interceptor for Rtx {
    type Local = LocalStream;
    type Remote = RemoteStream;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<LocalStream>> {
        let Some(association) = Association::of(info) else { return Ok(None) };
        let next = self.options.first_sequence_number.unwrap_or_else(|| cx.rng().random());
        Ok(Some(LocalStream { association, next, counters: SendCounters::default() }))
    }

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<RemoteStream>> {
        let Some(association) = Association::of(info) else { return Ok(None) };
        for payload_type in association.rtx_payload_types() {
            if let Some(retransmits) = self.incoming_types.get_mut(usize::from(payload_type)) {
                *retransmits = true;
            }
        }
        Ok(Some(RemoteStream { association, counters: ReceiveCounters::default() }))
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
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        // What is on the RTX SSRC already, the application has put there.
        if packet.info().origin != Origin::Retransmission || packet.ssrc() != stream.association.media_ssrc {
            return Ok(Flow::Forward);
        }
        let payload_type = stream.association.rtx_payload_type(packet.payload_type());
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
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        if packet.info().origin != Origin::Retransmission {
            if self.incoming_types.get(usize::from(packet.payload_type())) == Some(&true) {
                Self::count_on_media(stream, packet);
            }
            return Ok(Flow::Forward);
        }
        let counters = &mut stream.counters;
        let Some(payload_type) = stream.association.media_payload_type(packet.payload_type()) else {
            counters.unknown_payload_type += 1;
            return Ok(Flow::Forward);
        };
        if restore(&stream.association, payload_type, packet) {
            counters.restored += 1;
            return Ok(Flow::Forward);
        }
        counters.padding += 1;
        Ok(Flow::Consumed)
    }

    fn close(&mut self, streams: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        self.ended = self.counters(&streams);
        Ok(())
    }
}
