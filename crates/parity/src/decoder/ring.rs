//! The last packets of one stream, by number.

use bytes::Bytes;
use smallvec::SmallVec;

/// Longer headers are on the heap.
const INLINE_HEADER: usize = 64;
const PADDING_BIT: u8 = 0x20;

/// The last packets of one stream: header bytes and a reference to the payload.
#[derive(Debug)]
pub(super) struct Ring {
    /// As many as there are numbers, once the first has come; each number has its slot.
    slots: Vec<Slot>,
    capacity: u16,
    bytes: usize,
    max_bytes: usize,
    /// Numbers before this one have given their bytes back.
    tail: u16,
}

/// What is known of a number.
#[derive(Debug, Default)]
pub(super) struct Slot {
    seq: u16,
    state: State,
    /// It came by repair or by retransmission.
    pub(super) restored: bool,
    pub(super) header: SmallVec<[u8; INLINE_HEADER]>,
    pub(super) payload: Bytes,
}

const _: () = assert!(size_of::<Slot>() <= 128, "as interceptor-flexfec documents");

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Unknown,
    /// It has come, and its bytes are here.
    Here,
    /// It has come, and its bytes are gone.
    Gone,
}

impl Ring {
    pub(super) fn new(capacity: u16, max_bytes: usize) -> Self {
        let capacity = capacity.clamp(64, 4096).next_power_of_two();
        Self { slots: Vec::new(), capacity, bytes: 0, max_bytes, tail: 0 }
    }

    pub(super) const fn capacity(&self) -> u16 {
        self.capacity
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The slot of a number that has come.
    #[inline]
    pub(super) fn get(&self, seq: u16) -> Option<&Slot> {
        let slot = self.slots.get(usize::from(seq & (self.capacity - 1)))?;
        (slot.seq == seq && slot.state != State::Unknown).then_some(slot)
    }

    /// The slot at a place: that of a number modulo the capacity.
    pub(super) fn at(&self, place: usize) -> Option<&Slot> {
        self.slots.get(place)
    }

    /// Keeps a packet. `newest` is the newest number, this one's or a later one.
    #[inline]
    pub(super) fn insert(&mut self, seq: u16, header: &[u8], payload: &Bytes, restored: bool, newest: u16) {
        if self.slots.is_empty() {
            self.slots.resize_with(self.capacity.into(), Slot::default);
            self.tail = seq;
        }
        let Some(slot) = self.slots.get_mut(usize::from(seq & (self.capacity - 1))) else { return };
        self.bytes += header.len() + payload.len();
        self.bytes -= slot.len();
        slot.header.clear();
        slot.header.extend_from_slice(header);
        slot.payload.clone_from(payload);
        (slot.seq, slot.state, slot.restored) = (seq, State::Here, restored);
        if self.bytes > self.max_bytes {
            self.shrink(seq, newest);
        }
    }

    /// Numbers up to `newest`, without that, were left out by a sender, or lost: what stands in their slots is of older ones.
    #[cold]
    pub(super) fn skip(&mut self, newest: u16, skipped: u16) {
        for back in 1..=skipped.min(self.capacity) {
            let seq = newest.wrapping_sub(back);
            if let Some(slot) = self.slots.get_mut(usize::from(seq & (self.capacity - 1)))
                // A repair may have brought it already.
                && slot.seq != seq
            {
                self.bytes -= slot.len();
                *slot = Slot::default();
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.bytes = 0;
    }

    /// Gives back the bytes of the oldest packets, until there are no more than there may be.
    #[cold]
    fn shrink(&mut self, seq: u16, newest: u16) {
        let first = newest.wrapping_sub(self.capacity - 1);
        // A late packet stands before the tail; the window has passed it where nothing had to be given back for long.
        if is_before(seq, self.tail) {
            self.tail = seq;
        }
        if is_before(self.tail, first) {
            self.tail = first;
        }
        while self.bytes > self.max_bytes && self.tail != newest.wrapping_add(1) {
            let seq = self.tail;
            self.tail = seq.wrapping_add(1);
            if let Some(slot) = self.slots.get_mut(usize::from(seq & (self.capacity - 1)))
                && slot.seq == seq
            {
                self.bytes -= slot.len();
                (slot.header, slot.payload) = (SmallVec::new(), Bytes::new());
                if slot.state == State::Here {
                    slot.state = State::Gone;
                }
            }
        }
    }
}

impl Slot {
    /// Are its bytes here?
    pub(super) fn is_here(&self) -> bool {
        self.state == State::Here
    }

    pub(super) fn payload_without_padding(&self) -> &[u8] {
        let padding = match (self.header.first(), self.payload.last()) {
            (Some(first), Some(&count)) if first & PADDING_BIT != 0 => usize::from(count),
            _ => 0,
        };
        self.payload.get(..self.payload.len().saturating_sub(padding)).unwrap_or_default()
    }

    fn len(&self) -> usize {
        self.header.len() + self.payload.len()
    }
}

/// Is `seq` older than `other` (RFC 1982)?
#[inline]
pub(super) const fn is_before(seq: u16, other: u16) -> bool {
    (seq.wrapping_sub(other).cast_signed()) < 0
}
