//! The interceptor: retransmissions leave on the RTX stream, and come back from it as the originals.

use bytes::{BufMut, BytesMut};
use interceptor_core::packet::{Origin, Recovery, RtpPacket};
use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Result, Stage, StreamInfo,
};
use rand::Rng;
use slab::Slab;

use crate::association::Association;
use crate::counters::{ReceiveCounters, RtxCounters, SendCounters};
use crate::{OptionsError, RtxOptions};

/// Bytes of the original sequence number that an RTX payload starts with (RFC 4588 §4).
const OSN_LEN: usize = 2;

/// Makes an [`Rtx`] for each connection; stands at [`Stage::RTX`].
#[derive(Clone, Debug, Default)]
pub struct RtxFactory {
    options: RtxOptions,
}

impl RtxFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: RtxOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &RtxOptions {
        &self.options
    }
}

impl Factory for RtxFactory {
    type Interceptor = Rtx;

    fn name(&self) -> &'static str {
        "rtx"
    }

    fn stage(&self) -> Stage {
        Stage::RTX
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Rtx, BuildError> {
        Ok(Rtx {
            options: self.options.clone(),
            locals: Slab::new(),
            remotes: Slab::new(),
            ended: RtxCounters::default(),
            incoming_types: [false; 128],
            buffer: BytesMut::new(),
            spare: BytesMut::new(),
        })
    }
}

/// Retransmission streams of one connection, both directions. The crate's documentation says what it does.
#[derive(Debug)]
pub struct Rtx {
    options: RtxOptions,
    locals: Slab<(u32, SendCounters)>,
    remotes: Slab<(u32, ReceiveCounters)>,
    /// What ended streams had counted.
    ended: RtxCounters,
    /// By payload type: does any remote stream retransmit with it? Each media packet looks here, so it is one load.
    incoming_types: [bool; 128],
    /// Payloads of retransmissions are cut off it.
    buffer: BytesMut,
    /// The one before, whose packets are still leaving.
    spare: BytesMut,
}

/// What [`Rtx`] keeps of a local stream: its association and the next sequence number of its RTX stream.
#[derive(Debug)]
pub struct LocalStream {
    key: usize,
    association: Association,
    next: u16,
}

/// What [`Rtx`] keeps of a remote stream: its association.
#[derive(Debug)]
pub struct RemoteStream {
    key: usize,
    association: Association,
}

impl Rtx {
    /// What has been counted over all streams, ended ones included.
    #[must_use]
    pub fn counters(&self) -> RtxCounters {
        let mut total = self.ended;
        self.locals.iter().for_each(|(_, (_, counters))| total.sent += *counters);
        self.remotes.iter().for_each(|(_, (_, counters))| total.received += *counters);
        total
    }

    /// What has been counted for the bound local stream with this media SSRC.
    #[must_use]
    pub fn local_counters(&self, ssrc: u32) -> Option<&SendCounters> {
        self.locals.iter().find(|(_, entry)| entry.0 == ssrc).map(|(_, entry)| &entry.1)
    }

    /// What has been counted for the bound remote stream with this media SSRC.
    #[must_use]
    pub fn remote_counters(&self, ssrc: u32) -> Option<&ReceiveCounters> {
        self.remotes.iter().find(|(_, entry)| entry.0 == ssrc).map(|(_, entry)| &entry.1)
    }

    /// A packet that is no retransmission has a payload type of some RTX stream: media, and its own stream's?
    #[cold]
    fn count_on_media(&mut self, stream: &RemoteStream, packet: &RtpPacket) {
        let association = &stream.association;
        let belongs_on_rtx = packet.info().origin == Origin::Media
            && association.media_payload_type(packet.payload_type()).is_some()
            && association.rtx_payload_type(packet.payload_type()).is_none();
        if let Some((_, counters)) = self.remotes.get_mut(stream.key) {
            counters.on_media_ssrc += u64::from(belongs_on_rtx);
        }
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
        let key = self.locals.insert((info.ssrc, SendCounters::default()));
        Ok(Some(LocalStream { key, association, next }))
    }

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<RemoteStream>> {
        let Some(association) = Association::of(info) else { return Ok(None) };
        let key = self.remotes.insert((info.ssrc, ReceiveCounters::default()));
        for payload_type in association.rtx_payload_types() {
            if let Some(retransmits) = self.incoming_types.get_mut(usize::from(payload_type)) {
                *retransmits = true;
            }
        }
        Ok(Some(RemoteStream { key, association }))
    }

    fn unbind_local(&mut self, _: &StreamInfo, stream: LocalStream, _: &mut Context<'_>) {
        if let Some((_, counters)) = self.locals.try_remove(stream.key) {
            self.ended.sent += counters;
        }
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: RemoteStream, _: &mut Context<'_>) {
        if let Some((_, counters)) = self.remotes.try_remove(stream.key) {
            self.ended.received += counters;
        }
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
        if let Some((_, counters)) = self.locals.get_mut(stream.key) {
            counters.encapsulated += u64::from(payload_type.is_some());
            counters.without_payload_type += u64::from(payload_type.is_none());
        }
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
                self.count_on_media(stream, packet);
            }
            return Ok(Flow::Forward);
        }
        let Some((_, counters)) = self.remotes.get_mut(stream.key) else { return Ok(Flow::Forward) };
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
}
