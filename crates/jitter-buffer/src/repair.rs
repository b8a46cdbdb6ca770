//! Whether it is worth while to wait for retransmissions.

use std::time::Duration;

use interceptor_core::Rtt;

use crate::nanos::nanos;

/// So many within so long make it worth while.
const ENOUGH: usize = 3;
const WINDOW: i64 = 60_000_000_000;

/// When the last retransmissions of a stream came.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    /// In a ring; zero: not yet.
    times: [i64; ENOUGH],
    next: usize,
}

impl Repeats {
    pub(crate) fn note(&mut self, now: i64) {
        if let Some(time) = self.times.get_mut(self.next) {
            *time = now.max(1);
            self.next = (self.next + 1) % ENOUGH;
        }
    }

    /// Did enough of them come of late?
    pub(crate) fn are_frequent(&self, now: i64) -> bool {
        self.times.iter().all(|time| *time > 0 && now.saturating_sub(*time) <= WINDOW)
    }
}

/// How long after its time a packet is here that was asked for at once: a round trip and what it varies by, and the time in which
/// the gap is seen.
pub(crate) fn delay_of_a_repeat(rtt: &Rtt) -> i64 {
    let rtt = nanos(rtt.smoothed);
    rtt.saturating_add(rtt / 10).saturating_add(nanos(Duration::from_millis(10)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_a_minute_are_enough() {
        let second = 1_000_000_000;
        let mut repeats = Repeats::default();
        [0, 10, 20].into_iter().for_each(|at| {
            assert!(!repeats.are_frequent(at * second));
            repeats.note(at * second);
        });
        assert!(repeats.are_frequent(60 * second));
        assert!(!repeats.are_frequent(61 * second));
        repeats.note(62 * second);
        assert!(repeats.are_frequent(70 * second) && !repeats.are_frequent(71 * second));
    }

    #[test]
    fn a_repeat_takes_a_round_trip_and_a_little() {
        let rtt = |millis| Rtt::first(Duration::from_millis(millis));
        assert_eq!(delay_of_a_repeat(&rtt(100)), 120_000_000);
        assert!(delay_of_a_repeat(&Rtt::first(Duration::MAX)) > 0);
    }
}
