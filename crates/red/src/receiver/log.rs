//! Which of a remote stream's last packets have come, and when they were sampled.

use interceptor_core::packet::{Place, Placing};

/// Numbers that it looks back: a block reaches 32 packets at most.
const WINDOW: i64 = 64;

/// The last 64 sequence numbers, with the timestamps of those that have come or were made.
#[derive(Debug)]
pub(crate) struct Log {
    placing: Placing,
    newest: i64,
    /// Nothing before it is missing.
    first: i64,
    /// Number `n` has bit `n mod 64`.
    came: u64,
    /// Of those that came: made of redundant blocks, or restored by retransmissions.
    made: u64,
    timestamps: [u32; WINDOW as usize],
    /// Ticks from one packet to the next, as two in a row had them last; 0 before.
    step: u32,
}

/// Whose a redundant block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Of this packet, which has not come.
    Missing(i64),
    /// Of one that has.
    Known,
    /// Nobody can say.
    Nobody,
}

/// A number of the window, and how many ticks it was before the packet that has come.
#[derive(Clone, Copy)]
struct Neighbour {
    at: i64,
    age: i64,
}

impl Log {
    pub(crate) fn new() -> Self {
        let timestamps = [0; WINDOW as usize];
        let placing = Placing::default();
        Self { placing, newest: i64::MIN, first: i64::MAX, came: 0, made: 0, timestamps, step: 0 }
    }

    /// A packet has come. Gives where it stands: `None` behind the window.
    #[inline]
    pub(crate) fn place(&mut self, seq: u16) -> Option<i64> {
        match self.placing.place(seq, self.newest.saturating_sub(WINDOW - 1)) {
            Place::Here(at) => {
                if self.first == i64::MAX {
                    (self.first, self.newest) = (at, at);
                }
                Some(at)
            }
            Place::Behind => None,
            Place::Restart(at) => {
                (self.first, self.newest, self.came, self.made) = (at, at, 0, 0);
                Some(at)
            }
        }
    }

    /// Notes what has come, by itself or `restored` by a retransmission. `true`: it is one copy too many, as its number has come before and
    /// one of the copies was made or restored.
    #[inline]
    pub(crate) fn note(&mut self, at: i64, timestamp: u32, restored: bool) -> bool {
        if at == self.newest + 1 && self.came & bit(self.newest) != 0 {
            self.step = timestamp.wrapping_sub(self.timestamp(self.newest));
        }
        self.advance(at);
        let second = self.came & bit(at) != 0;
        if restored {
            self.made |= bit(at);
        }
        self.put(at, timestamp);
        second && self.made & bit(at) != 0
    }

    /// The missing packet has been made.
    pub(crate) fn make(&mut self, at: i64, timestamp: u32) {
        self.made |= bit(at);
        self.put(at, timestamp);
    }

    /// Whose block is it that came with the packet `at`, `offset` ticks before that?
    ///
    /// Blocks name times, not numbers. Packets that have come stand between the missing ones and say when those were: a single one
    /// between two is the block's, of several the one that is due then when all are equally long, or when they are as long as the last.
    #[inline]
    pub(crate) fn owner(&self, at: i64, offset: u16) -> Owner {
        let (offset, now) = (i64::from(offset), self.timestamp(at));
        if offset == 0 {
            return Owner::Nobody;
        }
        let (mut above, mut below) = (Neighbour { at, age: 0 }, None);
        for number in (self.oldest()..at).rev().filter(|number| self.came & bit(*number) != 0) {
            let age = i64::from(now.wrapping_sub(self.timestamp(number)).cast_signed());
            if age == offset {
                return Owner::Known;
            }
            if age > offset {
                below = Some(Neighbour { at: number, age });
                break;
            }
            above = Neighbour { at: number, age: age.max(above.age) };
        }
        let found = match below {
            Some(below) => self.between(below, above, offset),
            None => self.before(above, offset),
        };
        found.map_or(Owner::Nobody, Owner::Missing)
    }

    /// Of the missing packets between two that came, the one of that age.
    fn between(&self, below: Neighbour, above: Neighbour, age: i64) -> Option<i64> {
        let places = above.at - below.at;
        if places == 2 {
            return Some(below.at + 1);
        }
        let even =
            Some((below.age - above.age) / places).filter(|step| step * places == below.age - above.age);
        let inside = |number: &i64| (below.at + 1..above.at).contains(number);
        let from_below = |step| steps(below.age - age, step).map(|steps| below.at + steps).filter(inside);
        let from_above = |step| steps(age - above.age, step).map(|steps| above.at - steps).filter(inside);
        let learned = i64::from(self.step);
        even.and_then(from_below).or_else(|| from_above(learned)).or_else(|| from_below(learned))
    }

    /// Of the missing packets before all that came, but after the stream's first, the one of that age.
    fn before(&self, above: Neighbour, age: i64) -> Option<i64> {
        let number = above.at - steps(age - above.age, i64::from(self.step))?;
        (self.oldest()..above.at).contains(&number).then_some(number)
    }

    fn oldest(&self) -> i64 {
        self.first.max(self.newest.saturating_sub(WINDOW - 1))
    }

    /// The window moves on.
    #[inline]
    fn advance(&mut self, at: i64) {
        let ahead = at - self.newest;
        if ahead <= 0 {
            return;
        }
        if ahead >= WINDOW {
            (self.came, self.made) = (0, 0);
        } else {
            for number in self.newest + 1..=at {
                self.came &= !bit(number);
                self.made &= !bit(number);
            }
        }
        self.newest = at;
    }

    #[inline]
    fn put(&mut self, at: i64, timestamp: u32) {
        self.came |= bit(at);
        if let Some(place) = self.timestamps.get_mut(index(at)) {
            *place = timestamp;
        }
    }

    #[inline]
    fn timestamp(&self, at: i64) -> u32 {
        self.timestamps.get(index(at)).copied().unwrap_or_default()
    }
}

const fn index(at: i64) -> usize {
    at.rem_euclid(WINDOW) as usize
}

const fn bit(at: i64) -> u64 {
    1 << index(at)
}

/// How many packets of `step` ticks, if it is a whole number.
fn steps(ticks: i64, step: i64) -> Option<i64> {
    (step > 0 && ticks % step == 0).then(|| ticks / step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With these (number, timestamp) come.
    fn log(came: &[(u16, u32)]) -> Log {
        let mut log = Log::new();
        for (seq, timestamp) in came {
            if let Some(at) = log.place(*seq) {
                log.note(at, *timestamp, false);
            }
        }
        log
    }

    #[test]
    fn a_single_missing_packet_owns_what_is_between_its_neighbours() {
        let log = log(&[(10, 0), (12, 5000)]);
        assert_eq!(log.owner(12, 5000), Owner::Known);
        assert_eq!(log.owner(12, 4040), Owner::Missing(11), "whatever its time");
        assert_eq!(log.owner(12, 0), Owner::Nobody);
        assert_eq!(log.owner(12, 5001), Owner::Nobody, "nothing is missing before the first");
    }

    #[test]
    fn of_several_the_one_that_is_due_owns_it() {
        let even = log(&[(10, 0), (14, 4 * 960)]);
        assert_eq!([960, 1920, 2880].map(|offset| even.owner(14, offset)), [13, 12, 11].map(Owner::Missing));
        assert_eq!(even.owner(14, 961), Owner::Nobody);
        // A pause somewhere in the gap: the step of before counts, from either end.
        let paused = log(&[(9, 0), (10, 960), (14, 960 + 20_000)]);
        assert_eq!(paused.owner(14, 960), Owner::Missing(13));
        assert_eq!(paused.owner(14, 20_000 - 960), Owner::Missing(11));
        assert_eq!(paused.owner(14, 7777), Owner::Nobody);
    }

    #[test]
    fn after_a_gap_wider_than_the_window_the_last_step_counts() {
        let log = log(&[(0, 0), (1, 960), (201, 960 * 201)]);
        assert_eq!(log.owner(201, 1920), Owner::Missing(199));
        assert_eq!(log.owner(201, 961), Owner::Nobody);
    }

    #[test]
    fn before_the_first_packet_nothing_is_missing() {
        let log = log(&[(5, 0), (6, 960)]);
        assert_eq!(log.owner(6, 1920), Owner::Nobody);
    }

    #[test]
    fn what_was_made_is_told_once() {
        let mut log = log(&[(65_534, 0), (0, 1920)]);
        assert_eq!(log.owner(65_536, 960), Owner::Missing(65_535));
        log.make(65_535, 960);
        assert_eq!(log.owner(65_536, 960), Owner::Known);
        assert!(log.note(65_535, 960, false), "the original");
        assert!(log.note(65_535, 960, false), "and its copies");
        assert!(!log.note(65_536, 1920, false), "what the path doubles of what came by itself goes on");
        assert!(log.note(65_536, 1920, true), "and a retransmission of it does not");
    }

    #[test]
    fn a_sender_that_counts_anew_has_a_new_log() {
        let mut log = log(&[(20_000, 0), (20_001, 960)]);
        assert_eq!(log.place(5), None);
        let at = log.place(6).unwrap();
        log.note(at, 50_000, false);
        assert_eq!(log.owner(at, 960), Owner::Nobody);
    }
}
