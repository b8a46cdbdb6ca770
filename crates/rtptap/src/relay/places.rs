//! Who is being answered: so many at a time, and nobody keeps others out by saying nothing.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long one who has asked keeps the place against others: an answer leaves in much less, if it is read.
const ANSWERING: Duration = Duration::from_secs(1);

/// Places for connections, each with what ends it.
#[derive(Debug)]
pub(super) struct Places<T> {
    most: usize,
    /// The oldest has the lowest number.
    next: u64,
    taken: BTreeMap<u64, Place<T>>,
}

#[derive(Debug)]
struct Place<T> {
    /// When it had said what it wants.
    asked: Option<Instant>,
    occupant: T,
}

impl<T> Places<T> {
    pub(super) const fn new(most: usize) -> Self {
        Self { most, next: 0, taken: BTreeMap::new() }
    }

    /// Is there room for one more, if need be once one has gone that waits without having asked, else one that does not take
    /// its answer? Gives who must go, the oldest first.
    pub(super) fn make_room(&mut self, now: Instant) -> Result<Option<T>, NoRoom> {
        if self.taken.len() < self.most {
            return Ok(None);
        }
        let silent = self.taken.iter().find(|(_, place)| place.asked.is_none());
        let stuck = || self.taken.iter().find(|(_, place)| place.is_stuck(now));
        let number = silent.or_else(stuck).map(|(number, _)| *number).ok_or(NoRoom)?;
        Ok(self.taken.remove(&number).map(|place| place.occupant))
    }

    /// Seats one, in the room that was made; `occupant` is made from its number.
    pub(super) fn seat(&mut self, occupant: impl FnOnce(u64) -> T) {
        let number = self.next;
        self.next += 1;
        self.taken.insert(number, Place { asked: None, occupant: occupant(number) });
    }

    /// It has said what it wants.
    pub(super) fn has_asked(&mut self, number: u64, now: Instant) {
        if let Some(place) = self.taken.get_mut(&number) {
            place.asked.get_or_insert(now);
        }
    }

    /// It is gone.
    pub(super) fn leave(&mut self, number: u64) {
        self.taken.remove(&number);
    }
}

impl<T> Place<T> {
    fn is_stuck(&self, now: Instant) -> bool {
        self.asked.is_some_and(|at| now.saturating_duration_since(at) >= ANSWERING)
    }
}

/// All places are taken by connections that are being answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoRoom;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any instant will do")]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_that_has_not_asked_makes_room_then_the_oldest_that_does_not_listen() {
        let (mut places, start) = (Places::new(3), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        for _ in 0..3 {
            assert_eq!(places.make_room(at(0)), Ok(None));
            places.seat(|number| number);
        }
        places.has_asked(0, at(0));
        assert_eq!(places.make_room(at(10)), Ok(Some(1)));
        places.seat(|number| number);
        assert_eq!(places.make_room(at(10)), Ok(Some(2)));
        places.seat(|number| number);
        places.has_asked(3, at(20));
        places.has_asked(4, at(30));
        assert_eq!(places.make_room(at(999)), Err(NoRoom), "all are being answered");
        places.has_asked(0, at(999));
        assert_eq!(places.make_room(at(1000)), Ok(Some(0)), "asked a second ago");
        places.leave(0);
        places.leave(3);
        assert_eq!(places.make_room(at(1000)), Ok(None));
    }
}
