//! How long to wait for a packet that may only be late.

use std::collections::VecDeque;
use std::time::Duration;

/// Reordering older than this says nothing about now, in microseconds.
const MEMORY_MICROS: u64 = 30_000_000;
/// The newest samples count, as many as libwebrtc's reordering histogram keeps.
const MAX_SAMPLES: usize = 128;
/// The part of the reordering that a request waits for.
const QUANTILE_PERCENT: usize = 95;
/// The most packets to wait for.
const MAX_PACKETS: u8 = 10;
/// The most time to wait, in milliseconds.
const MAX_MILLIS: u8 = 20;

/// What has to have passed since a gap showed before a packet in it is asked for: `packets` after it have come *and*
/// `time` has gone by, or `limit` has gone by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tolerance {
    pub(crate) packets: i64,
    pub(crate) time: Duration,
    pub(crate) limit: Option<Duration>,
}

impl Tolerance {
    /// Asks at once.
    pub(crate) const NONE: Self = Self { packets: 0, time: Duration::ZERO, limit: Some(Duration::ZERO) };
}

/// A packet that came after others that were sent later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sample {
    at: u64,
    /// Steps behind the newest number.
    packets: u8,
    /// From the moment that showed the gap, rounded up.
    millis: u8,
}

/// The reordering that a stream has shown in the last 30 seconds.
#[derive(Debug, Default)]
pub(crate) struct ReorderEstimator {
    samples: VecDeque<Sample>,
}

impl ReorderEstimator {
    /// A packet came at `now` (in microseconds), `packets` steps behind the newest one and `delay` after its gap showed.
    pub(crate) fn record(&mut self, packets: u64, delay: Duration, now: u64) {
        if self.samples.len() >= MAX_SAMPLES {
            self.samples.pop_front();
        }
        let packets = packets.min(u64::from(MAX_PACKETS)) as u8;
        let millis = delay.as_micros().div_ceil(1000).min(u128::from(MAX_MILLIS)) as u8;
        self.samples.push_back(Sample { at: now, packets, millis });
    }

    /// What covers 95 % of the reordering of the last 30 s.
    pub(crate) fn tolerance(&mut self, now: u64) -> Tolerance {
        while self.samples.front().is_some_and(|sample| now.saturating_sub(sample.at) > MEMORY_MICROS) {
            self.samples.pop_front();
        }
        if self.samples.is_empty() {
            return Tolerance::NONE;
        }
        let packets = self.quantile(|sample| sample.packets);
        let millis = self.quantile(|sample| sample.millis);
        Tolerance {
            // A packet that is late by n steps is here when the one n + 1 after it comes.
            packets: i64::from((packets + 1).min(MAX_PACKETS)),
            time: Duration::from_millis(u64::from(millis)),
            limit: Some(Duration::from_millis(u64::from(MAX_MILLIS))),
        }
    }

    /// The smallest value that at least 95 % of the samples do not exceed.
    fn quantile(&self, value: impl Fn(&Sample) -> u8) -> u8 {
        let mut counts = [0_usize; MAX_MILLIS as usize + 1];
        for sample in &self.samples {
            if let Some(count) = counts.get_mut(usize::from(value(sample))) {
                *count += 1;
            }
        }
        let wanted = (self.samples.len() * QUANTILE_PERCENT).div_ceil(100);
        let mut covered = 0;
        let at = counts.iter().position(|count| {
            covered += count;
            covered >= wanted
        });
        at.map_or(MAX_MILLIS, |at| at as u8)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn waits_for_nothing_until_a_stream_has_reordered() {
        assert_eq!(ReorderEstimator::default().tolerance(0), Tolerance::NONE);
    }

    #[test]
    fn forgets_after_thirty_seconds() {
        let mut estimator = ReorderEstimator::default();
        estimator.record(3, millis(4), 1_000_000);
        let seen = Tolerance { packets: 4, time: millis(4), limit: Some(millis(20)) };
        assert_eq!(estimator.tolerance(31_000_000), seen);
        assert_eq!(estimator.tolerance(31_000_001), Tolerance::NONE);
    }

    proptest! {
        #[test]
        fn covers_what_sorting_says(samples in prop::collection::vec(
            (0_u64..15, 0_u64..40_000, 0_u64..2_000_000), 1..300,
        )) {
            let mut estimator = ReorderEstimator::default();
            let mut seen: Vec<(u64, u64, u64)> = Vec::new();
            let mut now = 0;
            for (packets, micros, step) in samples {
                now += step;
                estimator.record(packets, Duration::from_micros(micros), now);
                seen.push((now, packets.min(10), micros.div_ceil(1000).min(20)));
                let newest = seen.iter().rev().take(128).filter(|(at, ..)| now - at <= 30_000_000);
                let (mut packets, mut times): (Vec<u64>, Vec<u64>) =
                    newest.map(|(_, packets, millis)| (*packets, *millis)).unzip();
                packets.sort_unstable();
                times.sort_unstable();
                let at = (packets.len() * 95).div_ceil(100) - 1;
                let tolerance = estimator.tolerance(now);
                prop_assert_eq!(tolerance.packets as u64, (packets[at] + 1).min(10));
                prop_assert_eq!(tolerance.time, millis(times[at]));
            }
        }
    }
}
