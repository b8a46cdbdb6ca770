//! Where the sequence numbers of one SSRC stand in the history: RFC 8888 names packets by them.

use crate::history::{History, State};

/// What the ring begins with: an audio stream needs no more.
const FIRST_LEN: usize = 64;

/// The index of each of the last packets of an SSRC, four bytes each.
#[derive(Debug)]
pub(crate) struct Numbers {
    /// The SSRC's number among those of the connection.
    pub(crate) source: u16,
    pub(crate) ssrc: u32,
    /// Low halves of indices, a power of two of them; that of a number stands at the number modulo how many there are.
    indices: Vec<u32>,
    /// The number of the next packet, if they go on as they did; `None` before the first.
    next: Option<u16>,
    /// All before it are told, or forgotten.
    untold: u16,
}

impl Numbers {
    pub(crate) const fn new(source: u16, ssrc: u32) -> Self {
        Self { source, ssrc, indices: Vec::new(), next: None, untold: 0 }
    }

    /// The packet with this number has this index.
    #[inline]
    pub(crate) fn note(&mut self, number: u16, index: u64, history: &History) {
        if self.indices.is_empty() {
            self.indices = vec![0; FIRST_LEN];
            self.untold = number;
        }
        if self.indices.len() < history.capacity() && self.pushes_out(number, history) {
            self.grow();
        }
        let mask = self.indices.len() - 1;
        if let Some(slot) = self.indices.get_mut(usize::from(number) & mask) {
            *slot = index as u32;
        }
        let ahead = self.next.is_none_or(|next| number.wrapping_sub(next).cast_signed() >= 0);
        if ahead {
            self.next = Some(number.wrapping_add(1));
        }
    }

    /// Does a packet that nobody has told of stand where this number will?
    fn pushes_out(&self, number: u16, history: &History) -> bool {
        let before = number.wrapping_sub(self.indices.len() as u16);
        self.index(before, history).is_some_and(|index| history.state(index) == State::InFlight)
    }

    #[cold]
    fn grow(&mut self) {
        let len = self.indices.len();
        // What stands at a number stands at both that are equal modulo the length: who looks up checks the number.
        self.indices.extend_from_within(..len);
    }

    /// The index of the packet with this number, if the history knows it.
    #[inline]
    pub(crate) fn index(&self, number: u16, history: &History) -> Option<u64> {
        let mask = self.indices.len().checked_sub(1)?;
        let low = *self.indices.get(usize::from(number) & mask)?;
        // Indices of the ring are near the next.
        let behind = (history.next() as u32).wrapping_sub(low);
        let index = history.next().checked_sub(behind.into())?;
        history.is_of(index, self.source, number).then_some(index)
    }

    /// Numbers that nobody has told of, up to `end`, which is the first that somebody has; they count as told from now on.
    pub(crate) fn take_untold(&mut self, end: u16) -> impl Iterator<Item = u16> + use<> {
        let (len, start) = (self.indices.len() as u16, self.untold);
        let count = end.wrapping_sub(start);
        let (start, count) = if count.cast_signed() < 0 {
            (start, 0)
        } else {
            let known = count.min(len);
            self.untold = end;
            (end.wrapping_sub(known), known)
        };
        (0..count).map(move |offset| start.wrapping_add(offset))
    }

    /// All numbers before `end` are told.
    pub(crate) const fn told_before(&mut self, end: u16) {
        if end.wrapping_sub(self.untold).cast_signed() > 0 {
            self.untold = end;
        }
    }

    /// Is this number one that was sent, or that could have been?
    pub(crate) fn is_ahead(&self, number: u16) -> bool {
        self.next.is_none_or(|next| number.wrapping_sub(next).cast_signed() >= 0)
    }
}
