//! The smallest transit of the last seconds: what a packet takes that waits nowhere.

/// Parts of the window. It moves on by one of them at a time.
const PARTS: usize = 10;

/// The minimum of a sliding window, in constant memory: a value counts for more than nine tenths of the window and for all of
/// it at most. Signed, since a transit is the difference of two clocks that nobody has set.
///
/// Transits that grow because the sender's clock is slow are followed after one window: at 200 ppm that is 2 ms for 10 s.
#[derive(Debug)]
pub(crate) struct Base {
    /// Nanoseconds of a part.
    part: i64,
    /// The smallest of each part, that of part `n` at place `n` modulo [`PARTS`]; `i64::MAX` where nothing came.
    least: [i64; PARTS],
    /// The newest part.
    newest: i64,
    min: i64,
}

impl Base {
    pub(crate) const fn new(window_nanos: i64) -> Self {
        Self { part: window_nanos / PARTS as i64, least: [i64::MAX; PARTS], newest: 0, min: i64::MAX }
    }

    /// Takes in a transit that was seen at `at`; gives the smallest of the window. A time that goes back counts as the newest.
    #[inline]
    pub(crate) fn add(&mut self, at: i64, transit: i64) -> i64 {
        let part = at / self.part.max(1);
        if part > self.newest {
            self.move_on(part);
        }
        if let Some(least) = self.least.get_mut((self.newest % PARTS as i64) as usize) {
            *least = transit.min(*least);
        }
        self.min = self.min.min(transit);
        self.min
    }

    /// Another timeline begins: nothing is known of it.
    pub(crate) fn clear(&mut self) {
        self.least.fill(i64::MAX);
        self.min = i64::MAX;
    }

    #[cold]
    fn move_on(&mut self, part: i64) {
        for passed in (self.newest + 1..=part).take(PARTS) {
            if let Some(least) = self.least.get_mut((passed % PARTS as i64) as usize) {
                *least = i64::MAX;
            }
        }
        // The newest of those that were passed stand at other places when more than a window has gone by.
        if part - self.newest >= PARTS as i64 {
            self.least.fill(i64::MAX);
        }
        self.newest = part;
        self.min = self.least.iter().copied().min().unwrap_or(i64::MAX);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_the_minimum_of_the_parts_of_the_window(
            steps in prop::collection::vec((0_i64..4000, -1000_i64..1000), 1..100),
            silence in 0_i64..60_000,
        ) {
            let mut base = Base::new(10_000);
            let (mut now, mut history) = (0, Vec::new());
            for (i, (wait, transit)) in steps.into_iter().enumerate() {
                now += wait + if i == 50 { silence } else { 0 };
                history.push((now, transit));
                let counts = |at: i64| now / 1000 - at / 1000 < 10;
                let least = history.iter().filter(|(at, _)| counts(*at)).map(|(_, transit)| *transit).min();
                prop_assert_eq!(Some(base.add(now, transit)), least);
            }
        }
    }

    #[test]
    fn a_clock_that_goes_back_forgets_nothing_and_extremes_do_no_harm() {
        let mut base = Base::new(10_000);
        assert_eq!(base.add(50_000, 30), 30);
        assert_eq!(base.add(1000, 40), 30);
        assert_eq!(base.add(i64::MAX, i64::MAX), i64::MAX);
        assert_eq!(base.add(i64::MIN, i64::MIN), i64::MIN);
        base.clear();
        assert_eq!(base.add(0, 5), 5);
    }
}
