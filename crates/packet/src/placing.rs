//! Puts 16-bit numbers on a line without end, and notices a sender that begins to count anew.

/// A number so far behind is no late packet's but for chance (RFC 3550 A.1 MAX_DROPOUT).
const FAR_BEHIND: i64 = 3000;
/// Numbers in a row that a restart takes, far behind and less far. Less far they may be a burst that a path kept back.
const FAR_ROW: u32 = 2;
const NEAR_ROW: u32 = 16;

/// Where a number stands on the line that [`Placing`] makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Ahead of all, or among those that may be late.
    Here(i64),
    /// Behind all that could still be reported.
    Behind,
    /// The sender counts anew: the number is ahead of all, by more than 32 767.
    Restart(i64),
}

/// Takes the numbers of a sender off the circle, as an [`Unwrapper`](crate::Unwrapper) does, for one who reports arrivals: what is too late to be of use
/// is told apart from a sender that has begun to count anew.
///
/// It has the numbers alone to go by: a restart shows in two numbers in a row that are more than 3000 behind (RFC 3550 A.1, `MAX_DROPOUT`), or in sixteen
/// that are less far. For RTP with its clock see [`rfc3550`](crate::rfc3550).
#[derive(Clone, Copy, Debug, Default)]
pub struct Placing {
    newest: Option<i64>,
    /// The number that would follow the last one behind all others, and how many have followed so far.
    expected: u16,
    row: u32,
}

impl Placing {
    /// Places a number; `floor` is the lowest that is of use.
    #[inline]
    pub fn place(&mut self, number: u16, floor: i64) -> Place {
        let Some(newest) = self.newest else {
            self.newest = Some(number.into());
            return Place::Here(number.into());
        };
        let step = i64::from(number.wrapping_sub(newest as u16).cast_signed());
        let place = newest.saturating_add(step);
        if step > 0 {
            self.newest = Some(place);
            self.row = 0;
        }
        if place >= floor {
            return Place::Here(place);
        }
        self.behind(number, place, newest)
    }

    /// Numbers behind all others that follow one another, with nothing ahead between them, are those of a sender that has
    /// begun again. They are put a lap ahead, so that the line goes on.
    #[cold]
    fn behind(&mut self, number: u16, place: i64, newest: i64) -> Place {
        self.row = if self.row > 0 && number == self.expected { self.row + 1 } else { 1 };
        self.expected = number.wrapping_add(1);
        let needed = if newest - place > FAR_BEHIND { FAR_ROW } else { NEAR_ROW };
        if self.row < needed {
            return Place::Behind;
        }
        self.row = 0;
        let place = place.saturating_add(1 << 16);
        self.newest = Some(place);
        Place::Restart(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(numbers: impl IntoIterator<Item = u16>) -> Vec<Place> {
        let mut placing = Placing::default();
        let mut newest = i64::MIN;
        let place = |number| {
            let place = placing.place(number, newest.saturating_sub(128));
            if let Place::Here(at) | Place::Restart(at) = place {
                newest = newest.max(at);
            }
            place
        };
        numbers.into_iter().map(place).collect()
    }

    #[test]
    fn numbers_wrap_onto_a_line() {
        let expected = [65_534, 65_535, 65_536, 65_537, 65_536].map(Place::Here);
        assert_eq!(places([65_534, 65_535, 0, 1, 0]), expected);
        assert_eq!(places([0, 65_535]), [Place::Here(0), Place::Here(-1)]);
    }

    #[test]
    fn one_stray_number_is_got_over_with_two_that_follow_each_other() {
        let places = places([10, 11, 30_011, 12, 13, 14]);
        let expected = [Place::Here(30_011), Place::Behind, Place::Restart(65_549), Place::Here(65_550)];
        assert_eq!(places[2..], expected);
    }

    #[test]
    fn a_burst_of_late_packets_is_no_restart_before_sixteen_in_a_row() {
        let row = |length: u16| places((0..500).chain(100..100 + length));
        assert!(row(15)[500..].iter().all(|place| *place == Place::Behind));
        assert_eq!(row(16)[515], Place::Restart(65_536 + 115));
        let mixed = places((0..500).chain((100..130).flat_map(|late| [late, late + 400])));
        assert!(!mixed.iter().any(|place| matches!(place, Place::Restart(_))), "what is new comes as well");
    }
}
