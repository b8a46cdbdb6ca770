//! How much delay there is to be: what jitter asks for, within bounds, and what others ask for.

use std::time::Duration;

use interceptor_core::PlayoutBounds;

use crate::JitterBufferOptions;
use crate::histogram::Histogram;
use crate::nanos::nanos;

/// The delay aimed at over the fastest path.
#[derive(Debug)]
pub(crate) struct Target {
    histogram: Histogram,
    quantile: Option<f32>,
    /// By the options; `start` is the fixed delay where there is one.
    start: i64,
    own: (i64, i64),
    /// With what the sender wants.
    min: i64,
    max: i64,
    /// The sender wants no delay at all: what is complete leaves at once.
    pub(crate) at_once: bool,
    /// By jitter alone.
    jitter: i64,
    /// So that a retransmission comes in time.
    pub(crate) floor: i64,
    /// So that streams of one source are heard together.
    pub(crate) sync: i64,
}

impl Target {
    pub(crate) fn new(options: &JitterBufferOptions) -> Self {
        let own = (nanos(options.min), nanos(options.max));
        let start = match options.aim {
            crate::Aim::Fixed(delay) => nanos(delay),
            _ => nanos(options.start).clamp(own.0, own.1),
        };
        Self {
            histogram: Histogram::default(),
            quantile: options.aim.quantile(),
            start,
            own,
            min: own.0,
            max: own.1,
            at_once: false,
            jitter: start,
            floor: 0,
            sync: 0,
        }
    }

    /// The largest delay of an interval over the fastest path.
    pub(crate) fn learn(&mut self, delay: i64) {
        let Some(quantile) = self.quantile else { return };
        self.histogram.add(delay);
        self.jitter = self.histogram.quantile(quantile).unwrap_or(self.start);
    }

    /// What jitter alone asks for.
    pub(crate) fn minimum(&self) -> i64 {
        self.jitter.min(self.own.1)
    }

    /// The delay aimed at.
    #[inline]
    pub(crate) fn get(&self) -> i64 {
        self.jitter.max(self.floor).clamp(self.min, self.max) + self.sync
    }

    /// No packet waits for longer.
    #[inline]
    pub(crate) const fn most(&self) -> i64 {
        self.max + self.sync
    }

    /// The delay of a stream whose clock nobody knows.
    pub(crate) const fn least(&self) -> i64 {
        self.min
    }

    /// The sender says how long packets are to wait. It cannot ask for more than the options allow.
    pub(crate) fn bound(&mut self, bounds: &PlayoutBounds) {
        self.at_once = bounds.max == Duration::ZERO;
        let (least, most) = self.own;
        (self.min, self.max) = (least, most);
        // A hole is waited for all the same.
        if !self.at_once {
            self.max = nanos(bounds.max).clamp(1, most);
            self.min = nanos(bounds.min).max(least).min(self.max);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn bounded(min: u32, max: u32) -> Target {
        let mut target = Target::new(&JitterBufferOptions::default());
        target.bound(&PlayoutBounds { ssrc: 1, min: min * MS, max: max * MS });
        target
    }

    #[test]
    fn the_sender_narrows_what_the_options_allow() {
        for (min, max, wanted) in
            [(0, 40_000, 40), (100, 40_000, 100), (0, 20, 20), (0, 2, 2), (5000, 40_000, 1000), (0, 0, 40)]
        {
            assert_eq!(bounded(min, max).get(), nanos(wanted * MS), "{min}..={max}");
        }
        assert!(bounded(0, 0).at_once && !bounded(0, 1).at_once);
    }

    #[test]
    fn floor_and_sync_come_on_top_and_are_no_jitter() {
        let mut target = bounded(0, 500);
        (target.floor, target.sync) = (nanos(120 * MS), nanos(30 * MS));
        assert_eq!((target.get(), target.minimum()), (nanos(150 * MS), nanos(40 * MS)));
        target.floor = i64::MAX;
        assert_eq!((target.get(), target.most()), (nanos(530 * MS), nanos(530 * MS)));
    }
}
