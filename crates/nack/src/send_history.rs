//! The packets of a local stream that may have to be sent again.

use std::collections::VecDeque;

use bytes::Bytes;
use smallvec::SmallVec;

/// Slots that the first packet makes room for.
const MIN_CAPACITY: usize = 16;
/// The longest header that is kept without an allocation.
const INLINE_HEADER: usize = 32;
/// In place of the instant of a retransmission that has not happened.
const NEVER: u32 = u32::MAX;

/// One packet: its header's bytes and its shared payload. 80 bytes beside the payload.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    header: SmallVec<[u8; INLINE_HEADER]>,
    payload: Bytes,
    /// Milliseconds since the epoch.
    sent: u32,
    resent: u32,
}

const _: () = assert!(size_of::<Option<Stored>>() <= 80, "memory a kept packet");

impl Stored {
    /// Header: fixed part, CSRCs and extension block.
    pub(crate) fn header(&self) -> &[u8] {
        &self.header
    }

    /// Everything behind the header.
    pub(crate) const fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// Bytes on the wire.
    pub(crate) fn total_len(&self) -> usize {
        self.header.len() + self.payload.len()
    }

    /// Was it sent again less than `cooldown` milliseconds before `now`?
    pub(crate) const fn is_cooling(&self, cooldown: u32, now: u32) -> bool {
        self.resent != NEVER && now.wrapping_sub(self.resent) < cooldown
    }

    /// Notes a retransmission.
    pub(crate) const fn mark_resent(&mut self, now: u32) {
        // One millisecond in 49 days is taken by NEVER; the one before it serves as well.
        self.resent = if now == NEVER { NEVER - 1 } else { now };
    }
}

/// What a history may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Distance from the oldest to the newest sequence number, and so the most packets.
    pub(crate) packets: u32,
    /// Payload bytes.
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
}

/// Packets by sequence number, in one piece from the oldest to the newest, with empty slots for numbers that were
/// not sent. Grows by an eighth when it is full, from nothing, and shrinks when it is swept.
#[derive(Debug, Default)]
pub(crate) struct SendHistory {
    /// The number of the first slot, which is never empty.
    oldest: i64,
    slots: VecDeque<Option<Stored>>,
    bytes: usize,
    /// Has a packet ever been kept?
    started: bool,
    /// What follows a number too old to be kept: two in a row are a new start (RFC 3550 A.1).
    restart: Option<u16>,
}

impl SendHistory {
    /// Is nothing kept?
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Keeps a packet that leaves at `now`, in its place; one of the same number gives way to it.
    #[inline]
    pub(crate) fn push(&mut self, seq: u16, header: &[u8], payload: &Bytes, bounds: Bounds, now: u32) {
        let Some(place) = self.make_room(seq, bounds) else { return };
        let stored = Stored {
            header: SmallVec::from_slice(header),
            payload: payload.clone(),
            sent: now,
            resent: NEVER,
        };
        self.bytes += stored.payload.len();
        match self.slots.get_mut(place) {
            Some(slot) => {
                if let Some(before) = slot.replace(stored) {
                    self.bytes -= before.payload.len();
                }
            }
            None => {
                if self.slots.len() == self.slots.capacity() {
                    self.grow(1);
                }
                self.slots.push_back(Some(stored));
            }
        }
        self.evict(bounds, now);
    }

    /// The packet of this number, if it was sent at most `bounds.age` ago.
    pub(crate) fn get(&mut self, seq: u16, bounds: Bounds, now: u32) -> Result<&mut Stored, Missed> {
        if !self.started {
            return Err(Missed::NeverSent);
        }
        let at = self.unwrap(seq);
        let place = usize::try_from(at - self.oldest).map_err(|_| Missed::TooOld)?;
        let stored = self.slots.get_mut(place).and_then(Option::as_mut).ok_or(Missed::NeverSent)?;
        if now.wrapping_sub(stored.sent) > bounds.age { Err(Missed::TooOld) } else { Ok(stored) }
    }

    /// Lets go of what is too old, and of memory that this leaves unused.
    pub(crate) fn sweep(&mut self, bounds: Bounds, now: u32) {
        self.evict(bounds, now);
        if self.slots.len() < self.slots.capacity() / 2 {
            self.slots.shrink_to(self.slots.len() + self.slots.len() / 8);
        }
    }

    /// Where `seq` goes: a slot there is, or the end. `None`: it is too old to be kept.
    #[inline]
    fn make_room(&mut self, seq: u16, bounds: Bounds) -> Option<usize> {
        if self.slots.is_empty() {
            self.clear(seq);
            return Some(0);
        }
        let place = self.unwrap(seq) - self.oldest;
        if place == self.slots.len() as i64 && place < i64::from(bounds.packets) {
            return Some(place as usize);
        }
        self.make_room_apart(seq, bounds)
    }

    /// As [`make_room`](Self::make_room), for a number that does not follow the newest, or a history that is full.
    fn make_room_apart(&mut self, seq: u16, bounds: Bounds) -> Option<usize> {
        let at = self.unwrap(seq);
        if at < self.oldest {
            return self.make_room_before(seq, self.oldest.abs_diff(at) as usize, bounds);
        }
        while self.oldest <= at - i64::from(bounds.packets) && !self.slots.is_empty() {
            self.drop_oldest();
        }
        if self.slots.is_empty() {
            self.clear(seq);
            return Some(0);
        }
        let place = (at - self.oldest) as usize;
        if place > self.slots.len() {
            self.grow(place + 1 - self.slots.len());
            self.slots.resize_with(place, || None);
        }
        Some(place)
    }

    fn make_room_before(&mut self, seq: u16, ahead: usize, bounds: Bounds) -> Option<usize> {
        if self.slots.len() + ahead <= bounds.packets as usize {
            self.grow(ahead);
            for _ in 0..ahead {
                self.slots.push_front(None);
            }
            self.oldest -= ahead as i64;
            return Some(0);
        }
        let again = self.restart == Some(seq);
        self.restart = Some(seq.wrapping_add(1));
        if !again {
            return None;
        }
        self.clear(seq);
        Some(0)
    }

    /// The number of `seq` nearest to the newest one.
    #[inline]
    fn unwrap(&self, seq: u16) -> i64 {
        let newest = self.oldest + self.slots.len() as i64 - 1;
        newest + i64::from(seq.wrapping_sub(newest as u16).cast_signed())
    }

    #[inline]
    fn evict(&mut self, bounds: Bounds, now: u32) {
        while let Some(Some(oldest)) = self.slots.front() {
            if self.bytes <= bounds.bytes && now.wrapping_sub(oldest.sent) <= bounds.age {
                break;
            }
            self.drop_oldest();
        }
    }

    /// Drops the oldest packet, and the empty slots after it.
    #[inline]
    fn drop_oldest(&mut self) {
        loop {
            let Some(slot) = self.slots.pop_front() else { return };
            self.oldest += 1;
            self.bytes -= slot.map_or(0, |stored| stored.payload.len());
            if !matches!(self.slots.front(), Some(None)) {
                return;
            }
        }
    }

    /// Forgets everything, to go on at `seq`.
    fn clear(&mut self, seq: u16) {
        self.slots.clear();
        self.bytes = 0;
        self.oldest = i64::from(seq);
        self.restart = None;
        self.started = true;
    }

    /// Makes room for `more` slots: an eighth more than there are, so that at most that much is unused.
    #[cold]
    fn grow(&mut self, more: usize) {
        if self.slots.capacity() - self.slots.len() < more {
            self.slots.reserve_exact(more.max(self.slots.len() / 8).max(MIN_CAPACITY));
        }
    }
}
