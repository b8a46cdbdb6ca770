//! What is kept of a remote stream, and what becomes of its packets.

use bytes::Bytes;
use interceptor_core::packet::ext::{Mid, RepairedRid, Rid};
use interceptor_core::packet::red::{Block, Red};
use interceptor_core::packet::{HeaderExtension, PacketInfo, Recovery, RtpPacket};
use interceptor_core::{Context, Flow, RedInfo, StreamInfo};
use smallvec::SmallVec;

use super::log::{Log, Owner};
use crate::{Mode, ReceiveCounters};

/// What [`RedReceiver`](crate::RedReceiver) keeps of a stream: its last 64 numbers, and what it has counted. At most 512 bytes.
#[derive(Debug)]
pub struct RemoteStream {
    pub(super) red_type: u8,
    /// Payload types that a block may have.
    accepted: u128,
    /// Identifiers of the header extensions that say something of the stream rather than of one packet.
    lasting: SmallVec<[u8; 4]>,
    log: Log,
    pub(super) counters: ReceiveCounters,
}

const _: () = assert!(size_of::<RemoteStream>() <= 512, "as documented");

impl RemoteStream {
    pub(super) fn new(info: &StreamInfo, red: RedInfo) -> Self {
        let (log, counters) = (Log::new(), ReceiveCounters::default());
        let mut stream = Self { red_type: 0, accepted: 0, lasting: SmallVec::new(), log, counters };
        stream.describe(info, red);
        stream
    }

    pub(super) fn describe(&mut self, info: &StreamInfo, red: RedInfo) {
        let types = info.codecs.iter().map(|codec| codec.payload_type).chain([red.primary]);
        // RED within RED is nothing that anybody sends.
        let types = types.filter(|payload_type| *payload_type != red.payload_type);
        self.red_type = red.payload_type;
        self.accepted = types.fold(0, |accepted, payload_type| accepted | of_type(payload_type));
        self.lasting = [Mid::URI, Rid::URI, RepairedRid::URI]
            .into_iter()
            .filter_map(|uri| info.extension_id(uri))
            .collect();
    }

    /// What has been counted for it.
    #[must_use]
    pub const fn counters(&self) -> &ReceiveCounters {
        &self.counters
    }

    /// A packet that is not RED, or has nothing in it: it has come, and goes on if it had not been made.
    #[inline]
    pub(super) fn read_plain(&mut self, packet: &RtpPacket) -> Flow {
        let at = self.log.place(packet.sequence_number());
        let restored = packet.info().recovered_by.is_some();
        if at.is_some_and(|at| self.log.note(at, packet.timestamp(), restored)) {
            self.counters.late_originals += 1;
            return Flow::Consumed;
        }
        Flow::Forward
    }

    /// A RED packet: what is lost of the packets before it goes on first, and then its primary payload.
    #[inline]
    pub(super) fn read_red(&mut self, packet: &mut RtpPacket, mode: Mode, cx: &mut Context<'_>) -> Flow {
        self.counters.packets += 1;
        if packet.payload_len() == 0 {
            return self.read_plain(packet);
        }
        let payload = packet.payload_bytes();
        let Ok(red) = Red::parse(&payload) else {
            self.counters.malformed += 1;
            return Flow::Consumed;
        };
        if self.accepted & of_type(red.primary_type()) == 0 {
            self.counters.foreign_primaries += 1;
            return Flow::Consumed;
        }
        packet.set_payload(payload.slice(red.primary()));
        packet.set_payload_type(red.primary_type());
        self.counters.blocks += red.redundant_count() as u64;
        if mode == Mode::Strip {
            return Flow::Forward;
        }
        let at = self.log.place(packet.sequence_number());
        let restored = packet.info().recovered_by.is_some();
        let late = at.is_some_and(|at| self.log.note(at, packet.timestamp(), restored));
        let before = self.counters.recovered;
        if red.redundant_count() > 0 {
            for block in red.redundant() {
                self.read_block(at, block, &payload, packet, cx);
            }
        }
        if late {
            self.counters.late_originals += 1;
            return Flow::Consumed;
        }
        if self.counters.recovered == before {
            return Flow::Forward;
        }
        // Behind what was made of it.
        cx.deliver_rtp(packet.take());
        Flow::Consumed
    }

    #[inline]
    fn read_block(
        &mut self,
        at: Option<i64>,
        block: Block,
        payload: &Bytes,
        packet: &RtpPacket,
        cx: &mut Context<'_>,
    ) {
        let owner = match at {
            Some(at) if !block.range.is_empty() => self.log.owner(at, block.timestamp_offset),
            _ => Owner::Nobody,
        };
        let number = match owner {
            Owner::Known => {
                self.counters.unneeded += 1;
                return;
            }
            // Room for the primary payload is kept.
            Owner::Missing(number) if cx.emit_budget() > 1 => number,
            _ => {
                self.counters.unplaced += 1;
                return;
            }
        };
        if self.accepted & of_type(block.payload_type) == 0 {
            self.counters.foreign_blocks += 1;
            return;
        }
        let timestamp = packet.timestamp().wrapping_sub(block.timestamp_offset.into());
        self.log.make(number, timestamp);
        self.counters.recovered += 1;
        cx.deliver_rtp(self.made_of(packet, &block, payload, number as u16, timestamp));
    }

    /// The packet that a block is of: the one that it came with, as far as it says something of the stream.
    fn made_of(
        &self,
        packet: &RtpPacket,
        block: &Block,
        payload: &Bytes,
        seq: u16,
        timestamp: u32,
    ) -> RtpPacket {
        let mut made = packet.clone();
        made.set_payload(payload.slice(block.range.clone()));
        made.set_payload_type(block.payload_type);
        made.set_sequence_number(seq);
        made.set_timestamp(timestamp);
        made.set_marker(false);
        let lasting = |id: u8| self.lasting.contains(&id).then_some(id);
        if made.map_extensions(lasting).is_err() || made.extensions().next().is_none() {
            made.clear_extensions();
        }
        let mut info = PacketInfo::default();
        (info.recovered_by, info.path) = (Some(Recovery::Fec), packet.info().path);
        *made.info_mut() = info;
        made
    }
}

const fn of_type(payload_type: u8) -> u128 {
    1 << (payload_type & 0x7f)
}
