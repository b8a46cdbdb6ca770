//! What delays say of the path: whether a queue grows, and how long it is.

mod base;
mod groups;
mod overuse;
mod queue;
mod standing;
mod trendline;

use base::Base;
use groups::{Grouped, Groups};
use overuse::Overuse;
use queue::Queue;
use standing::Standing;
use trendline::Trendline;

use super::clock::millis;
use crate::Time;

/// Between two feedbacks the receiver's clock has gone so much further than ours, in ms, that it has been set: what was learnt with
/// it says nothing now. A queue or a hole in the feedback would have to be as long.
const JUMP_MS: f64 = 3000.0;
/// What the measure of jitter takes of a new value, and the most that one counts for, in ms.
const JITTER_SHARE: f64 = 0.05;
const JITTER_MOST_MS: f64 = 30.0;

/// What delays say of the path.
#[derive(Clone, Debug, Default)]
pub(super) struct Delay {
    groups: Groups,
    trend: Trendline,
    overuse: Overuse,
    base: Base,
    queue: Queue,
    standing: Standing,
    /// From the newest packet's coming to its feedback's, with the difference of both clocks, in ms.
    clocks: Option<f64>,
    /// The least delay of the last feedback, above the path's, in ms; and how much that usually changes.
    least: f64,
    jitter: f64,
}

/// Of a feedback's packets that came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delays {
    /// The least time from leaving to coming, with the difference of both clocks, in ms.
    pub(super) least: f64,
    /// When the newest came, by the receiver's clock.
    pub(super) newest: Time,
}

impl Delay {
    /// A packet that has come, told in the order in which they left.
    #[inline]
    pub(super) fn packet(&mut self, sent: Time, at: Time) {
        match self.groups.add(sent, at) {
            Grouped::Open => {}
            Grouped::Step(step) => {
                self.trend.add(step);
                self.overuse.look(&self.trend, step.sent, step.at);
            }
            Grouped::Anew => self.restart_trend(),
        }
    }

    /// Feedback has been told in full. Returns whether the receiver's clock has been set since the last.
    pub(super) fn feedback(&mut self, now: Time, delays: Delays) -> bool {
        let clocks = millis(now, delays.newest);
        let jumped = self.clocks.replace(clocks).is_some_and(|before| (clocks - before).abs() > JUMP_MS);
        if jumped {
            self.groups = Groups::default();
            self.base.forget();
            self.queue.empty(now);
            self.standing.empty(now);
            self.restart_trend();
        }
        let least = delays.least - self.base.observe(now, delays.least);
        self.queue.observe(now, least);
        let change = (least - self.least).abs().min(JITTER_MOST_MS);
        self.jitter += JITTER_SHARE * (change - self.jitter);
        self.least = least;
        self.standing.observe(now, self.queue.now());
        jumped
    }

    /// How long packets wait, in ms.
    #[inline]
    pub(super) const fn queue(&self) -> f64 {
        self.queue.now()
    }

    /// The least wait of the newest feedback's packets, in ms.
    pub(super) const fn newest_queue(&self) -> f64 {
        self.least
    }

    /// The wait becomes shorter.
    pub(super) fn queue_falls(&self) -> bool {
        self.queue.falls()
    }

    /// A queue grows.
    pub(super) const fn grows(&self) -> bool {
        self.overuse.found()
    }

    /// The queue of the last seconds.
    pub(super) const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// How much the least delay changes from feedback to feedback, in ms.
    pub(super) const fn jitter(&self) -> f64 {
        self.jitter
    }

    /// The path is longer than was thought, by so many ms: what stands is no queue.
    pub(super) fn raise_base(&mut self, now: Time, by: f64) {
        self.base.raise(by);
        self.queue.empty(now);
        self.standing.empty(now);
    }

    fn restart_trend(&mut self) {
        self.trend = Trendline::default();
        self.overuse.restart();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    /// Feedback on one packet each 50 ms that waits as long as `queue` says, by a clock that is `offset` ahead.
    fn run(delay: &mut Delay, from: i64, to: i64, offset: i64, queue: impl Fn(i64) -> i64) -> bool {
        let each = |sent: i64| {
            let at = ms(sent + 50 + queue(sent) + offset);
            delay.packet(ms(sent), at);
            delay.feedback(ms(sent + 100 + queue(sent)), Delays { least: millis(at, ms(sent)), newest: at })
        };
        (from..to).step_by(50).map(each).fold(false, |any, jumped| any | jumped)
    }

    #[test]
    fn the_queue_is_what_is_above_the_path_whatever_the_clocks_show() {
        for offset in [0, -30_000, 30_000] {
            let mut delay = Delay::default();
            assert!(!run(&mut delay, 0, 5000, offset, |sent| if sent < 3000 { 0 } else { 40 }));
            assert_eq!(delay.queue(), 40.0, "{offset} ms");
        }
    }

    #[test]
    fn a_clock_that_is_set_is_no_queue_but_a_queue_of_seconds_is() {
        for jump in [-30_000, 30_000] {
            let mut delay = Delay::default();
            run(&mut delay, 0, 3000, 0, |_| 0);
            assert!(run(&mut delay, 3000, 4000, jump, |_| 0));
            assert!(delay.queue() == 0.0 && !delay.grows());
        }
        let mut delay = Delay::default();
        run(&mut delay, 0, 3000, 0, |_| 0);
        assert!(!run(&mut delay, 3000, 4000, 0, |sent| (sent - 2950) * 9));
        assert!(delay.queue() > 5000.0, "{}", delay.queue());
    }
}
