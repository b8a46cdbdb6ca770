//! The smallest of the values of the last ten seconds, in constant memory.

use std::time::Duration;

/// Seconds that a value counts for, the one in which it came included.
const SECONDS: usize = 10;

/// The minimum of a sliding window of ten seconds that moves by whole seconds: a value counts for more than nine seconds
/// and for ten at most.
#[derive(Clone, Copy, Debug, Default)]
pub struct WindowedMin {
    /// The smallest value of each second, that of second `n` at place `n` modulo ten.
    by_second: [Option<Duration>; SECONDS],
    /// The newest second.
    newest: u64,
}

impl WindowedMin {
    /// Takes in a value that was measured at `at`, counted from any fixed instant; gives the smallest of the window. A time
    /// that goes back counts as the newest.
    pub fn add(&mut self, at: Duration, value: Duration) -> Duration {
        let second = at.as_secs().max(self.newest);
        for passed in (self.newest + 1..=second).take(SECONDS) {
            if let Some(old) = self.slot(passed) {
                *old = None;
            }
        }
        self.newest = second;
        if let Some(slot) = self.slot(second) {
            *slot = Some(slot.map_or(value, |known| known.min(value)));
        }
        self.by_second.iter().flatten().copied().min().unwrap_or(value)
    }

    fn slot(&mut self, second: u64) -> Option<&mut Option<Duration>> {
        self.by_second.get_mut((second % SECONDS as u64) as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    proptest! {
        #[test]
        fn is_the_minimum_of_the_last_ten_seconds(
            steps in prop::collection::vec((0u64..4000, 1u64..1000), 1..80),
            long_silence in 0u64..60_000,
        ) {
            let mut window = WindowedMin::default();
            let mut history = Vec::new();
            let mut now = 0;
            for (i, (wait, value)) in steps.into_iter().enumerate() {
                now += wait + if i == 40 { long_silence } else { 0 };
                history.push((now, value));
                let min = window.add(millis(now), millis(value));
                let smallest = |counts: &dyn Fn(u64) -> bool| {
                    let values = history.iter().filter(|(at, _)| counts(*at)).map(|(_, value)| *value);
                    millis(values.min().unwrap())
                };
                prop_assert_eq!(min, smallest(&|at| now / 1000 - at / 1000 < 10));
                // So nothing older than ten seconds counts, and everything of the last nine does.
                prop_assert!(min >= smallest(&|at| now - at < 10_000));
                prop_assert!(min <= smallest(&|at| now - at <= 9000));
            }
        }
    }

    #[test]
    fn a_path_that_becomes_longer_is_believed_after_ten_seconds() {
        let mut window = WindowedMin::default();
        assert_eq!(window.add(millis(3_700), millis(45)), millis(45));
        assert_eq!(window.add(millis(4_100), millis(600)), millis(45));
        assert_eq!(window.add(millis(12_999), millis(620)), millis(45));
        assert_eq!(window.add(millis(13_700), millis(610)), millis(600));
    }

    #[test]
    fn a_clock_that_goes_back_forgets_nothing() {
        let mut window = WindowedMin::default();
        window.add(millis(50_000), millis(30));
        assert_eq!(window.add(millis(1_000), millis(40)), millis(30));
        assert_eq!(window.add(millis(u64::MAX), millis(50)), millis(50));
    }
}
