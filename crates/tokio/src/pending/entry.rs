//! An SSRC that waits to be accepted.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use interceptor_packet::RtpPacket;

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) ssrc: u32,
    pub(super) ticket: Ticket,
    pub(super) offer: Offer,
    pub(super) packets: VecDeque<RtpPacket>,
    pub(super) bytes: usize,
    /// When its newest packet came, counted in packets.
    pub(super) last: u64,
    pub(super) heard: Instant,
}

/// How far the application is with an SSRC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// It does not know of it.
    Open,
    /// It holds its `IncomingStream`.
    Held,
    /// It has given that back without a decision.
    Back {
        /// It is not bothered with it again before.
        not_before: Instant,
        /// The SSRC goes on sending.
        heard: bool,
    },
}

/// Tells an SSRC that is offered from one that was forgotten and came again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(pub(super) u64);

impl Entry {
    pub(super) fn new(ssrc: u32, ticket: Ticket, packets: VecDeque<RtpPacket>, heard: Instant) -> Self {
        let bytes = packets.iter().map(RtpPacket::total_len).sum();
        Self { ssrc, ticket, offer: Offer::Open, packets, bytes, last: 0, heard }
    }

    /// A packet has come; `true`: it is to be offered again because of it.
    pub(super) fn hear(&mut self, at: u64, now: Instant) -> bool {
        (self.last, self.heard) = (at, now);
        match &mut self.offer {
            Offer::Back { heard, .. } => !std::mem::replace(heard, true),
            Offer::Open | Offer::Held => false,
        }
    }

    /// Is it not to make room for a younger one? It has sent within this time, and the application does not say no to it: what
    /// it has given back and what has been silent since is none that goes on.
    pub(super) fn is_protected(&self, now: Instant, within: Duration) -> bool {
        let given_back = matches!(self.offer, Offer::Back { heard: false, .. });
        !given_back && now.saturating_duration_since(self.heard) < within
    }

    /// Drops the oldest packet; returns its bytes.
    pub(super) fn drop_oldest(&mut self) -> Option<usize> {
        let bytes = self.packets.pop_front()?.total_len();
        self.bytes -= bytes;
        Some(bytes)
    }
}
