//! Now and then the queue has to be empty: else nobody knows how long the path is.

use crate::Time;
use crate::adaptive::clock::millis;

/// A queue below this, and below the equilibrium's, halved, shows the path's length, in ms.
const LOW_MS: f64 = 10.0;
/// Without such a moment for so long, in ms, room is made for one.
const PATIENCE_MS: f64 = 6000.0;
/// And not so soon after a cut, in ms.
const AFTER_CUT_MS: f64 = 1500.0;
/// To this share of the rate.
pub(crate) const SHARE: f64 = 0.75;
/// For a round trip and the time that the queue takes to empty at that share, but no longer than this, in ms.
const LONGEST_MS: f64 = 300.0;

/// When the queue was empty last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drain {
    low: Time,
}

impl Drain {
    pub(crate) const fn new(now: Time) -> Self {
        Self { low: now }
    }

    /// The queue is so many ms long.
    pub(crate) fn observe(&mut self, now: Time, queue: f64, equilibrium: f64) {
        if queue < 0.5 * equilibrium.min(LOW_MS) {
            self.low = now;
        }
    }

    /// Is it time to make room?
    pub(crate) fn is_due(&self, now: Time, last_cut: Time) -> bool {
        millis(now, self.low) > PATIENCE_MS && millis(now, last_cut) > AFTER_CUT_MS
    }

    /// How long a drain lasts, in ms.
    pub(crate) fn lasts(rtt: f64, queue: f64) -> f64 {
        rtt + (queue / (1.0 - SHARE)).min(LONGEST_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_due_when_the_queue_has_not_been_empty_for_six_seconds() {
        let s = |seconds: f64| Time::from_micros((seconds * 1e6) as i64);
        let mut drain = Drain::new(s(0.0));
        drain.observe(s(1.0), 4.9, 16.0);
        drain.observe(s(2.0), 5.0, 16.0);
        drain.observe(s(3.0), 4.5, 8.0);
        assert!(!drain.is_due(s(7.0), s(0.0)));
        assert!(drain.is_due(s(7.1), s(0.0)));
        assert!(!drain.is_due(s(7.1), s(6.0)));
        assert_eq!((Drain::lasts(100.0, 20.0), Drain::lasts(100.0, 500.0)), (180.0, 400.0));
    }
}
