//! Which packets came when: those that no feedback has been about, and the last before them, in the order of their numbers.

use std::collections::VecDeque;

use crate::TwccOptions;

/// What times are counted in: a receive delta's unit (draft §3.1.5).
pub(crate) const TICK_NANOS: u64 = 250_000;

/// A packet that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Its number, unwrapped.
    pub(crate) number: i64,
    /// When, in [`TICK_NANOS`] since the chain began.
    pub(crate) tick: u64,
}

const _: () = assert!(size_of::<Arrival>() == 16, "the documentation says so");

/// What became of a packet that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noted {
    /// The next feedback is about it.
    Waits,
    /// A feedback has left that said it was missing: the next one tells otherwise.
    Late,
    /// Too late for that.
    TooLate,
    /// It had come before.
    Duplicate,
}

/// Memory follows the packets that come, not the numbers that they bear: a number far away costs what any other does.
#[derive(Debug)]
pub(crate) struct Arrivals {
    /// Ascending numbers, without gaps being stored.
    log: VecDeque<Arrival>,
    /// The first number that no feedback has been about.
    next: i64,
    reported: bool,
    /// First and last of the numbers below `next` that came late, and how many these are.
    late: Option<(i64, i64)>,
    late_count: u64,
    late_packets: i64,
    late_ticks: u64,
    max: usize,
    /// Arrivals that were pushed out unreported.
    pub(crate) forgotten: u64,
}

impl Arrivals {
    pub(crate) fn new(options: &TwccOptions) -> Self {
        Self {
            log: VecDeque::new(),
            next: 0,
            reported: false,
            late: None,
            late_count: 0,
            late_packets: options.late_packets.into(),
            late_ticks: (options.late_time.as_nanos() as u64).div_ceil(TICK_NANOS),
            max: options.max_arrivals,
            forgotten: 0,
        }
    }

    /// The lowest number that is of use.
    #[inline]
    pub(crate) const fn floor(&self) -> i64 {
        self.next.saturating_sub(self.late_packets)
    }

    /// The highest number that has come.
    #[inline]
    pub(crate) fn newest(&self) -> Option<i64> {
        self.log.back().map(|arrival| arrival.number)
    }

    #[inline]
    pub(crate) fn note(&mut self, number: i64, tick: u64) -> Noted {
        match self.newest() {
            None => self.next = number,
            Some(newest) if number > newest => {}
            Some(_) => return self.note_overtaken(number, tick),
        }
        self.log.push_back(Arrival { number, tick });
        self.make_room();
        Noted::Waits
    }

    fn note_overtaken(&mut self, number: i64, tick: u64) -> Noted {
        let at = self.position(number);
        let Some(above) = self.log.get(at) else { return Noted::TooLate };
        if above.number == number {
            return Noted::Duplicate;
        }
        let noted = if number >= self.next {
            Noted::Waits
        } else if self.next - number > self.late_packets {
            return Noted::TooLate;
        } else if !self.reported {
            self.next = number;
            Noted::Waits
        } else if tick.saturating_sub(above.tick) > self.late_ticks {
            return Noted::TooLate;
        } else {
            let (first, last) = self.late.unwrap_or((number, number));
            self.late = Some((first.min(number), last.max(number)));
            self.late_count += 1;
            Noted::Late
        };
        self.log.insert(at, Arrival { number, tick });
        self.make_room();
        noted
    }

    /// The oldest goes for a new one; the late ones go together.
    fn make_room(&mut self) {
        while self.log.len() > self.max {
            let Some(oldest) = self.log.pop_front() else { return };
            if self.late.is_some_and(|(first, _)| oldest.number >= first) {
                self.late = None;
                self.forgotten += std::mem::take(&mut self.late_count);
            }
            if oldest.number >= self.next {
                self.next = oldest.number + 1;
                self.forgotten += 1;
            }
        }
    }

    fn position(&self, number: i64) -> usize {
        self.log.partition_point(|arrival| arrival.number < number)
    }

    /// Packets that wait for the next feedback, late ones included.
    pub(crate) fn waiting(&self) -> u64 {
        self.late_count + (self.log.len() - self.position(self.next)) as u64
    }

    /// The packets around those that came late, as they stand now; nothing if none did.
    pub(crate) fn late(&self) -> (i64, impl Iterator<Item = Arrival> + '_) {
        let (first, last) = self.late.unwrap_or((0, -1));
        (first, self.from(first).take_while(move |arrival| arrival.number <= last))
    }

    /// The packets that no feedback has been about, and the number at which that begins.
    pub(crate) fn fresh(&self) -> (i64, impl Iterator<Item = Arrival> + '_) {
        (self.next, self.from(self.next))
    }

    fn from(&self, number: i64) -> impl Iterator<Item = Arrival> + '_ {
        self.log.range(self.position(number)..).copied()
    }

    /// All have been reported. What may be repeated beside a late packet stays.
    pub(crate) fn reported(&mut self) {
        let Some(newest) = self.newest() else { return };
        (self.next, self.reported) = (newest + 1, true);
        (self.late, self.late_count) = (None, 0);
        let keep = self.position(newest + 1 - self.late_packets.max(1));
        self.log.drain(..keep);
    }
}
