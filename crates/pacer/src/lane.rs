//! What waits of one SSRC, in order.

use std::collections::VecDeque;

use interceptor_core::packet::RtpPacket;

use crate::class::{Class, Rank};

/// A packet that waits.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) packet: RtpPacket,
    pub(crate) class: Class,
    /// On the wire.
    pub(crate) bytes: u32,
    /// In nanoseconds since the connection's start.
    pub(crate) since: u64,
}

/// A queue that is never reordered: a more urgent packet takes with it what is before it. Keeps its size.
#[derive(Debug)]
pub(crate) struct Lane {
    queue: VecDeque<Held>,
    /// Where a lane without repeats stands.
    rank: Rank,
    /// Where one with repeats does.
    repeats_rank: Rank,
    repeats: usize,
}

impl Lane {
    pub(crate) const fn new(rank: Rank, repeats_rank: Rank) -> Self {
        Self { queue: VecDeque::new(), rank, repeats_rank, repeats: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// How urgent the most urgent of it is.
    pub(crate) const fn rank(&self) -> Rank {
        if self.repeats > 0 { self.repeats_rank } else { self.rank }
    }

    /// How urgent it would be with one of this class.
    pub(crate) fn rank_with(&self, class: Class) -> Rank {
        if class == Class::Retransmission { self.repeats_rank } else { self.rank() }
    }

    pub(crate) fn push(&mut self, held: Held) {
        self.repeats += usize::from(held.class == Class::Retransmission);
        self.queue.push_back(held);
    }

    #[inline]
    pub(crate) fn first(&self) -> Option<&Held> {
        self.queue.front()
    }

    pub(crate) fn pop(&mut self) -> Option<Held> {
        let held = self.queue.pop_front()?;
        self.repeats -= usize::from(held.class == Class::Retransmission);
        Some(held)
    }
}
