//! Feedback that stays away.

use std::time::Duration;

use super::digest::seconds;
use super::path::Path;
use crate::Time;

/// Silence is three round trips and this, or five times the usual gap between feedback.
const GRACE: f64 = 0.3;
const RTTS: f64 = 3.0;
const GAPS: f64 = 5.0;
/// How fast the usual gap is learnt.
const GAIN: f64 = 0.1;
/// A gap counts as so long, at most: 8 times what transport-wide feedback leaves.
const MAX_GAP: f64 = 2.0;
/// Left of the window after each step of silence, and given back of what it was when feedback comes again.
pub(super) const STEP: f64 = 0.85;
pub(super) const GIVEN_BACK: f64 = 0.8;

/// Watches for feedback that stays away while packets are on the way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Silence {
    heard: Option<Time>,
    gap: f64,
    deadline: Option<Time>,
    /// The window of before.
    before: Option<f64>,
}

impl Silence {
    /// A packet has left.
    pub(super) fn on_sent(&mut self, now: Time, path: &Path) {
        if self.heard.is_some() && self.deadline.is_none() {
            self.deadline = Some(now + self.patience(path));
        }
    }

    /// Feedback has come, so many seconds after that before. The window of before silence, if there was any.
    pub(super) fn on_feedback(&mut self, now: Time, in_flight: u32, path: &Path) -> (f64, Option<f64>) {
        let elapsed = self.heard.map_or(0.0, |heard| seconds(now.since(heard)).max(0.0));
        self.heard = Some(now);
        self.gap += GAIN * (elapsed.min(MAX_GAP) - self.gap);
        self.deadline = (in_flight > 0).then(|| now + self.patience(path));
        (elapsed, self.before.take())
    }

    /// Silence goes on: it is the window `bytes` that is remembered at its begin.
    pub(super) fn on_timeout(&mut self, now: Time, bytes: f64, path: &Path) -> bool {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return false;
        }
        self.before.get_or_insert(bytes);
        self.deadline = Some(now + Duration::from_secs_f64(path.rtt() + GRACE));
        true
    }

    /// When it is silence.
    pub(super) const fn deadline(&self) -> Option<Time> {
        self.deadline
    }

    fn patience(&self, path: &Path) -> Duration {
        Duration::from_secs_f64((RTTS * path.rtt() + GRACE).max(GAPS * self.gap))
    }
}

#[cfg(test)]
mod tests {
    use super::super::digest::Digest;
    use super::*;

    fn at(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    fn path() -> Path {
        let mut path = Path::default();
        path.see(&Digest { rtt: Some(0.1), ..Digest::default() });
        path
    }

    #[test]
    fn begins_three_round_trips_and_300_ms_after_feedback_and_goes_on_each_round_trip_and_300_ms() {
        let (mut silence, path) = (Silence::default(), path());
        silence.on_sent(at(0), &path);
        assert_eq!(silence.deadline(), None, "a peer that never told anything is not silent");
        silence.on_feedback(at(100), 5000, &path);
        assert_eq!(silence.deadline(), Some(at(700)));
        assert!(!silence.on_timeout(at(699), 9000.0, &path));
        assert!(silence.on_timeout(at(700), 9000.0, &path));
        assert_eq!(silence.deadline(), Some(at(1100)));
        assert!(silence.on_timeout(at(1100), 7650.0, &path));
        let (elapsed, before) = silence.on_feedback(at(1300), 0, &path);
        assert!((elapsed - 1.2).abs() < 1e-9);
        assert_eq!(before, Some(9000.0));
    }

    #[test]
    fn who_sends_nothing_waits_for_nothing() {
        let (mut silence, path) = (Silence::default(), path());
        silence.on_feedback(at(0), 0, &path);
        assert_eq!(silence.deadline(), None);
        silence.on_sent(at(10_000), &path);
        assert_eq!(silence.deadline(), Some(at(10_600)), "counted from the packet, not from the feedback");
        silence.on_sent(at(10_500), &path);
        assert_eq!(silence.deadline(), Some(at(10_600)));
    }

    #[test]
    fn rare_feedback_is_not_silence() {
        let (mut silence, path) = (Silence::default(), path());
        for second in 0..100 {
            silence.on_feedback(at(second * 1000), 1000, &path);
        }
        assert!(silence.deadline().is_some_and(|at_least| at_least > at(99_000 + 4900)));
    }
}
