//! What is kept of a local stream that is protected, and of a remote one whose emptied packets end.

use bytes::{BufMut, BytesMut};
use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Context, StreamInfo, StreamKey};
use interceptor_parity::Zeroing;

use super::block::Block;
use super::numbering::Numbering;
use crate::negotiated::Types;
use crate::{Protection, SendCounters, UlpfecOptions};

/// Bytes of each buffer that media in RED is written into: some ten packets.
const BUFFER: usize = 16 << 10;

/// What [`UlpfecUpper`](crate::UlpfecUpper) keeps of a local stream that is protected: one sum a repair packet of the open block.
#[derive(Debug)]
pub struct ProtectedStream {
    pub(super) key: StreamKey,
    ssrc: u32,
    types: Types,
    red: u8,
    /// ULPFEC may have gone from the description.
    protects: bool,
    zeroing: Zeroing,
    numbering: Numbering,
    block: Block,
    /// Timestamp of the newest packet.
    timestamp: u32,
    /// Media is written into it behind its type in RED.
    buffer: BytesMut,
    spare: BytesMut,
    pub(super) counters: SendCounters,
}

/// What came of a packet that leaves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written {
    /// A block began with it.
    pub(super) began: bool,
    /// A block ended before it, whose repair packets are to leave first.
    pub(super) closed_before: bool,
}

impl ProtectedStream {
    /// `None`: there is no ULPFEC in RED to send.
    pub(super) fn of(
        info: &StreamInfo,
        protection: Protection,
        options: &UlpfecOptions,
        key: StreamKey,
    ) -> Option<Self> {
        let types = Types::of(info)?;
        let red = types.red?;
        let extensions = info.header_extensions.iter().map(|it| (it.id, it.uri.as_str()));
        Some(Self {
            key,
            ssrc: info.ssrc,
            types,
            red,
            protects: true,
            zeroing: Zeroing::new(&options.mutable, extensions),
            numbering: Numbering::default(),
            block: Block::new(protection),
            timestamp: 0,
            buffer: BytesMut::new(),
            spare: BytesMut::new(),
            counters: SendCounters::default(),
        })
    }

    /// What has been counted for it.
    #[must_use]
    pub const fn counters(&self) -> &SendCounters {
        &self.counters
    }

    /// It is described anew. `false`: without ULPFEC; nothing is protected any more, and numbers go on as they are on the wire.
    pub(super) fn describe(&mut self, info: &StreamInfo, options: &UlpfecOptions) -> bool {
        let types = Types::of(info).and_then(|types| Some((types, types.red?)));
        self.protects = types.is_some();
        if let Some((types, red)) = types {
            (self.types, self.red) = (types, red);
            let extensions = info.header_extensions.iter().map(|it| (it.id, it.uri.as_str()));
            self.zeroing = Zeroing::new(&options.mutable, extensions);
        }
        self.protects
    }

    /// Is a packet numbered as media is? Those on other SSRCs are not, and what NACK sends again is made below.
    pub(super) fn has_numbers_of(&self, packet: &RtpPacket) -> bool {
        packet.ssrc() == self.ssrc
    }

    pub(super) const fn is_open(&self) -> bool {
        !self.block.is_empty()
    }

    /// A packet leaves: it gets its number on the wire, joins the block and goes into RED.
    #[inline]
    pub(super) fn write(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Written {
        let mut written = Written::default();
        let seq = packet.sequence_number();
        let (number, late) = self.numbering.peek(seq);
        if !late && !self.block.reaches(number) {
            self.close(cx);
            written.closed_before = true;
        }
        packet.set_sequence_number(self.numbering.media(seq));
        let media = packet.info().origin == Origin::Media && self.types.is_media(packet.payload_type());
        if !media || !self.protects || packet.payload_len() == 0 {
            // It has the stream's numbers, too, but nobody would miss it.
            return written;
        }
        // RED has no room for it, so it cannot be in the sum.
        if packet.padding_len() > 0 {
            packet.set_padding(0);
        }
        if late || !reserve(packet, cx) {
            self.counters.unprotected += 1;
            self.wrap(packet);
            return written;
        }
        written.began = self.block.is_empty();
        self.block.add(packet.sequence_number(), &self.zeroing.summand(packet));
        self.timestamp = packet.timestamp();
        self.counters.protected += 1;
        self.wrap(packet);
        if self.block.is_full() {
            self.close(cx);
        }
        written
    }

    /// The block ends: its repair packets leave behind the packet that passes.
    pub(super) fn close(&mut self, cx: &mut Context<'_>) {
        let Self { ssrc, red, numbering, counters, timestamp, .. } = self;
        let mtu = cx.config().mtu.saturating_sub(cx.config().transport_overhead);
        self.block.close(self.types.fec, |payload| {
            // Room for the packet that ends the block is kept; what does not leave takes no number.
            if cx.emit_budget() <= 1 {
                counters.unsent += 1;
                return;
            }
            let mut repair = RtpPacket::default();
            repair.set_ssrc(*ssrc);
            repair.set_payload_type(*red);
            repair.set_timestamp(*timestamp);
            repair.set_sequence_number(numbering.repair());
            repair.set_payload(payload);
            repair.info_mut().origin = Origin::FecRepair;
            counters.repairs += 1;
            counters.repair_bytes += repair.total_len() as u64;
            counters.oversize += u64::from(repair.total_len() > mtu);
            cx.send_rtp(repair);
        });
    }

    /// Into RED as its only block.
    fn wrap(&mut self, packet: &mut RtpPacket) {
        let len = 1 + packet.payload_len();
        if self.buffer.capacity() < len {
            // Takes the same memory again when no packet refers to it any more.
            std::mem::swap(&mut self.buffer, &mut self.spare);
            self.buffer.reserve(BUFFER.max(len));
        }
        self.buffer.put_u8(packet.payload_type());
        self.buffer.put_slice(packet.payload());
        packet.set_payload(self.buffer.split().freeze());
        packet.set_payload_type(self.red);
    }
}

/// Zeros where somebody nearer the wire will stamp, or his stamps would not be in the sum. `false`: there is no room.
fn reserve(packet: &mut RtpPacket, cx: &Context<'_>) -> bool {
    const ZEROS: [u8; 255] = [0; 255];
    cx.stamps().all(|stamp| {
        let len = usize::from(stamp.len);
        packet.extension(stamp.id).is_some_and(|value| value.len() == len)
            || packet.set_extension(stamp.id, ZEROS.get(..len).unwrap_or_default()).is_ok()
    })
}
