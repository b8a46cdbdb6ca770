//! One subscriber: what it gets of a batch, and in which numbers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use interceptor_packet::{PacketInfo, RtpPacket};
use interceptor_rewriter::{LeftOut, Rewriter, SourceId};

use super::counters::SubscriptionCounters;
use super::index::Wanted;
use super::layers::{Layers, Unwanted};
use super::part::Part;
use crate::local_stream::LocalStream;
use crate::outbox::Load;

/// A subscriber's stream, and what it is made of.
#[derive(Debug)]
pub(super) struct Subscriber {
    pub(super) rewriter: Rewriter,
    pub(super) counters: SubscriptionCounters,
    layers: Layers,
    stream: LocalStream,
    /// Empty between batches: kept for its buffer.
    out: Vec<RtpPacket>,
    ended: bool,
    /// How often it was given a batch.
    #[cfg(test)]
    pub(super) visits: usize,
}

/// Packets of one source that came together, with what each is part of.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    pub(super) source: SourceId,
    pub(super) packets: &'a [RtpPacket],
    pub(super) parts: &'a [Part],
    pub(super) now: Instant,
    pub(super) thin_above: usize,
}

/// What there is room for.
struct Room {
    left: Load,
    /// Packets that waited before, and those of this batch.
    waiting: usize,
}

impl Room {
    const fn fits(&self, wanted: Load) -> bool {
        wanted.packets <= self.left.packets && wanted.bytes <= self.left.bytes
    }

    const fn take(&mut self, bytes: usize) {
        self.left.packets = self.left.packets.saturating_sub(1);
        self.left.bytes = self.left.bytes.saturating_sub(bytes);
        self.waiting += 1;
    }
}

impl Subscriber {
    pub(super) fn new(stream: LocalStream, rewriter: Rewriter) -> Self {
        let counters = SubscriptionCounters::default();
        Self {
            rewriter,
            counters,
            layers: Layers::new(),
            stream,
            out: Vec::new(),
            ended: false,
            #[cfg(test)]
            visits: 0,
        }
    }

    pub(super) const fn set_limit(&mut self, layer: u8) {
        self.layers.set_limit(layer);
    }

    pub(super) fn ssrc(&self) -> u32 {
        self.stream.ssrc()
    }

    /// What it gets, and what it waits for.
    pub(super) fn wanted(&self) -> Wanted {
        [self.rewriter.selected(), self.rewriter.waiting_for()]
    }

    /// Sends it what it is to get; how many packets that were. A panic is this subscriber's own.
    pub(super) fn give(&mut self, batch: Batch<'_>) -> usize {
        #[cfg(test)]
        {
            self.visits += 1;
        }
        self.counters.given += batch.packets.len() as u64;
        let given = catch_unwind(AssertUnwindSafe(|| self.send_of(batch)));
        given.unwrap_or_else(|_| {
            tracing::error!(
                ssrc = self.ssrc(),
                "a subscriber's session panicked: the subscription has ended"
            );
            self.out.clear();
            self.ended = true;
            self.counters.ended += self.counters.unaccounted().unsigned_abs();
            0
        })
    }

    fn send_of(&mut self, batch: Batch<'_>) -> usize {
        if self.ended {
            self.counters.ended += batch.packets.len() as u64;
            return 0;
        }
        let (left, waiting) = self.stream.backlog();
        let mut room = Room { left, waiting };
        for at in 0..batch.packets.len() {
            self.packet(batch, at, &mut room);
        }
        self.send(batch.source)
    }

    fn packet(&mut self, batch: Batch<'_>, at: usize, room: &mut Room) {
        let (Some(packet), Some(part)) = (batch.packets.get(at), batch.parts.get(at)) else { return };
        let (source, timestamp, number) = (batch.source, packet.timestamp(), packet.sequence_number());
        let padding = packet.payload_len() == 0;
        if !padding && self.layers.is_new(source, timestamp, number) {
            self.begin_frame(batch, at, *part, room);
        }
        let fits = room.fits(Load { packets: 1, bytes: packet.total_len() });
        let fits = fits && !self.layers.is_skipped(source, timestamp);
        let unwanted = self.layers.above(*part).or_else(|| match part {
            _ if fits => None,
            _ if padding => Some(Unwanted::Padding),
            Part { layer: 0, .. } => None,
            Part { layer, .. } => {
                if self.rewriter.selected() == Some(source) {
                    self.layers.break_off(*layer);
                }
                Some(Unwanted::Backlog)
            }
        });
        match (unwanted, fits) {
            (None, true) => self.write(batch, packet, *part, room),
            // What follows in the source needs it.
            (None, false) => {
                self.counters.cut_packets += 1;
                self.cut(source);
            }
            (Some(why), true) => self.leave_out_or_write(batch, packet, why, room),
            (Some(why), false) => match self.rewriter.leave_out(source, number) {
                Ok(LeftOut::WithoutGap) => self.count_left_out(why),
                Ok(LeftOut::NumberStands) => self.counters.missed += 1,
                Err(_) => self.counters.refused += 1,
            },
        }
    }

    fn write(&mut self, batch: Batch<'_>, packet: &RtpPacket, part: Part, room: &mut Room) {
        // The header is this subscriber's own; the payload is the one that came.
        let mut copy = packet.clone();
        match self.rewriter.rewrite(batch.source, &mut copy, part.starts_key_frame, batch.now) {
            Ok(()) => self.push(copy, room),
            Err(_) => self.counters.refused += 1,
        }
    }

    /// A gap would be worse.
    fn leave_out_or_write(&mut self, batch: Batch<'_>, packet: &RtpPacket, why: Unwanted, room: &mut Room) {
        let mut copy = packet.clone();
        match self.rewriter.leave_out_or_rewrite(batch.source, &mut copy, batch.now) {
            Ok(LeftOut::WithoutGap) => self.count_left_out(why),
            Ok(LeftOut::NumberStands) => self.push(copy, room),
            Err(_) => self.counters.refused += 1,
        }
    }

    fn push(&mut self, mut copy: RtpPacket, room: &mut Room) {
        // How it came concerns nobody beyond.
        *copy.info_mut() = PacketInfo::default();
        room.take(copy.total_len());
        self.out.push(copy);
    }

    /// A frame is sent if there is room for all that has come of it. Upper layers go first.
    fn begin_frame(&mut self, batch: Batch<'_>, at: usize, part: Part, room: &Room) {
        let (source, sent) = (batch.source, self.rewriter.selected());
        let Some(first) = batch.packets.get(at) else { return };
        let timestamp = first.timestamp();
        self.layers.begin(source, timestamp, first.sequence_number(), sent);
        // What the source that is waited for has, its key frame decides.
        let follows = sent == Some(source) || part.starts_key_frame;
        if follows {
            self.layers.adapt(part, room.waiting, batch.thin_above);
        }
        if follows && !room.fits(self.rest_of_frame(batch, at, timestamp)) {
            self.layers.thin_out(part);
        }
        if !room.fits(self.rest_of_frame(batch, at, timestamp)) {
            self.layers.skip(source);
        }
    }

    /// What has come of a frame, of the layers that it gets.
    fn rest_of_frame(&self, batch: Batch<'_>, at: usize, timestamp: u32) -> Load {
        let rest = batch.packets.iter().zip(batch.parts).skip(at);
        let frame = rest.take_while(|(packet, _)| packet.timestamp() == timestamp);
        let wanted =
            frame.filter(|(packet, part)| packet.payload_len() > 0 && self.layers.above(**part).is_none());
        wanted.fold(Load { packets: 0, bytes: 0 }, |load, (packet, _)| Load {
            packets: load.packets + 1,
            bytes: load.bytes + packet.total_len(),
        })
    }

    /// Frames that follow need the one that is lost: it gets nothing more before a key frame.
    fn cut(&mut self, source: SourceId) {
        if self.rewriter.selected() == Some(source) {
            let waiting_for = self.rewriter.waiting_for().unwrap_or(source);
            self.rewriter.pause();
            self.rewriter.switch_to(waiting_for);
            self.counters.cuts += 1;
        }
    }

    const fn count_left_out(&mut self, why: Unwanted) {
        match why {
            Unwanted::Limit => self.counters.left_out_by_limit += 1,
            Unwanted::Backlog => self.counters.left_out_by_backlog += 1,
            Unwanted::Padding => self.counters.refused += 1,
        }
    }

    fn send(&mut self, source: SourceId) -> usize {
        if self.out.is_empty() {
            return 0;
        }
        let sent = self.stream.try_write_all(&mut self.out);
        let left = self.out.len() as u64;
        self.out.clear();
        match sent {
            Ok(sent) => {
                self.counters.sent += sent as u64;
                self.counters.lost += left;
                if left > 0 {
                    self.cut(source);
                }
                sent
            }
            // It says so once its session has ended only: the packets are the stream's own.
            Err(_) => {
                self.ended = true;
                self.counters.ended += left;
                0
            }
        }
    }
}
