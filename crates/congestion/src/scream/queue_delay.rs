//! How long packets wait in queues, and how much that varies.

use super::aging_min::AgingMin;
use super::digest::seconds;
use crate::Time;

/// Delays come in milliseconds at best, and a target is more than that: what is beyond says no more.
const MAX_QUEUE: f64 = 10.0;
/// How slowly the average rises: a quarter in 25 ms (draft, `QDELAY_AVG_G` each `VIRTUAL_RTT`).
const ATTACK: f64 = 0.075;
/// What the means of the least and of the spread are taken over: libwebrtc `DelayMinAndLatencyDiffAvgG`, 1/32 of each
/// feedback.
const MEAN: f64 = 1.0;
/// How much faster such a mean falls: an empty queue is one.
const FALL: f64 = 4.0;
/// What the floor is taken of: a queue of our own goes for so long now and then, jitter does not.
const QUICK_MEAN: f64 = 0.03;
/// A mean of the least delay or of the spread by which growth has become slowest; libwebrtc `QDelayMinThreshold`,
/// `LatencyDiffThreshold`.
const SLOWEST: f64 = 0.010;
/// The highest floor: beyond, a queue of our own making would pass for it.
const MAX_FLOOR: f64 = 0.015;
/// A queue below is as good as none; libwebrtc `QDelayDrainThreshold`.
const EMPTY: f64 = 0.005;

/// A mean over a second that falls faster than it rises, and the least that it was of late: that much is not of this flow's making.
#[derive(Clone, Debug, Default)]
struct Varying {
    mean: f64,
    /// The mean of one message or two.
    quick: Option<f64>,
    /// The least of that.
    floor: AgingMin,
}

impl Varying {
    fn see(&mut self, now: Time, elapsed: f64, value: f64) {
        let value = value.min(2.0 * SLOWEST + MAX_FLOOR);
        let weight = elapsed / (elapsed + MEAN);
        let weight = if value < self.mean { (FALL * weight).min(1.0) } else { weight };
        self.mean += weight * (value - self.mean);
        let quick = self.quick.unwrap_or(value);
        let quick = quick + elapsed / (elapsed + QUICK_MEAN) * (value - quick);
        self.quick = Some(quick);
        self.floor.see(now, quick);
    }

    /// What growth is slowed to: 1 up to a quarter of [`SLOWEST`] above the floor, 0.1 at that, and on below.
    fn brake(&self) -> f64 {
        let floor = self.floor.get().unwrap_or(0.0).min(MAX_FLOOR);
        0.1 + 1.2 * (1.0 - (self.mean - floor) / SLOWEST)
    }
}

/// How long packets wait in queues, in seconds.
#[derive(Clone, Debug, Default)]
pub(super) struct QueueDelay {
    base: AgingMin,
    newest: f64,
    average: f64,
    least: Varying,
    spread: Varying,
    /// Since when no feedback has shown a queue as good as empty.
    standing_since: Option<Time>,
}

impl QueueDelay {
    /// Feedback has come, `elapsed` seconds after that before it, with the least and the greatest delay that packets had.
    pub(super) fn see(&mut self, now: Time, elapsed: f64, delays: (f64, f64)) {
        let (least, greatest) = delays;
        let base = self.base.see(now, least);
        let queue = (least - base).clamp(0.0, MAX_QUEUE);
        if queue <= EMPTY {
            self.standing_since = None;
        } else if self.standing_since.is_none() {
            self.standing_since = Some(now);
        }
        // One late message is not a queue: the better of two.
        let sample = queue.min(self.newest);
        self.newest = queue;
        let rise = elapsed / (elapsed + ATTACK) * (sample - self.average);
        self.average = if sample < self.average { sample } else { self.average + rise };
        self.least.see(now, elapsed, queue);
        self.spread.see(now, elapsed, greatest - least);
    }

    /// The average, slow to rise and quick to fall.
    pub(super) const fn average(&self) -> f64 {
        self.average
    }

    /// What the newest feedback shows.
    pub(super) const fn newest(&self) -> f64 {
        self.newest
    }

    /// Is there a delay to measure queues by?
    pub(super) fn is_known(&self) -> bool {
        self.base.get().is_some()
    }

    /// How long there has been no empty queue.
    pub(super) fn standing(&self, now: Time) -> f64 {
        self.standing_since.map_or(0.0, |since| seconds(now.since(since)))
    }

    /// How much of its growth a window may keep: less as the queue no longer empties, and as delays spread, both beyond what jitter
    /// makes of them. Of few packets the least waits longer than of many: without a floor a small flow would never grow beside large ones.
    pub(super) fn brake(&self) -> f64 {
        self.least.brake().clamp(0.1, 1.0) * self.spread.brake().clamp(0.1, 1.0)
    }

    /// How empty the queue is: 1 to 0.
    pub(super) fn room(&self) -> f64 {
        self.least.brake().clamp(0.0, 1.0)
    }

    /// The path has become longer: what is seen now is no queue.
    pub(super) fn rebase(&mut self, now: Time) {
        if let Some(base) = self.base.get() {
            self.base.restart(now, base + self.newest);
        }
        self.average = 0.0;
        self.newest = 0.0;
        self.least = Varying::default();
        self.standing_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feedback each `elapsed` milliseconds: the least and the greatest queue delay in each, in milliseconds.
    fn run(queue: &mut QueueDelay, elapsed: i64, delays: impl IntoIterator<Item = (f64, f64)>) -> Time {
        let mut now = Time::default();
        for (step, (least, greatest)) in delays.into_iter().enumerate() {
            now = Time::from_micros(step as i64 * elapsed * 1000);
            // An hour between both clocks.
            let delays = (3600.0 + least / 1e3, 3600.0 + greatest / 1e3);
            queue.see(now, elapsed as f64 / 1e3, delays);
        }
        now
    }

    fn flat(millis: f64) -> (f64, f64) {
        (millis, millis)
    }

    #[test]
    fn the_average_rises_by_a_quarter_in_25_ms_and_falls_at_once() {
        let mut queue = QueueDelay::default();
        run(&mut queue, 25, [flat(0.0), flat(20.0)]);
        assert_eq!(queue.average(), 0.0, "one late message is not a queue");
        run(&mut queue, 25, [flat(0.0), flat(20.0), flat(20.0)]);
        assert!((queue.average() - 0.005).abs() < 1e-6, "{}", queue.average());
        run(&mut queue, 25, [flat(20.0)]);
        assert!((queue.average() - 0.00875).abs() < 1e-6);
        run(&mut queue, 25, [flat(2.0)]);
        assert!((queue.average() - 0.002).abs() < 1e-6);
    }

    #[test]
    fn knows_how_long_the_queue_has_stood() {
        let mut queue = QueueDelay::default();
        let now = run(&mut queue, 50, (0..100).map(|step| flat(if step < 20 { 4.9 } else { 9.8 })));
        assert_eq!(queue.standing(now), 0.0, "base and less than five milliseconds more");
        let mut queue = QueueDelay::default();
        let now = run(&mut queue, 50, (0..100).map(|step| flat(if step < 20 { 0.0 } else { 6.0 })));
        assert!((queue.standing(now) - 79.0 * 0.05).abs() < 1e-6);
    }

    #[test]
    fn growth_slows_as_the_queue_no_longer_empties() {
        let brake = |millis: f64| {
            let mut queue = QueueDelay::default();
            run(&mut queue, 50, (0..200).map(|step| flat(if step == 0 { 0.0 } else { millis })));
            (queue.brake(), queue.room())
        };
        assert_eq!(brake(2.0), (1.0, 1.0));
        let (slower, room) = brake(6.0);
        assert!((slower - 0.58).abs() < 0.01 && (room - 0.58).abs() < 0.01, "{slower} {room}");
        assert_eq!(brake(30.0), (0.1, 0.0));
    }

    #[test]
    fn growth_slows_as_delays_begin_to_spread_and_not_for_jitter() {
        let mut jitter = QueueDelay::default();
        run(&mut jitter, 50, (0..400).map(|_| (0.0, 14.0)));
        assert!(jitter.brake() > 0.95, "{}", jitter.brake());
        let mut queue = QueueDelay::default();
        run(&mut queue, 50, (0..400).map(|step| (0.0, if step < 300 { 2.0 } else { 14.0 })));
        assert!(queue.brake() < 0.15, "{}", queue.brake());
    }

    #[test]
    fn a_longer_path_is_told_apart_from_a_queue_on_request() {
        let mut queue = QueueDelay::default();
        let now = run(&mut queue, 50, (0..40).map(|step| flat(if step == 0 { 0.0 } else { 35.0 })));
        assert!(queue.average() > 0.034);
        queue.rebase(now);
        assert_eq!((queue.average(), queue.standing(now)), (0.0, 0.0));
        queue.see(now, 0.05, (3600.036, 3600.036));
        assert!((queue.newest() - 0.001).abs() < 1e-6);
    }
}
