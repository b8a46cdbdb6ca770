//! Which packets of one SSRC came when: those that no report has been about, and the last before them, in order.

use std::collections::VecDeque;

use interceptor_core::packet::{Ecn, Place, Placing};

use crate::Rfc8888Options;

/// A packet that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Its sequence number, unwrapped.
    pub(crate) number: i64,
    /// When, in nanoseconds since the chain began.
    pub(crate) nanos: u64,
    pub(crate) ecn: Ecn,
}

const _: () = assert!(size_of::<Arrival>() == 24, "the documentation says so");

/// What became of a packet that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noted {
    /// The next report is about it.
    Waits,
    /// A report has left that said it was missing: the next one tells otherwise.
    Late,
    /// Its source counts anew from it on.
    Restart,
    /// Too late.
    TooLate,
    /// It had come before.
    Duplicate,
    /// It had come before, and been reported without the mark that this copy has.
    DuplicateMarked,
}

/// Memory follows the packets that come, not the numbers that they bear.
#[derive(Debug)]
pub(crate) struct Arrivals {
    /// Ascending numbers; gaps are not stored.
    log: VecDeque<Arrival>,
    placing: Placing,
    /// The first number that no report has been about.
    next: i64,
    reported: bool,
    /// The first of the numbers below `next` of which there is news, and how many came late.
    late: Option<i64>,
    late_count: u64,
    late_packets: i64,
    max: usize,
    /// Arrivals that were pushed out unreported.
    pub(crate) forgotten: u64,
}

impl Arrivals {
    pub(crate) fn new(options: &Rfc8888Options) -> Self {
        Self {
            log: VecDeque::new(),
            placing: Placing::default(),
            next: 0,
            reported: false,
            late: None,
            late_count: 0,
            late_packets: options.late_packets.into(),
            max: options.max_arrivals,
            forgotten: 0,
        }
    }

    #[inline]
    pub(crate) fn note(&mut self, number: u16, nanos: u64, ecn: Ecn) -> Noted {
        let floor = self.next.saturating_sub(self.late_packets);
        let (number, noted) = match self.placing.place(number, floor) {
            Place::Here(number) => (number, Noted::Waits),
            Place::Restart(number) => (number, Noted::Restart),
            Place::Behind => return Noted::TooLate,
        };
        let arrival = Arrival { number, nanos, ecn };
        match self.log.back() {
            None => self.next = number,
            Some(newest) if number > newest.number => {}
            Some(_) => return self.note_overtaken(arrival),
        }
        self.log.push_back(arrival);
        self.make_room();
        noted
    }

    fn note_overtaken(&mut self, arrival: Arrival) -> Noted {
        let at = self.position(arrival.number);
        if let Some(before) = self.log.get_mut(at).filter(|before| before.number == arrival.number) {
            let marked = arrival.ecn == Ecn::Ce && before.ecn != Ecn::Ce;
            if marked {
                // RFC 8888 §3.1: the first arrival counts, and the mark of any copy.
                before.ecn = Ecn::Ce;
            }
            if !marked || arrival.number >= self.next {
                return Noted::Duplicate;
            }
            self.tell_again(arrival.number);
            return Noted::DuplicateMarked;
        }
        let noted = if arrival.number >= self.next {
            Noted::Waits
        } else if !self.reported {
            self.next = arrival.number;
            Noted::Waits
        } else {
            self.tell_again(arrival.number);
            self.late_count += 1;
            Noted::Late
        };
        self.log.insert(at, arrival);
        self.make_room();
        noted
    }

    fn tell_again(&mut self, number: i64) {
        self.late = Some(self.late.map_or(number, |late| late.min(number)));
    }

    /// The oldest goes for a new one; the late ones go together.
    fn make_room(&mut self) {
        while self.log.len() > self.max {
            let Some(oldest) = self.log.pop_front() else { return };
            if self.late.is_some_and(|late| oldest.number >= late) {
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

    /// Packets that wait for the next report.
    pub(crate) fn waiting(&self) -> u64 {
        self.late_count + (self.log.len() - self.position(self.next)) as u64
    }

    /// Is there anything to tell?
    pub(crate) fn has_news(&self) -> bool {
        self.late.is_some() || self.log.back().is_some_and(|newest| newest.number >= self.next)
    }

    /// The packets to report, from the first of which there is news, and the number at which that begins.
    pub(crate) fn news(&self) -> (i64, impl Iterator<Item = Arrival> + '_) {
        let from = self.late.unwrap_or(self.next);
        (from, self.log.range(self.position(from)..).copied())
    }

    /// All have been reported. What may be repeated beside a late packet stays.
    pub(crate) fn reported(&mut self) {
        let Some(newest) = self.log.back().map(|newest| newest.number) else { return };
        (self.next, self.reported) = (newest + 1, true);
        (self.late, self.late_count) = (None, 0);
        let keep = self.position(newest + 1 - self.late_packets.max(1));
        self.log.drain(..keep);
    }
}
