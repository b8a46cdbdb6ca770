//! Which of the newest sequence numbers of a stream are missing.

/// What inserting a number has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inserted {
    /// The newest number; it shows this many others before it to be missing.
    Newest { gap: u64 },
    /// A missing number that is missing no more.
    Filled,
    /// A number that is here already.
    Duplicate,
    /// A number before the first one of the stream, which comes for the first time.
    Early,
    /// Older than the window: nothing changed.
    TooOld,
}

/// A window over a stream's unwrapped sequence numbers, with one bit for each that is *missing*.
///
/// As only gaps leave marks, a packet in order touches no bit while nothing is missing, and the bits are not even
/// allocated before the first gap.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct ReceiveLog {
    // A packet in order touches these three.
    newest: i64,
    /// The number that would be in order; [`NOT_STARTED`] before the first.
    expected: u32,
    /// Bits set.
    missing: u32,
    /// The first number that came; nothing before it is missing, though it may come.
    start: i64,
    /// The lowest number that came; what has not come between it and `start` has its bit set as what is missing does.
    first: i64,
    window: u32,
    /// Number `n` has bit `n mod window`. Empty before the first gap.
    bits: Box<[u64]>,
}

/// No 16-bit number is equal to it.
const NOT_STARTED: u32 = 1 << 16;

impl ReceiveLog {
    /// So many bytes at its beginning are all that a packet in order touches while nothing is missing.
    pub(crate) const HOT_BYTES: usize = std::mem::offset_of!(Self, start);

    /// A log of the newest `window` numbers, a power of two from 64 to 32 768.
    pub(crate) fn new(window: u32) -> Self {
        Self {
            newest: 0,
            start: 0,
            first: 0,
            expected: NOT_STARTED,
            missing: 0,
            window,
            bits: Box::default(),
        }
    }

    /// Takes the number that follows the newest one, and says whether it was that. Touches no bit while nothing is
    /// missing.
    #[inline]
    pub(crate) fn insert_expected(&mut self, seq: u16) -> bool {
        if self.expected != u32::from(seq) {
            return false;
        }
        self.newest += 1;
        self.expected = u32::from(seq.wrapping_add(1));
        if self.missing != 0 {
            self.clear(self.newest);
        }
        true
    }

    /// Where a number of 16 bits lies next to the newest one; `None` before the first.
    #[inline]
    pub(crate) fn unwrap(&self, seq: u16) -> Option<i64> {
        let distance = seq.wrapping_sub(self.newest as u16).cast_signed();
        (self.expected != NOT_STARTED).then(|| self.newest + i64::from(distance))
    }

    /// The newest number; 0 before the first.
    #[inline]
    pub(crate) const fn newest(&self) -> i64 {
        self.newest
    }

    /// The number that the log started with; 0 before the first.
    pub(crate) const fn start_number(&self) -> i64 {
        self.start
    }

    /// Numbers in the window.
    pub(crate) fn window(&self) -> i64 {
        i64::from(self.window)
    }

    /// The oldest number that can be missing.
    pub(crate) fn oldest(&self) -> i64 {
        (self.newest - self.window() + 1).max(self.start)
    }

    /// Starts, or starts again, at `seq`: nothing is missing.
    pub(crate) fn start(&mut self, seq: i64) {
        self.bits.fill(0);
        self.missing = 0;
        (self.start, self.first) = (seq, seq);
        self.set_newest(seq);
    }

    /// Takes a number of a log that has started.
    pub(crate) fn insert(&mut self, seq: i64) -> Inserted {
        if seq > self.newest {
            let gap = seq.abs_diff(self.newest) - 1;
            self.advance(seq, gap);
            return Inserted::Newest { gap };
        }
        if seq <= self.newest - self.window() {
            return Inserted::TooOld;
        }
        let is_new = if seq < self.first { self.begin_at(seq) } else { self.clear(seq) };
        match (is_new, seq < self.start) {
            (false, _) => Inserted::Duplicate,
            (true, true) => Inserted::Early,
            (true, false) => Inserted::Filled,
        }
    }

    /// A number from before the first has come: those between the two may come as well. `true`: it is new.
    fn begin_at(&mut self, seq: i64) -> bool {
        self.make_bits();
        for between in seq + 1..self.first {
            self.set(between);
        }
        self.first = seq;
        true
    }

    fn advance(&mut self, seq: i64, gap: u64) {
        if gap > 0 {
            self.make_bits();
        }
        if gap >= u64::from(self.window) {
            self.bits.fill(u64::MAX);
            self.missing = self.window;
        } else {
            for lost in self.newest + 1..seq {
                self.set(lost);
            }
        }
        self.clear(seq);
        self.set_newest(seq);
    }

    fn make_bits(&mut self) {
        if self.bits.is_empty() {
            self.bits = vec![0; self.window as usize / 64].into_boxed_slice();
        }
    }

    const fn set_newest(&mut self, seq: i64) {
        self.newest = seq;
        self.expected = (seq as u16).wrapping_add(1) as u32;
    }

    /// Marks a number as missing. If the one that leaves the window was, the count stays.
    fn set(&mut self, seq: i64) {
        let (word, bit) = self.place(seq);
        let Some(word) = self.bits.get_mut(word) else { return };
        self.missing += u32::from(*word & bit == 0);
        *word |= bit;
    }

    /// Marks a number as here; says whether its bit was set.
    fn clear(&mut self, seq: i64) -> bool {
        let (word, bit) = self.place(seq);
        let Some(word) = self.bits.get_mut(word).filter(|word| **word & bit != 0) else { return false };
        *word &= !bit;
        self.missing -= 1;
        true
    }

    #[inline]
    const fn place(&self, seq: i64) -> (usize, u64) {
        let place = seq as u64 & (self.window as u64 - 1);
        (place as usize / 64, 1 << (place % 64))
    }
}

#[cfg(test)]
mod tests;
