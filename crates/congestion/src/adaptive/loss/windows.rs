//! How much was sent and lost, by quarters of a second.

use crate::Time;
use crate::adaptive::clock::millis;
use crate::adaptive::ring::Ring;

/// The length of an observation in ms; libwebrtc `ObservationDurationLowerBound`.
const OBSERVATION_MS: f64 = 250.0;
/// Observations that are kept: five seconds.
const KEPT: usize = 20;
/// The newest of these make the loss that is acted on: three quarters of a second.
const RECENT: usize = 3;

/// What was sent and lost in a quarter of a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Observation {
    /// Bits per second that left.
    pub(crate) rate: f64,
    /// Bytes that left.
    pub(crate) sent: f64,
    /// Bytes of these that were lost.
    pub(crate) lost: f64,
}

/// Five seconds of observations.
#[derive(Clone, Debug)]
pub(crate) struct Windows {
    done: Ring<Observation, 32>,
    open: Observation,
    opened: Option<Time>,
    recent: f64,
}

impl Default for Windows {
    fn default() -> Self {
        Self { done: Ring::new(), open: Observation::default(), opened: None, recent: 0.0 }
    }
}

impl Windows {
    /// What a feedback tells. Returns whether an observation is complete.
    pub(crate) fn add(&mut self, now: Time, received: f64, lost: f64) -> bool {
        let opened = *self.opened.get_or_insert(now);
        self.open.sent += received + lost;
        self.open.lost += lost;
        let lasted = millis(now, opened);
        if lasted < OBSERVATION_MS {
            return false;
        }
        self.open.rate = self.open.sent * 8e3 / lasted;
        if self.done.len() == KEPT {
            self.done.pop();
        }
        self.done.push(std::mem::take(&mut self.open));
        self.opened = Some(now);
        self.recent = self.share(self.done.iter().rev().take(RECENT));
        true
    }

    /// Bytes that were told lost have come after all: taken back where they count, the newest first.
    pub(crate) fn take_back(&mut self, bytes: f64) {
        let mut left = bytes - bytes.min(self.open.lost);
        self.open.lost -= bytes.min(self.open.lost);
        for index in (0..self.done.len()).rev() {
            if left <= 0.0 {
                break;
            }
            if let Some(observation) = self.done.get_mut(index) {
                let here = left.min(observation.lost);
                observation.lost -= here;
                left -= here;
            }
        }
        self.recent = self.share(self.done.iter().rev().take(RECENT));
    }

    /// The share of bytes that were lost over the last observations.
    #[inline]
    pub(crate) const fn recent(&self) -> f64 {
        self.recent
    }

    /// The complete observations, oldest first.
    pub(crate) const fn observations(&self) -> &Ring<Observation, 32> {
        &self.done
    }

    fn share(&self, observations: impl Iterator<Item = Observation>) -> f64 {
        let (sent, lost) = observations.fold((0.0, 0.0), |(s, l), o| (s + o.sent, l + o.lost));
        if sent > 0.0 { lost / sent } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    #[test]
    fn an_observation_lasts_a_quarter_of_a_second() {
        let mut windows = Windows::default();
        for at in (0..1000).step_by(50) {
            windows.add(ms(at), 900.0, 100.0);
        }
        let done: Vec<_> = windows.observations().iter().collect();
        assert_eq!(done.len(), 3);
        assert_eq!(done[1], Observation { rate: 160_000.0, sent: 5000.0, lost: 500.0 });
        assert!((windows.recent() - 0.1).abs() < 1e-9);
    }

    #[test]
    fn what_came_after_all_was_not_lost() {
        let mut windows = Windows::default();
        for at in (0..=500).step_by(50) {
            windows.add(ms(at), 900.0, 100.0);
        }
        windows.take_back(1100.0);
        assert_eq!(windows.recent(), 0.0);
        windows.take_back(1e9);
        windows.add(ms(800), 900.0, 100.0);
        assert!((windows.recent() - 100.0 / 12_000.0).abs() < 1e-9, "{}", windows.recent());
    }

    #[test]
    fn five_seconds_are_kept() {
        let mut windows = Windows::default();
        for at in 0..100 {
            windows.add(ms(at * 250), 1000.0, 0.0);
        }
        assert_eq!(windows.observations().len(), KEPT);
    }
}
