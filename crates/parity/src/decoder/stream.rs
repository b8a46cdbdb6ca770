//! One stream of a decoder: what has come of it.

use std::time::Duration;

use interceptor_packet::RtpPacket;
use interceptor_packet::rfc3550::{Arrival, SourceState};

use super::ring::{Ring, is_before};
use crate::Zeroing;

/// One stream: its last packets, its newest number, and how its packets count in sums.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) ssrc: u32,
    pub(super) ring: Ring,
    pub(super) zeroing: Zeroing,
    pub(super) clock_rate: u32,
    /// What is late, what has come twice, and when a sender begins anew.
    source: SourceState,
    /// `None` before the first packet.
    newest: Option<u16>,
    /// Up to this number packets have gone on that are not kept: those that showed that the sender has begun anew. What is not here of
    /// these numbers may have come.
    unsure: Option<u16>,
}

/// What became of a packet that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Kept,
    /// The sender has begun anew, or goes on after an outage: what was known of the stream is forgotten, and this packet is the first.
    Restarted,
    /// It had come before; one of the two was restored.
    SecondOfRestored,
    /// It had come before, or it is too old, or nobody can tell what it is.
    Left,
}

/// What is known of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Here,
    /// It has come, or it is so old that it may have, and its bytes are gone.
    Gone,
    Missing,
}

impl Stream {
    pub(super) fn new(ssrc: u32, clock_rate: u32, zeroing: Zeroing, ring: Ring) -> Self {
        Self { ssrc, ring, zeroing, clock_rate, source: SourceState::default(), newest: None, unsure: None }
    }

    /// A packet has come, or was restored by retransmission.
    #[inline]
    pub(super) fn take(&mut self, packet: &RtpPacket, at: Duration) -> Taken {
        let seq = packet.sequence_number();
        let restored = packet.info().recovered_by.is_some();
        if restored {
            self.source.recover(seq);
        } else {
            match self.source.update(seq, packet.timestamp(), at, self.clock_rate) {
                Arrival::Newest { skipped: 0 } => {}
                Arrival::Stray | Arrival::Probation => return Taken::Left,
                Arrival::Restarted | Arrival::Resumed { .. } => {
                    self.begin_anew(packet);
                    return Taken::Restarted;
                }
                Arrival::Newest { skipped } => self.ring.skip(seq, skipped),
                // What was restored before anything came may be of another time.
                Arrival::First if !self.is_within(seq) => self.forget(),
                Arrival::First | Arrival::Late | Arrival::Duplicate => {}
            }
        }
        if let Some(first) = self.ring.get(seq) {
            return if first.restored || restored { Taken::SecondOfRestored } else { Taken::Left };
        }
        if self.keep(packet, restored) { Taken::Kept } else { Taken::Left }
    }

    /// The packet is the first that counts of what begins here, or goes on.
    #[cold]
    fn begin_anew(&mut self, packet: &RtpPacket) {
        self.forget();
        self.keep(packet, false);
        let newest = self.source.extended_highest() as u16;
        (self.newest, self.unsure) = (Some(newest), Some(newest));
    }

    #[cold]
    fn forget(&mut self) {
        self.ring.clear();
        (self.newest, self.unsure) = (None, None);
    }

    /// A packet has come back by repair.
    pub(super) fn recovered(&mut self, packet: &RtpPacket) {
        self.source.recover(packet.sequence_number());
        self.keep(packet, true);
    }

    /// The newest number, 0 before the first packet.
    pub(super) fn newest(&self) -> u16 {
        self.newest.unwrap_or(0)
    }

    /// What is known of a number that a repair protects.
    #[inline]
    pub(super) fn presence(&self, seq: u16) -> Presence {
        match self.ring.get(seq) {
            Some(slot) if slot.is_here() => Presence::Here,
            Some(_) => Presence::Gone,
            None if self.is_within(seq) && self.unsure.is_none_or(|last| is_before(last, seq)) => {
                Presence::Missing
            }
            None => Presence::Gone,
        }
    }

    /// Is this number so near to the newest that packets around it are kept? Before the first packet all are.
    #[inline]
    pub(super) fn is_within(&self, seq: u16) -> bool {
        let Some(newest) = self.newest else { return true };
        let capacity = self.ring.capacity();
        newest.wrapping_sub(seq) < capacity || seq.wrapping_sub(newest) <= capacity / 2
    }

    #[inline]
    fn keep(&mut self, packet: &RtpPacket, restored: bool) -> bool {
        let seq = packet.sequence_number();
        if !self.is_within(seq) {
            // Far ahead of all that is known only after an outage, of which nothing is left to repair.
            if restored || is_before(seq, self.newest.unwrap_or(seq)) {
                return false;
            }
            self.ring.clear();
        }
        let newest = self.newest.filter(|newest| is_before(seq, *newest)).unwrap_or(seq);
        self.newest = Some(newest);
        if self.unsure.is_some_and(|last| newest.wrapping_sub(last) >= self.ring.capacity()) {
            self.unsure = None;
        }
        self.ring.insert(seq, packet.header(), packet.payload_and_padding(), restored, newest);
        true
    }
}
