//! Packets in a ring, written where they stay.

use bytes::Bytes;
use interceptor_core::packet::{Origin, RtpPacket};

/// Slots that the first packet makes room for.
const MIN_CAPACITY: usize = 16;
/// The longest header that is kept without an allocation.
const INLINE_HEADER: usize = 32;
/// The part that every header has.
const FIXED: usize = 12;

/// In place of the instant of a retransmission that has not happened.
const NEVER: u32 = u32::MAX;

/// In place of that instant, of a packet that is not sent again.
const ABANDONED: u32 = u32::MAX - 1;

/// In place of that instant, of a packet that waits to be sent again.
const WAITING: u32 = u32::MAX - 2;

/// One packet: its header's bytes and its shared payload, 80 bytes beside the payload; or nothing.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    header: Header,
    /// Everything behind the header; `None`: no packet.
    payload: Option<Bytes>,
    /// Milliseconds since the epoch.
    pub(crate) sent: u32,
    resent: u32,
}

const _: () = assert!(size_of::<Slot>() <= 80, "memory a kept packet");

/// Fixed part, CSRCs and extension block.
#[derive(Debug)]
enum Header {
    Inline(u8, [u8; INLINE_HEADER]),
    Long(Box<[u8]>),
}

impl Default for Header {
    fn default() -> Self {
        Self::Inline(0, [0; INLINE_HEADER])
    }
}

/// What a slot keeps of a packet beside itself: what is behind the header, and twice a long header, for there is a copy of it,
/// and the payload keeps alive the datagram that it came in.
#[inline]
pub(crate) fn kept_bytes(header: &[u8], payload: &Bytes) -> usize {
    payload.len() + if header.len() > INLINE_HEADER { 2 * header.len() } else { 0 }
}

impl Slot {
    /// Keeps a packet. Written field by field: building it elsewhere and moving it here costs more than all the rest.
    #[inline]
    pub(crate) fn set(&mut self, header: &[u8], payload: &Bytes, now: u32) {
        self.payload = Some(payload.clone());
        (self.sent, self.resent) = (now, NEVER);
        match &mut self.header {
            Header::Inline(len, bytes) if header.len() <= INLINE_HEADER => {
                *len = header.len() as u8;
                // Most headers are but the fixed part: a copy of constant size is a few moves.
                if let (Some(to), Some(from)) = (bytes.first_chunk_mut::<FIXED>(), header.first_chunk()) {
                    *to = *from;
                }
                // What follows is whole words. For so few of them a loop beats a call of memcpy.
                let rest = header.get(FIXED..).unwrap_or_default().as_chunks::<4>().0;
                let space = bytes.get_mut(FIXED..).unwrap_or_default().as_chunks_mut::<4>().0;
                space.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            }
            kept => *kept = Header::of(header),
        }
    }

    /// Makes `packet` a retransmission of what is kept.
    #[inline]
    pub(crate) fn restore(&self, packet: &mut RtpPacket) {
        if let Some((header, payload)) = self.parts() {
            // The header came from a packet and fits its payload: this cannot fail.
            let _ = packet.set_parts(header, payload.clone());
            packet.info_mut().origin = Origin::Retransmission;
        }
    }

    /// Was it sent again less than `cooldown` milliseconds before `now`, or is it about to be?
    pub(crate) const fn is_cooling(&self, cooldown: u32, now: u32) -> bool {
        self.resent == WAITING
            || self.resent != NEVER && now.wrapping_sub(self.resent).cast_signed() < cooldown.cast_signed()
    }

    /// It will be sent again.
    pub(crate) const fn mark_waiting(&mut self) {
        self.resent = WAITING;
    }

    /// It will not be sent again this time.
    pub(crate) const fn forget_resent(&mut self) {
        self.resent = NEVER;
    }

    pub(crate) const fn is_waiting(&self) -> bool {
        self.resent == WAITING
    }

    /// Notes a retransmission.
    pub(crate) fn mark_resent(&mut self, now: u32) {
        // Three milliseconds in 49 days stand for something else; the one before them serves as well.
        self.resent = now.min(WAITING - 1);
    }

    /// Lets go of a packet that is not to be sent again, though not of its place; gives the bytes that it kept.
    pub(crate) fn abandon(&mut self) -> usize {
        let bytes = self.kept_bytes();
        if !self.is_vacant() {
            self.vacate();
            (self.payload, self.resent) = (Some(Bytes::new()), ABANDONED);
        }
        bytes
    }

    pub(crate) const fn is_abandoned(&self) -> bool {
        self.resent == ABANDONED
    }

    pub(crate) const fn is_vacant(&self) -> bool {
        self.payload.is_none()
    }

    /// Header and everything behind it, of a packet that is there.
    pub(crate) fn parts(&self) -> Option<(&[u8], &Bytes)> {
        let header = match &self.header {
            Header::Inline(len, bytes) => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Header::Long(bytes) => bytes,
        };
        Some((header, self.payload.as_ref()?))
    }

    /// Bytes that it keeps beside itself: see [`kept_bytes`].
    pub(crate) fn kept_bytes(&self) -> usize {
        let Some(payload) = &self.payload else { return 0 };
        match &self.header {
            Header::Inline(..) => payload.len(),
            Header::Long(header) => payload.len() + 2 * header.len(),
        }
    }

    /// Lets go of the packet.
    #[inline]
    fn vacate(&mut self) {
        self.payload = None;
        if matches!(self.header, Header::Long(_)) {
            self.header = Header::default();
        }
    }
}

impl Header {
    #[cold]
    fn of(header: &[u8]) -> Self {
        let mut bytes = [0; INLINE_HEADER];
        match bytes.get_mut(..header.len()) {
            Some(inline) => {
                inline.copy_from_slice(header);
                Self::Inline(header.len() as u8, bytes)
            }
            None => Self::Long(header.into()),
        }
    }
}

/// A ring of slots that are counted from its front. All slots of the memory exist; those outside the ring are vacant.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    slots: Box<[Slot]>,
    front: usize,
    len: usize,
}

impl Slots {
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Slots that there is memory for.
    #[cfg(test)]
    pub(crate) const fn capacity(&self) -> usize {
        self.slots.len()
    }

    /// The slot at `place`; `None` outside the ring.
    #[inline]
    pub(crate) fn get(&self, place: usize) -> Option<&Slot> {
        if place < self.len { self.slots.get(self.at(place)) } else { None }
    }

    /// The slot at `place`; `None` outside the ring.
    #[inline]
    pub(crate) fn get_mut(&mut self, place: usize) -> Option<&mut Slot> {
        let at = self.at(place);
        if place < self.len { self.slots.get_mut(at) } else { None }
    }

    /// Adds a vacant slot at the back; gives it.
    #[inline]
    pub(crate) fn push_back(&mut self) -> Option<&mut Slot> {
        if self.len == self.slots.len() {
            self.grow(1);
        }
        let at = self.at(self.len);
        self.len += 1;
        self.slots.get_mut(at)
    }

    /// Adds `count` vacant slots at the back.
    pub(crate) fn extend_back(&mut self, count: usize) {
        if self.slots.len() - self.len < count {
            self.grow(count);
        }
        self.len += count;
    }

    /// Adds `count` vacant slots at the front.
    pub(crate) fn extend_front(&mut self, count: usize) {
        if self.slots.len() - self.len < count {
            self.grow(count);
        }
        self.front = self.at(self.slots.len() - count);
        self.len += count;
    }

    /// Takes the first slot out of the ring; gives the bytes that it kept.
    #[inline]
    pub(crate) fn pop_front(&mut self) -> usize {
        let Some(slot) = self.slots.get_mut(self.front).filter(|_| self.len > 0) else { return 0 };
        let bytes = slot.kept_bytes();
        slot.vacate();
        self.front = self.at(1);
        self.len -= 1;
        bytes
    }

    pub(crate) fn clear(&mut self) {
        self.slots.iter_mut().for_each(Slot::vacate);
        self.len = 0;
    }

    /// Gives memory back when more than half of it is unused.
    pub(crate) fn shrink(&mut self) {
        if self.len < self.slots.len() / 2 {
            self.resize(if self.len == 0 { 0 } else { self.len + (self.len / 8).max(MIN_CAPACITY) });
        }
    }

    #[inline]
    const fn at(&self, place: usize) -> usize {
        let at = self.front + place;
        if at < self.slots.len() { at } else { at - self.slots.len() }
    }

    /// Makes room for `more` slots: an eighth more than there are, so that at most that much is unused.
    #[cold]
    fn grow(&mut self, more: usize) {
        self.resize(self.len + more.max(self.len / 8).max(MIN_CAPACITY));
    }

    #[cold]
    fn resize(&mut self, capacity: usize) {
        let mut slots = Vec::with_capacity(capacity);
        slots.extend((0..self.len).filter_map(|place| self.get_mut(place).map(std::mem::take)));
        slots.resize_with(capacity, Slot::default);
        (self.slots, self.front) = (slots.into_boxed_slice(), 0);
    }
}
