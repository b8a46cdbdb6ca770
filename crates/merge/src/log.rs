//! Which of a stream's newest numbers have come, when first, and over which paths.

/// Entries that a log begins with; it grows with the stream's rate.
const FEWEST: usize = 64;

/// A number that has come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entry {
    /// Its low 32 bits: a slot may still have a number of the last round.
    number: u32,
    /// Of the first copy's payload.
    pub(crate) fingerprint: u32,
    /// When the first copy came, in microseconds that wrap.
    pub(crate) at: u32,
    /// A bit for each path that has brought it; 0: the slot is empty.
    pub(crate) paths: u8,
    /// The path of the first copy.
    pub(crate) first: u8,
}

const _: () = assert!(size_of::<Entry>() == 16, "the documentation says so");

/// A ring of the newest numbers: those of the last `skew`, as far as `most` slots reach. It follows the rate of the stream, since ten
/// thousand telephone calls must not pay for a stream of many megabits.
#[derive(Debug, Default)]
pub(crate) struct CopyLog {
    slots: Vec<Entry>,
    newest: i64,
    /// A number that was the newest once, and when.
    mark: (i64, u32),
}

/// How far a log reaches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// Numbers at most, a power of two.
    pub(crate) most: usize,
    /// Time at least, in microseconds.
    pub(crate) micros: u32,
}

impl CopyLog {
    /// The newest number; `None` before the first.
    #[inline]
    pub(crate) const fn newest(&self) -> Option<i64> {
        if self.slots.is_empty() { None } else { Some(self.newest) }
    }

    /// Is the number older than all that it could know?
    #[inline]
    pub(crate) const fn is_behind(&self, number: i64) -> bool {
        !self.slots.is_empty() && number <= self.newest.saturating_sub(self.slots.len() as i64)
    }

    /// The number's entry, if it has come.
    #[inline]
    pub(crate) fn get_mut(&mut self, number: i64) -> Option<&mut Entry> {
        let slot = self.slot(number);
        self.slots.get_mut(slot).filter(|entry| entry.paths != 0 && entry.number == number as u32)
    }

    /// Notes the first copy of a number that is not behind.
    #[inline]
    pub(crate) fn insert(&mut self, number: i64, path: u8, fingerprint: u32, at: u32, reach: Reach) {
        if self.slots.is_empty() {
            self.slots = vec![Entry::default(); FEWEST.min(reach.most)];
            (self.newest, self.mark) = (number, (number, at));
        }
        if number > self.newest {
            self.make_room(number, at, reach);
            self.newest = number;
        }
        let slot = self.slot(number);
        if let Some(entry) = self.slots.get_mut(slot) {
            *entry = Entry { number: number as u32, fingerprint, at, paths: 1 << path, first: path };
        }
    }

    /// Half a ring must reach back by the skew at least, whatever is missing in it, so that the whole one always does. A gap is as many
    /// numbers that another path may bring.
    #[inline]
    fn make_room(&mut self, number: i64, at: u32, reach: Reach) {
        let (from, since) = self.mark;
        let half = self.slots.len() as i64 / 2;
        if number - from < half {
            return;
        }
        self.mark = (number, at);
        if self.slots.len() < reach.most && at.wrapping_sub(since) < reach.micros {
            self.grow(number - from, reach.most);
        }
    }

    /// To twice the ring, or as much as holds a gap of so many twice.
    #[cold]
    fn grow(&mut self, numbers: i64, most: usize) {
        let gap = usize::try_from(numbers).unwrap_or(most).min(most);
        let wanted = (2 * self.slots.len().max(gap)).next_power_of_two().min(most);
        let old = std::mem::replace(&mut self.slots, vec![Entry::default(); wanted]);
        let mask = wanted as u32 - 1;
        for entry in old.iter().filter(|entry| entry.paths != 0) {
            if let Some(slot) = self.slots.get_mut((entry.number & mask) as usize)
                // Of two rounds the later one stays.
                && (slot.paths == 0 || entry.number.wrapping_sub(slot.number).cast_signed() > 0)
            {
                *slot = *entry;
            }
        }
    }

    #[inline]
    const fn slot(&self, number: i64) -> usize {
        (number as u64 & (self.slots.len() as u64).wrapping_sub(1)) as usize
    }
}
