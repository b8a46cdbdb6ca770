//! Feedback that should have come and has not: nothing is known, so less is sent.

use super::clock::{after, millis};
use crate::Time;

/// Feedback is missing after so many round trips and ms, or so many of its usual gaps.
const RTTS: f64 = 3.0;
const MS: f64 = 300.0;
const GAPS: f64 = 5.0;
/// A further step is taken this many round trips sooner.
const NEXT_RTTS: f64 = 2.0;
/// What each step leaves of the rate.
pub(super) const KEPT: f64 = 0.85;
/// When feedback returns without a queue of so many ms, this share of the rate before is restored at once.
const QUEUE_MS: f64 = 20.0;
const RESTORED: f64 = 0.8;
/// The usual gap: what it takes of a new one, its bounds in ms, and what it is before any is known.
const GAP_SHARE: f64 = 0.1;
const GAP_BOUNDS_MS: (f64, f64) = (10.0, 2000.0);
const FIRST_GAP_MS: f64 = 100.0;

/// Waits for feedback while bytes are on the way.
#[derive(Clone, Debug)]
pub(super) struct Silence {
    /// When feedback came, a step was taken, or packets left that there is no answer to yet. `None` as long as none has ever come: who never
    /// tells anything is not silent.
    since: Option<Time>,
    last_feedback: Time,
    gap: f64,
    in_flight: u32,
    /// The rate before the first step.
    before: Option<f64>,
}

impl Silence {
    pub(super) const fn new() -> Self {
        Self { since: None, last_feedback: Time::MIN, gap: FIRST_GAP_MS, in_flight: 0, before: None }
    }

    /// A packet has left, `in_flight` bytes are on the way with its own `bytes`.
    #[inline]
    pub(super) fn sent(&mut self, now: Time, bytes: u32, in_flight: u32) {
        if in_flight <= bytes {
            self.since = self.since.map(|since| since.max(now));
        }
        self.in_flight = in_flight;
    }

    /// Feedback has come.
    pub(super) fn feedback(&mut self, now: Time, in_flight: u32) {
        if self.since.replace(now).is_some() {
            let gap = millis(now, self.last_feedback).clamp(0.0, GAP_BOUNDS_MS.1);
            self.gap += GAP_SHARE * (gap - self.gap);
            self.gap = self.gap.max(GAP_BOUNDS_MS.0);
        }
        self.last_feedback = now;
        self.in_flight = in_flight;
    }

    /// The rate that feedback restores when it returns and tells of a queue of so many ms.
    pub(super) fn ends(&mut self, queue: f64) -> Option<f64> {
        let before = self.before.take()?;
        (queue < QUEUE_MS).then_some(RESTORED * before)
    }

    /// Feedback is missing.
    pub(super) const fn is_on(&self) -> bool {
        self.before.is_some()
    }

    /// When feedback will be missing.
    pub(super) fn deadline(&self, rtt: f64) -> Option<Time> {
        let since = self.since.filter(|_| self.in_flight > 0)?;
        Some(after(since, (RTTS * rtt + MS).max(GAPS * self.gap)))
    }

    /// Is feedback missing? Then the rate goes down a step.
    pub(super) fn step(&mut self, now: Time, rtt: f64, rate: f64) -> bool {
        if self.deadline(rtt).is_none_or(|deadline| now < deadline) {
            return false;
        }
        self.before.get_or_insert(rate);
        let ahead = (RTTS * rtt + MS).max(GAPS * self.gap) - ((RTTS - NEXT_RTTS) * rtt + MS);
        self.since = Some(after(now, -ahead));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    fn heard() -> Silence {
        let mut silence = Silence::new();
        for at in (0..=1000).step_by(50) {
            silence.feedback(ms(at), 5000);
        }
        silence
    }

    #[test]
    fn who_never_told_anything_is_not_silent() {
        let mut silence = Silence::new();
        silence.sent(ms(0), 1000, 1000);
        assert_eq!(silence.deadline(100.0), None);
        assert!(!silence.step(ms(1 << 30), 100.0, 1e6));
    }

    #[test]
    fn takes_a_step_after_three_round_trips_and_then_each() {
        let mut silence = heard();
        assert_eq!(silence.deadline(100.0), Some(ms(1600)));
        assert!(!silence.step(ms(1599), 100.0, 1e6));
        assert!(silence.step(ms(1600), 100.0, 1e6));
        assert_eq!(silence.deadline(100.0), Some(ms(2000)));
        assert!(silence.step(ms(2000), 100.0, 0.85e6));
        assert_eq!(silence.ends(19.0), Some(0.8e6));
        assert_eq!(silence.ends(19.0), None);
    }

    #[test]
    fn restores_nothing_when_a_queue_has_grown_meanwhile() {
        let mut silence = heard();
        silence.step(ms(1600), 100.0, 1e6);
        assert_eq!(silence.ends(20.0), None);
        assert!(!silence.is_on());
    }

    #[test]
    fn nothing_on_the_way_is_no_silence_and_what_leaves_then_has_its_time() {
        let mut silence = heard();
        silence.feedback(ms(1000), 0);
        assert_eq!(silence.deadline(100.0), None);
        silence.sent(ms(60_000), 1000, 1000);
        silence.sent(ms(60_300), 1000, 2000);
        assert_eq!(silence.deadline(100.0), Some(ms(60_600)));
    }

    #[test]
    fn rare_feedback_is_waited_for() {
        let mut silence = Silence::new();
        for at in 0..100 {
            silence.feedback(ms(at * 400), 1000);
        }
        let deadline = silence.deadline(50.0).unwrap();
        assert!(millis(deadline, ms(99 * 400)) > 1990.0);
    }
}
