//! A queue that does not empty by itself: sending less for a while shows whether it is one.

use super::path::Path;
use super::queue_delay::QueueDelay;
use crate::Time;

/// Seconds without an empty queue after which it is emptied. libwebrtc `QDelayDrainPeriod` is 20; here the base delay is
/// forgotten in that time.
const PATIENCE: f64 = 8.0;
/// The same while the queue is so long that the window shrinks: either nobody listens, or it is no queue.
const PATIENCE_QUEUED: f64 = 2.0;
/// Round trips and seconds that it lasts, at most; libwebrtc `QDelayDrainRtts`.
const RTTS: f64 = 5.0;
const MIN_SPAN: f64 = 0.1;
/// Part of the target that is sent meanwhile.
pub(super) const SHARE: f64 = 0.5;
/// A queue that has become shorter by less than this, in seconds, and by less than a part of itself, is no queue.
const FALL: f64 = 0.003;
const FALL_SHARE: f64 = 0.1;

/// Part of the target of when the queue was last empty that is taken up again if there is none: the path has become longer, not
/// narrower.
pub(super) const GIVEN_BACK: f64 = 0.7;

/// Empties the queue now and then, and takes what does not go for the path's own delay.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Drain {
    until: Option<Time>,
    before: f64,
    again: Option<Time>,
    /// The target while the queue was last empty.
    target: u64,
}

impl Drain {
    /// Feedback has come. If what seemed a queue is the path's own delay, the target of before that delay.
    pub(super) fn see(
        &mut self,
        now: Time,
        queue: &mut QueueDelay,
        queued: bool,
        path: &Path,
        target: u64,
    ) -> Option<u64> {
        let standing = queue.standing(now);
        let span = std::time::Duration::from_secs_f64((RTTS * path.rtt()).clamp(MIN_SPAN, 10.0));
        if standing == 0.0 {
            self.target = if self.until.take().is_some() { self.target } else { target };
            return None;
        }
        match self.until {
            Some(until) if now >= until => {
                self.until = None;
                let fallen = self.before - queue.average();
                if fallen < FALL.max(FALL_SHARE * self.before) {
                    queue.rebase(now);
                    return Some(self.target);
                }
                self.again = Some(now + span + span);
            }
            Some(_) => {}
            None => {
                let patience = if queued { PATIENCE_QUEUED } else { PATIENCE };
                if standing > patience && self.again.is_none_or(|again| now >= again) {
                    self.until = Some(now + span);
                    self.before = queue.average();
                }
            }
        }
        None
    }

    /// Is the queue being emptied?
    pub(super) const fn is_on(&self) -> bool {
        self.until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::digest::Digest;
    use super::*;

    /// Feedback each 50 ms with these queue delays in milliseconds, from the instant `from` on; the ticks with the drain on.
    fn run(
        drain: &mut Drain,
        queue: &mut QueueDelay,
        from: i64,
        queues: impl Iterator<Item = f64>,
    ) -> Vec<i64> {
        let mut path = Path::default();
        path.see(&Digest { rtt: Some(0.1), ..Digest::default() });
        let mut on = Vec::new();
        for (tick, waited) in queues.enumerate() {
            let tick = from + tick as i64;
            let now = Time::from_micros(tick * 50_000);
            let delay = 0.050 + waited / 1e3;
            queue.see(now, 0.05, (delay, delay));
            let queued = queue.average() > 0.024;
            let _ = drain.see(now, queue, queued, &path, 1_000_000);
            if drain.is_on() {
                on.push(tick);
            }
        }
        on
    }

    #[test]
    fn a_queue_that_stands_for_eight_seconds_is_emptied() {
        let (mut drain, mut queue) = (Drain::default(), QueueDelay::default());
        let standing = (0..163).map(|tick| if tick == 0 { 0.0 } else { 12.0 });
        let on = run(&mut drain, &mut queue, 0, standing.chain([9.0, 6.0, 2.0, 2.0]));
        assert_eq!(on, [162, 163, 164], "on beyond eight seconds, and off when it is empty");
    }

    #[test]
    fn one_that_does_not_become_shorter_was_none() {
        let (mut drain, mut queue) = (Drain::default(), QueueDelay::default());
        let longer = (0..80).map(|tick| if tick == 0 { 0.0 } else { 40.0 });
        let on = run(&mut drain, &mut queue, 0, longer);
        assert_eq!(on, (42..52).collect::<Vec<_>>(), "beyond two seconds, for five round trips");
        assert!(queue.average() < 1e-9, "and then the path is taken to be so long");
    }

    #[test]
    fn one_that_becomes_shorter_is_one_and_is_tried_again_later() {
        let (mut drain, mut queue) = (Drain::default(), QueueDelay::default());
        let falling = (0..80).map(|tick| match tick {
            0 => 0.0,
            1..48 => 40.0,
            _ => 33.0,
        });
        let on = run(&mut drain, &mut queue, 0, falling);
        assert_eq!(on, (42..52).chain(72..80).collect::<Vec<_>>());
        assert!(queue.average() > 0.030, "others keep it");
    }
}
