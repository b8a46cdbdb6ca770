//! What a queue was like over the last seconds: one that stands is either somebody else's, or none.

use crate::Time;
use crate::adaptive::clock::millis;
use crate::adaptive::ring::Ring;

/// How far back is looked, in ms.
const WINDOW_MS: f64 = 4000.0;
/// The steps that this is counted in, in ms.
const STEP_MS: f64 = 100.0;
/// A queue above this is high, in ms: the delay at which our own flows meet on a link of 0.6 Mb/s.
const HIGH_MS: f64 = 25.0;
/// The newest part, over which a queue may be flat, in ms.
const FLAT_MS: f64 = 1500.0;
/// What a queue is compared with to see whether it falls: the last second, and what was from 2.5 s ago on, in ms.
const RECENT_MS: f64 = 1000.0;
const EARLIER_MS: f64 = 2500.0;
/// A queue that keeps more than this of its height does not fall.
const KEPT: f64 = 0.8;

#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    start: Time,
    samples: u32,
    high: u32,
    sum: f64,
    least: f64,
    most: f64,
}

/// Four seconds of queue.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    bins: Ring<Bin, 64>,
    samples: u32,
    high: u32,
}

impl Default for Standing {
    fn default() -> Self {
        Self { bins: Ring::new(), samples: 0, high: 0 }
    }
}

impl Standing {
    pub(crate) fn observe(&mut self, now: Time, queue: f64) {
        while let Some(first) = self.bins.first()
            && millis(now, first.start) > WINDOW_MS
        {
            self.samples -= first.samples;
            self.high -= first.high;
            self.bins.pop();
        }
        if self.bins.last().is_none_or(|bin| millis(now, bin.start) >= STEP_MS) {
            self.bins.push(Bin { start: now, least: f64::INFINITY, ..Bin::default() });
        }
        if let Some(bin) = self.bins.last_mut() {
            let high = u32::from(queue > HIGH_MS);
            (bin.samples, bin.high) = (bin.samples + 1, bin.high + high);
            (bin.least, bin.most) = (bin.least.min(queue), bin.most.max(queue));
            bin.sum += queue;
            self.samples += 1;
            self.high += high;
        }
    }

    /// The share of the time that the queue was high.
    pub(crate) fn share_high(&self) -> f64 {
        f64::from(self.high) / f64::from(self.samples.max(1))
    }

    /// Samples there are.
    pub(crate) const fn samples(&self) -> u32 {
        self.samples
    }

    /// How far back they go, in ms.
    pub(crate) fn span(&self, now: Time) -> f64 {
        self.bins.first().map_or(0.0, |first| millis(now, first.start))
    }

    /// The least and the most of the last 1.5 s.
    pub(crate) fn range(&self, now: Time) -> (f64, f64) {
        let recent = self.bins.iter().rev().take_while(|bin| millis(now, bin.start) < FLAT_MS);
        recent.fold((f64::INFINITY, 0.0), |(least, most), bin| (least.min(bin.least), most.max(bin.most)))
    }

    /// It is being emptied, if slowly: then it is our own.
    pub(crate) fn falls(&self, now: Time) -> bool {
        let mean = |from: f64, to: f64| {
            let bins = self.bins.iter().filter(|bin| (from..to).contains(&millis(now, bin.start)));
            let (samples, sum) = bins.fold((0, 0.0), |(n, sum), bin| (n + bin.samples, sum + bin.sum));
            sum / f64::from(samples.max(1))
        };
        mean(0.0, RECENT_MS) <= KEPT * mean(EARLIER_MS, WINDOW_MS)
    }

    /// What stood was no queue.
    pub(crate) fn empty(&mut self, now: Time) {
        *self = Self::default();
        self.observe(now, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    fn over(seconds: i64, queue: impl Fn(i64) -> f64) -> (Standing, Time) {
        let mut standing = Standing::default();
        for at in (0..=seconds * 1000).step_by(50) {
            standing.observe(ms(at), queue(at));
        }
        (standing, ms(seconds * 1000))
    }

    #[test]
    fn a_queue_that_stands_is_high_flat_and_does_not_fall() {
        let (standing, now) = over(10, |at| 40.0 + (at % 100) as f64 / 50.0);
        assert_eq!(standing.share_high(), 1.0);
        assert_eq!(standing.range(now), (40.0, 41.0));
        assert!(!standing.falls(now));
        assert!((3900.0..=4000.0).contains(&standing.span(now)), "{}", standing.span(now));
        assert!((79..=82).contains(&standing.samples()));
    }

    #[test]
    fn one_that_is_emptied_falls() {
        let (standing, now) = over(10, |at| 100.0 - at as f64 / 125.0);
        assert!(standing.falls(now));
        assert!(standing.range(now).1 - standing.range(now).0 > 8.0);
    }

    #[test]
    fn what_was_is_forgotten() {
        let (mut standing, now) = over(20, |at| if at < 15_000 { 99.0 } else { 1.0 });
        assert_eq!(standing.share_high(), 0.0);
        standing.empty(now);
        assert_eq!((standing.samples(), standing.span(now)), (1, 0.0));
    }
}
