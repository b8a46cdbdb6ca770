//! Packets behind a gap, in the order of their numbers.

use std::collections::VecDeque;

use interceptor_core::packet::RtpPacket;

/// What waits behind a gap.
#[derive(Debug)]
struct Waiting {
    number: i64,
    /// When the gap before it is given up, in nanoseconds since the chain began.
    due: u64,
    packet: RtpPacket,
}

/// What becomes of a packet that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is its turn: it goes on, and so may some of those that wait.
    Now,
    /// It waits for those before it.
    Later,
    /// Its turn is over: those behind it have gone on.
    Missed,
}

/// Holds what is behind a gap until that is filled, or for so long that nothing will. Without a gap nothing waits.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// Ascending numbers.
    waiting: VecDeque<Waiting>,
    /// The number whose turn it is; `None` before the first.
    next: Option<i64>,
    bytes: usize,
    earliest: Option<u64>,
}

impl Held {
    /// Whose turn is it?
    pub(crate) fn turn(&mut self, number: i64) -> Turn {
        match number.cmp(self.next.get_or_insert(number)) {
            std::cmp::Ordering::Less => Turn::Missed,
            std::cmp::Ordering::Equal => {
                self.next = Some(number + 1);
                Turn::Now
            }
            std::cmp::Ordering::Greater => Turn::Later,
        }
    }

    /// Keeps a packet until its turn, `due` at the latest.
    pub(crate) fn hold(&mut self, number: i64, due: u64, packet: RtpPacket) {
        self.bytes += packet.total_len();
        self.earliest = Some(self.earliest.map_or(due, |earliest| earliest.min(due)));
        let at = self.waiting.partition_point(|waiting| waiting.number < number);
        self.waiting.insert(at, Waiting { number, due, packet });
    }

    /// The next one that may go on: there is no gap before it, or one that is given up.
    pub(crate) fn release(&mut self, now: u64) -> Option<RtpPacket> {
        let front = self.waiting.front()?.number;
        if self.next.is_some_and(|next| front > next) && self.earliest.is_none_or(|earliest| earliest > now) {
            return None;
        }
        self.skip()
    }

    /// The next one, whatever is missing before it.
    pub(crate) fn skip(&mut self) -> Option<RtpPacket> {
        let Waiting { number, due, packet } = self.waiting.pop_front()?;
        self.next = Some(number + 1);
        self.bytes -= packet.total_len();
        if self.earliest == Some(due) {
            self.earliest = self.waiting.iter().map(|waiting| waiting.due).min();
        }
        Some(packet)
    }

    /// The sender counts anew, from this number on. What waits goes before it.
    pub(crate) fn restart(&mut self, next: i64) {
        if self.waiting.is_empty() {
            self.next = Some(next);
        }
    }

    /// When the first gap is given up.
    pub(crate) const fn due(&self) -> Option<u64> {
        self.earliest
    }

    /// May the next one go on without waiting?
    pub(crate) fn is_ready(&self) -> bool {
        self.waiting.front().is_some_and(|front| self.next == Some(front.number))
    }

    /// Packets that wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Their bytes, headers and payloads.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }
}
