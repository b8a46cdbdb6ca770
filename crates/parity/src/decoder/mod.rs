//! Gets out of repairs what was lost: keeps the last packets and the repairs that wait, and computes only where one is missing.

mod bits;
mod elimination;
mod limits;
mod pending;
mod repair;
mod residue;
mod ring;
mod solving;
mod stream;
mod tally;

use std::collections::VecDeque;
use std::time::Duration;

use interceptor_packet::RtpPacket;
use interceptor_packet::fec::Span;

pub use self::limits::DecoderLimits;
pub use self::repair::{Arrived, Decoded, Repair, Scope};
pub use self::tally::DecoderTally;

use self::pending::{Pending, Refusal};
use self::ring::Ring;
use self::stream::{Stream, Taken};
use crate::Zeroing;

/// Gets out of repairs what was lost, of one stream or of several that share their repairs.
///
/// All that comes of these streams is shown to it, in the order of its coming; what it restores waits in
/// [`pop_recovered`](Self::pop_recovered). Times are from any fixed instant on, and never go back.
#[derive(Debug)]
pub struct Decoder {
    limits: DecoderLimits,
    streams: Vec<Stream>,
    /// Repairs that lack more than one packet, in order of coming.
    repairs: VecDeque<Pending>,
    repair_bytes: usize,
    recovered: VecDeque<RtpPacket>,
    tally: DecoderTally,
    /// Which kept packets an elimination takes away; a bit a number, stream after stream.
    odd: Vec<u64>,
}

impl Decoder {
    /// A decoder without streams.
    #[must_use]
    pub fn new(limits: DecoderLimits) -> Self {
        Self {
            limits,
            streams: Vec::new(),
            repairs: VecDeque::new(),
            repair_bytes: 0,
            recovered: VecDeque::new(),
            tally: DecoderTally::default(),
            odd: Vec::new(),
        }
    }

    /// Adds a stream: its SSRC, the clock rate of its timestamps (0 when unknown), and how its packets count in sums. One
    /// that is there already keeps what has come of it.
    pub fn add_stream(&mut self, ssrc: u32, clock_rate: u32, zeroing: Zeroing) {
        if let Some(stream) = self.stream(ssrc) {
            (stream.clock_rate, stream.zeroing) = (clock_rate, zeroing);
            return;
        }
        let ring = Ring::new(self.limits.packets, self.limits.packet_bytes);
        self.streams.push(Stream::new(ssrc, clock_rate, zeroing, ring));
    }

    /// Removes a stream, and the repairs that protect packets of it.
    pub fn remove_stream(&mut self, ssrc: u32) {
        self.streams.retain(|stream| stream.ssrc != ssrc);
        self.forget_repairs_of(ssrc);
    }

    /// Has it no stream any more?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// For how long a repair waits, from now on.
    pub const fn set_wait(&mut self, wait: Duration) {
        self.limits.wait = wait;
    }

    /// A packet of a stream has come, or was restored by a retransmission (`recovered_by`). Without repairs that wait this
    /// keeps a reference to it, and that is all.
    #[inline]
    pub fn media(&mut self, packet: &RtpPacket, at: Duration) -> Arrived {
        let ssrc = packet.ssrc();
        let Some(stream) = self.stream(ssrc) else { return Arrived::Left };
        let taken = stream.take(packet, at);
        if !self.repairs.is_empty() {
            self.tell_repairs(taken, ssrc, packet.sequence_number(), at);
        }
        match taken {
            Taken::Kept | Taken::Restarted => Arrived::Kept,
            Taken::Left => Arrived::Left,
            Taken::SecondOfRestored => {
                self.tally.duplicates += 1;
                Arrived::Duplicate
            }
        }
    }

    /// A repair has come that protects packets of these streams, by SSRC.
    pub fn repair(&mut self, repair: Repair, protected: &[(u32, Span)], at: Duration) -> Decoded {
        self.expire(at);
        let pending = match Pending::new(repair, protected, &self.streams, at) {
            Ok(pending) => pending,
            Err(refusal) => return self.refuse(refusal),
        };
        match pending.missing {
            0 => {
                self.tally.useless += 1;
                return Decoded::Useless;
            }
            2.. if self.repairs.iter().any(|other| pending.repeats(other)) => {
                self.tally.useless += 1;
                return Decoded::Useless;
            }
            _ => {}
        }
        let before = self.tally.recovered;
        let may_wait = pending.missing > 1;
        self.repair_bytes += pending.bytes();
        self.repairs.push_back(pending);
        self.make_room();
        self.settle();
        // Even one that lacked one packet only: that packet may have kept apart what others determine together.
        self.eliminate();
        self.sort_recovered();
        match self.tally.recovered - before {
            0 if may_wait => Decoded::Waits,
            0 => Decoded::Useless,
            count => Decoded::Recovered(count as usize),
        }
    }

    /// The next packet that came back, in order of number; its [`PacketInfo`](interceptor_packet::PacketInfo) says so, and no
    /// time of arrival.
    #[inline]
    pub fn pop_recovered(&mut self) -> Option<RtpPacket> {
        self.recovered.pop_front()
    }

    /// Is there a packet that came back?
    #[inline]
    #[must_use]
    pub fn has_recovered(&self) -> bool {
        !self.recovered.is_empty()
    }

    /// What it has counted.
    #[must_use]
    pub const fn tally(&self) -> &DecoderTally {
        &self.tally
    }

    /// Repairs that wait, and the bytes that they take.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        (self.repairs.len(), self.repair_bytes)
    }

    /// Bytes of the packets that are kept, of all streams.
    #[must_use]
    pub fn packet_bytes(&self) -> usize {
        self.streams.iter().map(|stream| stream.ring.bytes()).sum()
    }

    #[inline]
    fn stream(&mut self, ssrc: u32) -> Option<&mut Stream> {
        self.streams.iter_mut().find(|stream| stream.ssrc == ssrc)
    }

    /// A packet has come while repairs wait.
    #[cold]
    fn tell_repairs(&mut self, taken: Taken, ssrc: u32, seq: u16, at: Duration) {
        self.expire(at);
        if taken == Taken::Restarted {
            self.forget_repairs_of(ssrc);
        }
        if matches!(taken, Taken::Kept | Taken::Restarted) {
            let was_lacked = self.came(ssrc, seq);
            self.settle();
            if was_lacked {
                // It may have kept apart what repairs determine together.
                self.eliminate();
            }
            self.sort_recovered();
        }
    }

    fn refuse(&mut self, refusal: Refusal) -> Decoded {
        match refusal {
            Refusal::UnknownStream => self.tally.unknown_stream += 1,
            Refusal::Malformed => self.tally.malformed += 1,
            Refusal::Expired => self.tally.expired += 1,
        }
        Decoded::Refused
    }

    /// Repairs that have waited for too long.
    fn expire(&mut self, at: Duration) {
        let wait = self.limits.wait;
        while self.repairs.front().is_some_and(|oldest| oldest.at + wait < at) {
            self.drop_oldest();
        }
    }

    /// Repairs over the limits.
    fn make_room(&mut self) {
        while self.repairs.len() > self.limits.repairs || self.repair_bytes > self.limits.repair_bytes {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.repairs.pop_front() {
            self.repair_bytes -= oldest.bytes();
            self.tally.expired += 1;
        }
    }

    fn forget_repairs_of(&mut self, ssrc: u32) {
        for pending in self.repairs.iter_mut().filter(|pending| pending.protects(ssrc)) {
            pending.is_expired = true;
        }
        self.settle();
    }

    fn sort_recovered(&mut self) {
        if self.recovered.len() > 1 {
            let streams = &self.streams;
            // Numbers within reach of the newest do not wrap against it.
            let key = |packet: &RtpPacket| {
                let stream = streams.iter().find(|stream| stream.ssrc == packet.ssrc());
                let newest = stream.map_or(0, Stream::newest);
                (packet.ssrc(), packet.sequence_number().wrapping_sub(newest) ^ 0x8000)
            };
            self.recovered.make_contiguous().sort_by_key(key);
        }
    }
}
