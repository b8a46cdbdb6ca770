//! What was sent, by its number: a ring that forgets the oldest.

mod entry;

pub(crate) use entry::State;

use std::time::Duration;

use interceptor_core::packet::Ecn;

use entry::Entry;

use crate::{Outcome, PacketClass, PacketOutcome, Sent, Time};

/// What the ring begins with: 32 KiB.
const FIRST_LEN: usize = 2048;
/// The ring grows rather than forget a packet that left within this time.
const REMEMBERED: Duration = Duration::from_secs(2);

/// A packet that leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaving {
    pub(crate) bytes: u32,
    pub(crate) class: PacketClass,
    pub(crate) probe: Option<u8>,
    pub(crate) source: u16,
    pub(crate) sequence_number: u16,
    /// Does it leave ECN-capable?
    pub(crate) marked: bool,
}

/// Packets that have left, by their index: numbers of a line that neither wraps nor ends.
#[derive(Debug)]
pub(crate) struct History {
    /// A power of two of them; the packet with an index stands at the index modulo their number.
    entries: Vec<Entry>,
    most: usize,
    /// The index of the next packet.
    next: u64,
    /// The first index that the ring may still know.
    first: u64,
    /// All before it are told, or forgotten.
    untold: u64,
    /// None before it is in flight.
    in_flight_from: u64,
    in_flight: u64,
    /// Packets that were forgotten while they were in flight.
    pub(crate) forgotten: u64,
    /// Packets that nobody told of for too long.
    pub(crate) expired: u64,
}

impl History {
    /// That grows up to `most` packets, a power of two.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            entries: vec![Entry::default(); FIRST_LEN.min(most)],
            most,
            next: 0,
            first: 0,
            untold: 0,
            in_flight_from: 0,
            in_flight: 0,
            forgotten: 0,
            expired: 0,
        }
    }

    /// Bytes that are on the way.
    #[inline]
    pub(crate) fn in_flight(&self) -> u32 {
        u32::try_from(self.in_flight).unwrap_or(u32::MAX)
    }

    /// The index of the next packet.
    #[inline]
    pub(crate) const fn next(&self) -> u64 {
        self.next
    }

    /// The first index that nobody may have told of.
    #[inline]
    pub(crate) const fn untold(&self) -> u64 {
        self.untold
    }

    /// Packets that there is room for.
    #[inline]
    pub(crate) const fn capacity(&self) -> usize {
        self.entries.len()
    }

    /// The index nearest to that of the last packet whose low 16 bits are `number`; `None` before the first packet.
    #[inline]
    pub(crate) fn index_of(&self, number: u16) -> Option<i64> {
        let last = self.next.checked_sub(1)?.cast_signed();
        Some(last + i64::from(number.wrapping_sub(last as u16).cast_signed()))
    }

    /// The next packet has a number with these low 16 bits: what is between belongs to no packet.
    #[inline]
    pub(crate) fn skip_to(&mut self, number: u16) {
        let gap = number.wrapping_sub(self.next as u16);
        if gap != 0 {
            self.skip(gap.into());
        }
    }

    #[cold]
    fn skip(&mut self, gap: u64) {
        let len = self.entries.len() as u64;
        let (next, first) = (self.next + gap, (self.next + gap).saturating_sub(len).max(self.first));
        (self.first..first.min(self.next)).for_each(|index| self.forget(index));
        (first.max(self.next)..next).for_each(|index| *self.slot_mut(index) = Entry::default());
        self.next = next;
        self.start_at(first);
    }

    /// The ring knows nothing before `first`.
    fn start_at(&mut self, first: u64) {
        self.first = first;
        self.untold = self.untold.max(first);
        self.in_flight_from = self.in_flight_from.max(first);
    }

    /// Notes a packet down and gives its index.
    #[inline]
    pub(crate) fn push(&mut self, now: Time, packet: Leaving) -> u64 {
        let index = self.next;
        if index - self.first == self.entries.len() as u64 {
            self.make_room(now);
        }
        let entry = Entry::new(now, packet);
        self.in_flight += u64::from(entry.bytes());
        *self.slot_mut(index) = entry;
        self.next = index + 1;
        index
    }

    /// The ring is full: it grows while the oldest is young or in flight, else it forgets that.
    fn make_room(&mut self, now: Time) {
        let oldest = *self.slot(self.first);
        let young =
            oldest.state() == State::InFlight || now.since(oldest.sent()) < REMEMBERED.as_micros() as i64;
        if young && self.entries.len() < self.most {
            return self.grow();
        }
        self.forget(self.first);
        self.start_at(self.first + 1);
    }

    #[cold]
    fn grow(&mut self) {
        let old = self.entries.len() as u64;
        let mut entries = vec![Entry::default(); self.entries.len() * 2];
        for index in self.first..self.next {
            if let Some(slot) = entries.get_mut((index & (2 * old - 1)) as usize) {
                *slot = *self.slot(index);
            }
        }
        self.entries = entries;
    }

    /// Whatever the ring knows at an index will be known no more.
    fn forget(&mut self, index: u64) {
        if index >= self.first && index < self.next {
            let entry = *self.slot(index);
            if entry.state() == State::InFlight {
                self.in_flight -= u64::from(entry.bytes());
                self.forgotten += 1;
            }
            self.slot_mut(index).set_state(State::Unused);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        (self.first..self.next).for_each(|index| self.forget(index));
        self.start_at(self.next);
    }

    /// What is known of an index.
    #[inline]
    pub(crate) fn state(&self, index: u64) -> State {
        if index < self.first || index >= self.next { State::Unused } else { self.slot(index).state() }
    }

    /// Whether the packet with this index is that number of that source.
    #[inline]
    pub(crate) fn is_of(&self, index: u64, source: u16, sequence_number: u16) -> bool {
        let entry = self.slot(index);
        self.state(index) != State::Unused
            && (entry.source(), entry.sequence_number()) == (source, sequence_number)
    }

    /// When the packet with this index left.
    #[inline]
    pub(crate) fn sent(&self, index: u64) -> Time {
        self.slot(index).sent()
    }

    /// The source of the packet with this index.
    #[inline]
    pub(crate) fn source(&self, index: u64) -> u16 {
        self.slot(index).source()
    }

    /// Whether it left ECN-capable.
    #[inline]
    pub(crate) fn is_marked(&self, index: u64) -> bool {
        self.slot(index).is_marked()
    }

    /// Notes what became of a packet, and gives it as the controller is told.
    #[inline]
    pub(crate) fn settle(&mut self, index: u64, outcome: Outcome) -> PacketOutcome {
        let entry = self.slot_mut(index);
        let before = entry.state();
        entry.set_state(match outcome {
            Outcome::Received { .. } => State::Received,
            Outcome::Lost => State::Lost,
            Outcome::Unknown => State::Unknown,
        });
        let entry = *entry;
        if before == State::InFlight {
            self.in_flight -= u64::from(entry.bytes());
        }
        PacketOutcome {
            index,
            sent: entry.sent(),
            bytes: entry.bytes(),
            class: entry.class(),
            probe: entry.probe(),
            was_lost: before == State::Lost,
            outcome,
        }
    }

    /// All before `index` are told.
    #[inline]
    pub(crate) fn told_before(&mut self, index: u64) {
        self.untold = self.untold.max(index.min(self.next));
    }

    /// What left more than `age` ago is on the way no more. Gives when the next packet will be so old.
    pub(crate) fn expire(&mut self, now: Time, age: Duration) -> Option<Time> {
        while self.in_flight_from < self.next {
            let index = self.in_flight_from;
            let entry = *self.slot(index);
            if entry.state() == State::InFlight {
                let due = entry.sent() + age;
                if due > now {
                    return Some(due);
                }
                self.in_flight -= u64::from(entry.bytes());
                self.expired += 1;
                self.slot_mut(index).set_state(State::Expired);
            }
            self.in_flight_from += 1;
        }
        None
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "the ring is never empty, and its length a power of two")]
    fn slot(&self, index: u64) -> &Entry {
        &self.entries[(index & (self.entries.len() as u64 - 1)) as usize]
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "the ring is never empty, and its length a power of two")]
    fn slot_mut(&mut self, index: u64) -> &mut Entry {
        let mask = self.entries.len() as u64 - 1;
        &mut self.entries[(index & mask) as usize]
    }
}

impl Leaving {
    /// As the controller is told.
    #[inline]
    pub(crate) const fn sent(self, index: u64) -> Sent {
        Sent { index, bytes: self.bytes, class: self.class, probe: self.probe }
    }
}

/// The mark that a packet came with, as it counts: what did not leave ECN-capable says nothing.
#[inline]
pub(crate) const fn counted_mark(marked: bool, ecn: Ecn) -> Ecn {
    if marked { ecn } else { Ecn::NotEct }
}
