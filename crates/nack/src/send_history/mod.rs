//! The packets of a local stream that may have to be sent again.

use bytes::Bytes;

use crate::slots::{Slot, Slots, kept_bytes};

impl Slot {
    /// Bytes on the wire.
    pub(crate) fn total_len(&self) -> usize {
        self.parts().map_or(0, |(header, payload)| header.len() + payload.len())
    }
}

/// What a history may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Distance from the oldest to the newest sequence number, and so the most packets.
    pub(crate) packets: u32,
    /// Bytes of payloads and long headers.
    pub(crate) bytes: usize,
    /// Milliseconds.
    pub(crate) age: u32,
}

/// Why a packet is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missed {
    /// No packet of this number was sent in what is kept.
    NeverSent,
    /// It was, or could have been, but too long ago.
    TooOld,
    /// It was dropped before the wire.
    Abandoned,
}

/// Packets by sequence number, in one piece from the oldest to the newest, with vacant slots for numbers that were
/// not sent. Grows by an eighth when it is full, from nothing, and shrinks when it is swept.
///
/// What is too old goes in batches: a slot that nobody asks for is on cache lines of its own, and to look at it for each packet that leaves
/// costs more than all else that is done with the packet.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct SendHistory {
    slots: Slots,
    /// The number of the first slot, which is never vacant, and neither is the last.
    oldest: i64,
    bytes: usize,
    /// When the packet of the first slot was sent, if there is one.
    oldest_sent: u32,
    /// What follows a number too old to be kept: two in a row are a new start (RFC 3550 A.1).
    restart: Option<u16>,
    /// Has a packet ever been kept?
    started: bool,
}

/// The part of the age that a packet may be kept beyond it, until there is a batch.
const BATCH: u32 = 16;

impl SendHistory {
    /// Bytes that it takes.
    #[inline]
    pub(crate) const fn memory(&self) -> usize {
        self.bytes + self.slots.len() * size_of::<Slot>()
    }

    /// Lets go of the oldest until it takes at most so many bytes.
    pub(crate) fn cut_to(&mut self, memory: usize) {
        while self.memory() > memory && !self.slots.is_empty() {
            self.drop_oldest();
        }
    }

    /// Is nothing kept?
    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Keeps a packet that leaves at `now`, in its place; one of the same number gives way to it.
    #[inline]
    pub(crate) fn push(&mut self, seq: u16, header: &[u8], payload: &Bytes, bounds: Bounds, now: u32) {
        if seq == (self.oldest + self.slots.len() as i64) as u16 && !self.slots.is_empty() {
            self.bytes += kept_bytes(header, payload);
            self.restart = None;
            if let Some(slot) = self.slots.push_back() {
                slot.set(header, payload, now);
            }
        } else {
            self.push_apart(seq, header, payload, bounds, now);
        }
        self.evict(bounds, now);
    }

    /// As [`push`](Self::push), for a number that does not follow the newest.
    #[inline(never)]
    fn push_apart(&mut self, seq: u16, header: &[u8], payload: &Bytes, bounds: Bounds, now: u32) {
        let Some(slot) = self.make_room(seq, bounds).and_then(|place| self.slots.get_mut(place)) else {
            return;
        };
        self.bytes = self.bytes + kept_bytes(header, payload) - slot.kept_bytes();
        slot.set(header, payload, now);
        self.restart = None;
        self.look_at_oldest();
    }

    /// The packet of this number, if it was sent at most `bounds.age` ago.
    pub(crate) fn get(&mut self, seq: u16, bounds: Bounds, now: u32) -> Result<&mut Slot, Missed> {
        if !self.started {
            return Err(Missed::NeverSent);
        }
        let place = usize::try_from(self.unwrap(seq) - self.oldest).map_err(|_| Missed::TooOld)?;
        let slot = self.slots.get_mut(place).filter(|slot| !slot.is_vacant()).ok_or(Missed::NeverSent)?;
        match slot {
            slot if now.wrapping_sub(slot.sent) > bounds.age => Err(Missed::TooOld),
            slot if slot.is_abandoned() => Err(Missed::Abandoned),
            slot => Ok(slot),
        }
    }

    /// Lets go of those of `count` packets from `first` on that are kept: they were dropped before the wire.
    pub(crate) fn abandon(&mut self, first: u16, count: u16) {
        let from = self.unwrap(first) - self.oldest;
        let kept = 0..self.slots.len() as i64;
        for place in from.max(kept.start)..(from + i64::from(count)).min(kept.end) {
            self.bytes -= self.slots.get_mut(place as usize).map_or(0, Slot::abandon);
        }
    }

    /// Lets go of what is too old, and of memory that this leaves unused.
    pub(crate) fn sweep(&mut self, bounds: Bounds, now: u32) {
        self.drop_older(bounds.age, now);
        self.slots.shrink();
    }

    /// The place of `seq`, where there is a slot now. `None`: it is too old to be kept.
    fn make_room(&mut self, seq: u16, bounds: Bounds) -> Option<usize> {
        let at = self.unwrap(seq);
        if at < self.oldest && !self.slots.is_empty() {
            return self.make_room_before(seq, self.oldest.abs_diff(at) as usize, bounds);
        }
        while self.oldest <= at - i64::from(bounds.packets) && !self.slots.is_empty() {
            self.drop_oldest();
        }
        if self.slots.is_empty() {
            return self.start(seq);
        }
        let place = (at - self.oldest) as usize;
        if place >= self.slots.len() {
            self.slots.extend_back(place + 1 - self.slots.len());
        }
        Some(place)
    }

    fn make_room_before(&mut self, seq: u16, ahead: usize, bounds: Bounds) -> Option<usize> {
        if self.slots.len() + ahead <= bounds.packets as usize {
            self.slots.extend_front(ahead);
            self.oldest -= ahead as i64;
            return Some(0);
        }
        let again = self.restart == Some(seq);
        self.restart = Some(seq.wrapping_add(1));
        if again { self.start(seq) } else { None }
    }

    /// Forgets everything, to go on at `seq`.
    fn start(&mut self, seq: u16) -> Option<usize> {
        self.slots.clear();
        self.slots.extend_back(1);
        (self.bytes, self.oldest, self.started) = (0, i64::from(seq), true);
        Some(0)
    }

    /// The number of `seq` nearest to the newest one.
    #[inline]
    fn unwrap(&self, seq: u16) -> i64 {
        let newest = self.oldest + self.slots.len() as i64 - 1;
        newest + i64::from(seq.wrapping_sub(newest as u16).cast_signed())
    }

    /// Lets go of the oldest while there is too much, and of a batch when it is due.
    #[inline]
    fn evict(&mut self, bounds: Bounds, now: u32) {
        while self.exceeds(bounds) {
            self.drop_oldest();
        }
        if self.is_older(bounds.age.saturating_add(bounds.age / BATCH), now) {
            self.drop_older(bounds.age, now);
        }
    }

    #[inline]
    const fn exceeds(&self, bounds: Bounds) -> bool {
        self.bytes > bounds.bytes || self.slots.len() > bounds.packets as usize
    }

    /// Was the oldest packet sent more than `age` ago?
    #[inline]
    const fn is_older(&self, age: u32, now: u32) -> bool {
        !self.slots.is_empty() && now.wrapping_sub(self.oldest_sent) > age
    }

    #[inline(never)]
    fn drop_older(&mut self, age: u32, now: u32) {
        while self.is_older(age, now) {
            self.drop_oldest();
        }
    }

    /// Drops the oldest packet, and the vacant slots after it.
    #[inline]
    fn drop_oldest(&mut self) {
        loop {
            self.bytes -= self.slots.pop_front();
            self.oldest += 1;
            if !self.slots.get(0).is_some_and(Slot::is_vacant) {
                return self.look_at_oldest();
            }
        }
    }

    #[inline]
    fn look_at_oldest(&mut self) {
        self.oldest_sent = self.slots.get(0).map_or(0, |slot| slot.sent);
    }
}

#[cfg(test)]
mod tests;
