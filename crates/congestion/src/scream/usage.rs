//! How much was on the way of late: a window that is not used does not grow.

use super::digest::seconds;
use crate::Time;

/// The most bytes that were on the way in this round trip and in that before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    now: u32,
    before: u32,
    since: Option<Time>,
}

impl Usage {
    /// So many bytes are on the way.
    pub(super) fn see(&mut self, in_flight: u32) {
        self.now = self.now.max(in_flight);
    }

    /// A round trip of `rtt` seconds may be over.
    pub(super) fn turn(&mut self, now: Time, rtt: f64) {
        let since = *self.since.get_or_insert(now);
        if seconds(now.since(since)) >= rtt {
            *self = Self { now: 0, before: self.now, since: Some(now) };
        }
    }

    /// The most of both round trips.
    pub(super) fn most(&self) -> f64 {
        f64::from(self.now.max(self.before))
    }

    /// The most of the round trip before.
    pub(super) fn before(&self) -> f64 {
        f64::from(self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_most_of_two_round_trips() {
        let at = |millis: i64| Time::from_micros(millis * 1000);
        let mut usage = Usage::default();
        usage.turn(at(0), 0.1);
        usage.see(5000);
        usage.turn(at(101), 0.1);
        usage.see(3000);
        assert_eq!((usage.most(), usage.before()), (5000.0, 5000.0));
        usage.turn(at(150), 0.1);
        assert_eq!(usage.most(), 5000.0, "the round trip is not over");
        usage.turn(at(202), 0.1);
        assert_eq!((usage.most(), usage.before()), (3000.0, 3000.0));
    }
}
