//! What is kept of a remote stream, and what becomes of its packets.

use std::time::Duration;

use bytes::Bytes;
use interceptor_core::packet::fec::UlpFec;
use interceptor_core::packet::red::Red;
use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Context, FecStats, Flow, StreamInfo};
use interceptor_parity::{Arrived, Decoder, DecoderTally, Repair, Scope, Zeroing};

use crate::negotiated::Types;
use crate::{ReceiveCounters, UlpfecOptions};

/// How often statistics are told of repairs at the most, in nanoseconds.
const TELL_EVERY: u64 = 500_000_000;

/// What [`Ulpfec`](crate::Ulpfec) keeps of a stream: its last packets, whose payloads it shares, and repairs that wait.
#[derive(Debug)]
pub struct RepairedStream {
    ssrc: u32,
    types: Types,
    decoder: Box<Decoder>,
    /// When statistics were told last, in nanoseconds.
    told: u64,
    counters: ReceiveCounters,
}

impl RepairedStream {
    pub(super) fn new(info: &StreamInfo, types: Types, options: &UlpfecOptions) -> Self {
        let decoder = Box::new(Decoder::new(options.limits));
        let counters = ReceiveCounters::default();
        let mut stream = Self { ssrc: info.ssrc, types, decoder, told: 0, counters };
        stream.describe(info, types, options);
        stream
    }

    pub(super) fn describe(&mut self, info: &StreamInfo, types: Types, options: &UlpfecOptions) {
        self.types = types;
        let extensions = info.header_extensions.iter().map(|it| (it.id, it.uri.as_str()));
        let zeroing = Zeroing::new(&options.mutable, extensions);
        let clock = info.primary().map_or(0, |codec| codec.clock_rate);
        self.decoder.add_stream(info.ssrc, clock, zeroing);
    }

    /// What has been counted for it.
    #[must_use]
    pub const fn counters(&self) -> &ReceiveCounters {
        &self.counters
    }

    /// What has become of its repair packets.
    #[must_use]
    pub const fn tally(&self) -> &DecoderTally {
        self.decoder.tally()
    }

    #[inline]
    pub(super) fn read(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Flow {
        let payload_type = packet.payload_type();
        let has_payload = packet.payload_len() > 0;
        if Some(payload_type) == self.types.red && has_payload {
            return self.read_red(packet, cx);
        }
        if payload_type == self.types.fec && has_payload {
            let payload = packet.payload_bytes();
            self.read_repair(&payload, cx);
            empty(packet);
            return self.hand_on(packet, cx);
        }
        self.read_media(packet, cx)
    }

    /// The RED header is cut off: media, repair, or both.
    #[inline]
    fn read_red(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Flow {
        self.counters.red_packets += 1;
        let payload = packet.payload_bytes();
        let Ok(red) = Red::parse(&payload) else {
            self.counters.malformed += 1;
            return Flow::Consumed;
        };
        let is_repair = red.primary_type() == self.types.fec;
        if !is_repair && !self.types.is_media(red.primary_type()) {
            self.counters.foreign += 1;
            return Flow::Consumed;
        }
        let primary = payload.slice(red.primary());
        let mut arrived = Arrived::Kept;
        if !is_repair {
            packet.set_payload(primary.clone());
            packet.set_payload_type(red.primary_type());
            // First: a repair in front of it may be of this packet, too, which is not missing.
            arrived = self.decoder.media(packet, now(cx));
        }
        if red.redundant_count() > 0 {
            self.read_redundant(red, &payload, cx);
        }
        if is_repair {
            self.read_repair(&primary, cx);
            empty(packet);
        }
        self.hand_on_as(arrived, packet, cx)
    }

    /// RFC 5109 §14.2: repairs may come in front of media.
    #[cold]
    fn read_redundant(&mut self, red: Red<'_>, payload: &Bytes, cx: &mut Context<'_>) {
        for block in red.redundant() {
            if block.payload_type == self.types.fec {
                self.read_repair(&payload.slice(block.range), cx);
            } else {
                self.counters.blocks_skipped += 1;
            }
        }
    }

    #[inline]
    fn read_media(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Flow {
        let arrived = self.decoder.media(packet, now(cx));
        self.hand_on_as(arrived, packet, cx)
    }

    /// The second copy of what was restored ends here; what has come back goes on all the same.
    #[inline]
    fn hand_on_as(&mut self, arrived: Arrived, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Flow {
        if arrived == Arrived::Duplicate {
            self.deliver_recovered(cx);
            return Flow::Consumed;
        }
        self.hand_on(packet, cx)
    }

    fn read_repair(&mut self, payload: &Bytes, cx: &mut Context<'_>) {
        self.counters.repairs += 1;
        let Ok(fec) = UlpFec::read(payload) else {
            self.counters.malformed_repairs += 1;
            return;
        };
        let Some(body) = fec.body() else {
            self.counters.malformed_repairs += 1;
            return;
        };
        let repair = Repair { fields: fec.fields(), body: payload.slice_ref(body), scope: Scope::Prefix };
        self.decoder.repair(repair, &[(self.ssrc, fec.protected())], now(cx));
        if cx.elapsed_nanos().saturating_sub(self.told) >= TELL_EVERY {
            self.told = cx.elapsed_nanos();
            let discarded = self.decoder.tally().discarded() + self.counters.malformed_repairs;
            cx.publish(FecStats { ssrc: self.ssrc, received: self.counters.repairs, discarded });
        }
    }

    /// What has come back goes on first, in order of number.
    #[inline]
    fn hand_on(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Flow {
        if !self.decoder.has_recovered() {
            return Flow::Forward;
        }
        self.deliver_recovered(cx);
        cx.deliver_rtp(packet.take());
        Flow::Consumed
    }

    fn deliver_recovered(&mut self, cx: &mut Context<'_>) {
        // Room for the packet itself is kept; what has none waits for the next.
        while cx.emit_budget() > 1
            && let Some(recovered) = self.decoder.pop_recovered()
        {
            self.counters.recovered += 1;
            cx.deliver_rtp(recovered);
        }
    }
}

/// What is left of a repair packet is its number, so that nobody asks for it.
fn empty(packet: &mut RtpPacket) {
    packet.set_payload(Bytes::new());
    packet.info_mut().origin = Origin::FecRepair;
}

fn now(cx: &Context<'_>) -> Duration {
    Duration::from_nanos(cx.elapsed_nanos())
}
