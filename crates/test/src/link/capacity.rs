//! How fast a link sends, over time.

use std::time::Duration;

use interceptor_core::OptionsError;

use super::check::check;

/// The rate of a link over time: constant, or a staircase.
///
/// ```
/// use interceptor_test::Capacity;
/// use std::time::Duration;
///
/// // 2.5 Mbit/s, half of it from 10 s on, back after 20 s.
/// let capacity = Capacity::constant(2_500_000)
///     .then(Duration::from_secs(10), 1_250_000)
///     .then(Duration::from_secs(20), 2_500_000);
/// assert_eq!(capacity.at(Duration::from_secs(15)), 1_250_000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capacity {
    first: u64,
    steps: Vec<(Duration, u64)>,
}

/// Work is counted in bits × 10⁹, so that rate × nanoseconds is work exactly and no rounding adds up.
pub(super) type Work = u128;

/// The work of sending `bytes`.
pub(super) fn work_of(bytes: usize) -> Work {
    bytes as Work * 8 * 1_000_000_000
}

impl Capacity {
    /// The same rate all the time. Zero sends nothing: what is queued waits.
    #[must_use]
    pub fn constant(bits_per_second: u64) -> Self {
        Self { first: bits_per_second, steps: Vec::new() }
    }

    /// From `at` after the link's start on, another rate. Steps follow each other in time.
    #[must_use]
    pub fn then(mut self, at: Duration, bits_per_second: u64) -> Self {
        self.steps.push((at, bits_per_second));
        self
    }

    /// The rate in bits per second `since_start` after the link's start.
    #[must_use]
    pub fn at(&self, since_start: Duration) -> u64 {
        self.passed(since_start).last().map_or(self.first, |(_, rate)| *rate)
    }

    /// The steps that have come by `since_start`.
    fn passed(&self, since_start: Duration) -> &[(Duration, u64)] {
        self.steps.split_at(self.steps.partition_point(|(at, _)| *at <= since_start)).0
    }

    /// The last rate that was not zero: by it a queue measures itself while nothing is sent.
    pub(super) fn at_or_before(&self, since_start: Duration) -> Option<u64> {
        let passed = self.passed(since_start).iter().rev().map(|(_, rate)| *rate);
        passed.chain([self.first]).find(|rate| *rate > 0)
    }

    pub(super) fn validate(&self) -> Result<(), OptionsError> {
        let mut previous = Duration::ZERO;
        for (at, _) in &self.steps {
            check(*at > previous, "capacity.then.at", at, "after zero and after the step before")?;
            previous = *at;
        }
        Ok(())
    }

    /// When `work` begun at `from` is done, and the work that still fits into that last nanosecond. `None`:
    /// never.
    pub(super) fn finish(&self, from: Duration, mut work: Work) -> Option<(Duration, Work)> {
        let mut begin = from;
        for (rate, end) in self.segments(from) {
            let span = end.map(|end| end.saturating_sub(begin).as_nanos());
            if rate > 0 {
                let needed = work.div_ceil(rate);
                if span.is_none_or(|span| needed <= span) {
                    let needed_nanos = u64::try_from(needed).ok()?;
                    return Some((
                        begin.checked_add(Duration::from_nanos(needed_nanos))?,
                        needed * rate - work,
                    ));
                }
            }
            work -= rate * span?;
            begin = end?;
        }
        None
    }

    /// The work done between two times.
    pub(super) fn work_between(&self, from: Duration, to: Duration) -> Work {
        let mut begin = from;
        let mut done = 0;
        for (rate, end) in self.segments(from) {
            let end = end.map_or(to, |end| end.min(to));
            done += rate * end.saturating_sub(begin).as_nanos();
            begin = end.max(begin);
        }
        done
    }

    /// The pieces of constant rate from `from` on: rate and end, the last without an end.
    fn segments(&self, from: Duration) -> impl Iterator<Item = (u128, Option<Duration>)> {
        let later = self.steps.iter().skip(self.passed(from).len());
        let rates = std::iter::once(self.at(from)).chain(later.clone().map(|(_, rate)| *rate));
        let ends = later.map(|(at, _)| Some(*at)).chain([None]);
        rates.map(u128::from).zip(ends)
    }
}
