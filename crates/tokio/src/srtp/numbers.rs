//! Which packet of its stream one is: its number, with how often numbers have wrapped.

const HALF: u64 = 1 << 15;
const ROUND: u64 = 1 << 16;

/// Where a stream is, by the packets of it that have been the peer's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    /// Of the packet that came last, late or not.
    last: u64,
    newest: u64,
}

impl Numbers {
    pub(super) fn from_first(number: u16) -> Self {
        Self { last: number.into(), newest: number.into() }
    }

    /// The index (RFC 3711 §3.3.1) that the library takes a packet of this number for: it looks at the one that came last.
    pub(super) fn index(&self, number: u16) -> u64 {
        let (at, number) = (self.last % ROUND, u64::from(number));
        let index = self.last - at + number;
        if self.last > HALF && at < HALF && number > at + HALF {
            index - ROUND
        } else if self.last > HALF && at >= HALF && at - HALF > number {
            index + ROUND
        } else {
            index
        }
    }

    /// Is it older than the window? The library's own knows numbers alone, and takes what is half a round old for new.
    pub(super) const fn is_past(&self, index: u64, window: usize) -> bool {
        index + window as u64 <= self.newest
    }

    pub(super) fn accept(&mut self, index: u64) {
        (self.last, self.newest) = (index, self.newest.max(index));
    }
}
