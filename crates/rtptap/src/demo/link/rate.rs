//! How much a link carries, over time.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

/// From audio with little beside it to what 600 s of still fit into memory.
const RATE_RANGE: RangeInclusive<u64> = 100_000..=10_000_000;
/// A call's longest time.
const LAST_STEP: Duration = Duration::from_secs(600);
const MOST_STEPS: usize = 32;

/// The rate of a link over time: a staircase, in bits per second with IP and UDP headers.
///
/// Written in Mbit/s, each further rate with the second at which it begins:
///
/// ```
/// use std::time::Duration;
/// use rtptap::demo::link::RateSchedule;
///
/// let rate: RateSchedule = "1.0,2.5@10,0.6@20".parse()?;
/// assert_eq!(rate.at(Duration::from_secs(15)), 2_500_000);
/// assert_eq!(rate.to_string(), "1,2.5@10,0.6@20");
/// # Ok::<(), rtptap::demo::link::RateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateSchedule {
    /// The first at zero, times rising.
    steps: Vec<RateStep>,
}

/// A rate, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateStep {
    /// When it begins, since the start.
    pub from: Duration,
    /// Bits per second until the next step, IP and UDP headers included.
    pub bits_per_second: u64,
}

/// What passes: a rate in bits per second times nanoseconds, so that nothing is rounded.
pub(super) type NanoBits = u128;

/// A schedule of rates that cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RateError {
    /// The first part names a time.
    #[error("the first rate counts from the start: leave the {0:?} away")]
    FirstHasTime(String),
    /// A further part names none.
    #[error("{0:?} does not say when: write it as {0}@SECONDS")]
    TimeMissing(String),
    /// What should be a number is none.
    #[error("{0:?} is not a number")]
    NotANumber(String),
    /// A rate is out of its range.
    #[error("{0} Mbit/s is not in 0.1..=10")]
    Rate(f64),
    /// A step begins before the one ahead of it, with it, or too late for any call.
    #[error("a step at {0} s: each begins after the one before, and by 600 s")]
    Time(f64),
    /// There are too many.
    #[error("more than {MOST_STEPS} rates")]
    TooMany,
}

impl RateSchedule {
    /// The same rate all the time, in bits per second.
    ///
    /// # Errors
    /// [`RateError::Rate`] outside of 100 kbit/s to 10 Mbit/s.
    pub fn constant(bits_per_second: u64) -> Result<Self, RateError> {
        check_rate(bits_per_second)?;
        Ok(Self { steps: vec![RateStep { from: Duration::ZERO, bits_per_second }] })
    }

    /// From a time on, another rate.
    ///
    /// # Errors
    /// A rate out of range, a time not after the step before or beyond 600 s, more than 32 rates.
    pub fn then(mut self, from: Duration, bits_per_second: u64) -> Result<Self, RateError> {
        check_rate(bits_per_second)?;
        if from <= self.last().from || from > LAST_STEP {
            return Err(RateError::Time(from.as_secs_f64()));
        }
        if self.steps.len() >= MOST_STEPS {
            return Err(RateError::TooMany);
        }
        self.steps.push(RateStep { from, bits_per_second });
        Ok(self)
    }

    /// Every step, the first from zero on.
    #[must_use]
    pub fn steps(&self) -> &[RateStep] {
        &self.steps
    }

    /// Bits per second at a time since the start.
    #[must_use]
    pub fn at(&self, time: Duration) -> u64 {
        let reached = self.steps.iter().rev().find(|step| step.from <= time);
        reached.map_or(0, |step| step.bits_per_second)
    }

    /// The mean rate from the start to `end`, in bits per second.
    #[must_use]
    pub fn mean(&self, end: Duration) -> f64 {
        if end.is_zero() { self.at(end) as f64 } else { self.passes_by(end) as f64 / end.as_nanos() as f64 }
    }

    /// When the last rate begins.
    #[must_use]
    pub fn last_step_at(&self) -> Duration {
        self.last().from
    }

    /// All that can pass from the start to `time`.
    pub(super) fn passes_by(&self, time: Duration) -> NanoBits {
        let mut ends = self.steps.iter().skip(1).map(|step| step.from.min(time));
        let pieces = self.steps.iter().map(|step| {
            let end = ends.next().unwrap_or(time);
            u128::from(step.bits_per_second) * end.saturating_sub(step.from).as_nanos()
        });
        pieces.sum()
    }

    /// The first nanosecond by which so much can have passed since the start.
    pub(super) fn when_passed(&self, amount: NanoBits) -> Duration {
        let step = self.steps.iter().rev().find(|step| self.passes_by(step.from) <= amount);
        let step = step.copied().unwrap_or_else(|| self.last());
        let rest = amount.saturating_sub(self.passes_by(step.from));
        let nanos = rest.div_ceil(u128::from(step.bits_per_second));
        step.from + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    fn last(&self) -> RateStep {
        let none = RateStep { from: Duration::ZERO, bits_per_second: *RATE_RANGE.start() };
        self.steps.last().copied().unwrap_or(none)
    }
}

impl FromStr for RateSchedule {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (first, rest) = text.split_once(',').map_or((text, None), |(first, rest)| (first, Some(rest)));
        if let Some(at) = first.find('@') {
            return Err(RateError::FirstHasTime(first.get(at..).unwrap_or_default().to_owned()));
        }
        let schedule = Self::constant(megabits(first)?)?;
        rest.into_iter().flat_map(|rest| rest.split(',')).try_fold(schedule, |schedule, part| {
            let (rate, time) = part.split_once('@').ok_or_else(|| RateError::TimeMissing(part.to_owned()))?;
            let seconds = number(time)?;
            let from = Duration::try_from_secs_f64(seconds).map_err(|_| RateError::Time(seconds))?;
            schedule.then(from, megabits(rate)?)
        })
    }
}

impl fmt::Display for RateSchedule {
    /// As it is parsed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.steps.iter().enumerate() {
            let rate = step.bits_per_second as f64 / 1e6;
            match i {
                0 => write!(f, "{rate}")?,
                _ => write!(f, ",{rate}@{}", step.from.as_secs_f64())?,
            }
        }
        Ok(())
    }
}

fn check_rate(bits_per_second: u64) -> Result<(), RateError> {
    let in_range = RATE_RANGE.contains(&bits_per_second);
    if in_range { Ok(()) } else { Err(RateError::Rate(bits_per_second as f64 / 1e6)) }
}

fn megabits(text: &str) -> Result<u64, RateError> {
    let megabits = number(text)?;
    // What a cast makes of anything beyond a u64 is out of range as well.
    let bits = (megabits * 1e6).round() as u64;
    check_rate(bits).map(|()| bits).map_err(|_| RateError::Rate(megabits))
}

fn number(text: &str) -> Result<f64, RateError> {
    text.parse().map_err(|_| RateError::NotANumber(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn schedule(text: &str) -> RateSchedule {
        text.parse().unwrap()
    }

    #[test]
    fn a_staircase_is_read_and_written() {
        let rate = schedule("1.0,2.5@10,0.6@20.5");
        let expect = RateSchedule::constant(1_000_000).unwrap();
        let expect = expect.then(secs(10), 2_500_000).unwrap();
        assert_eq!(rate, expect.then(Duration::from_millis(20_500), 600_000).unwrap());
        assert_eq!(rate.to_string(), "1,2.5@10,0.6@20.5");
        let at = |ms| rate.at(Duration::from_millis(ms));
        assert_eq!(
            [0, 9_999, 10_000, 20_499, 20_500, 900_000].map(at),
            [1_000_000, 1_000_000, 2_500_000, 2_500_000, 600_000, 600_000]
        );
        assert_eq!(schedule("1.5").steps().len(), 1);
    }

    #[test]
    fn what_cannot_be_says_what_would_do() {
        let error = |text: &str| text.parse::<RateSchedule>().unwrap_err().to_string();
        for (text, says) in [
            ("", "\"\" is not a number"),
            ("fast", "\"fast\" is not a number"),
            ("1,", "\"\" does not say when: write it as @SECONDS"),
            ("1@5", "the first rate counts from the start: leave the \"@5\" away"),
            ("1,2", "\"2\" does not say when: write it as 2@SECONDS"),
            ("1,2@", "\"\" is not a number"),
            ("1,x@5", "\"x\" is not a number"),
            ("0.05", "0.05 Mbit/s is not in 0.1..=10"),
            ("1,10.5@5", "10.5 Mbit/s is not in 0.1..=10"),
            ("NaN", "NaN Mbit/s is not in 0.1..=10"),
            ("-1", "-1 Mbit/s is not in 0.1..=10"),
            ("1e30", "1000000000000000000000000000000 Mbit/s is not in 0.1..=10"),
            ("1,2@0", "a step at 0 s: each begins after the one before, and by 600 s"),
            ("1,2@9,3@9", "a step at 9 s: each begins after the one before, and by 600 s"),
            ("1,2@-3", "a step at -3 s: each begins after the one before, and by 600 s"),
            ("1,2@601", "a step at 601 s: each begins after the one before, and by 600 s"),
            ("1,2@inf", "a step at inf s: each begins after the one before, and by 600 s"),
        ] {
            assert_eq!(error(text), says, "{text}");
        }
        let long = (1..40).fold("1".to_owned(), |text, at| format!("{text},2@{at}"));
        assert_eq!(error(&long), "more than 32 rates");
    }

    #[test]
    fn what_passes_adds_up_over_the_steps() {
        let rate = schedule("1,2@10,0.5@20");
        let bits = |seconds| rate.passes_by(secs(seconds)) / 1_000_000_000;
        assert_eq!([0, 10, 15, 20, 30].map(bits), [0, 10_000_000, 20_000_000, 30_000_000, 35_000_000]);
        assert_eq!(rate.mean(secs(20)), 1_500_000.0);
        assert_eq!(rate.mean(secs(0)), 1_000_000.0);
        assert_eq!(rate.last_step_at(), secs(20));
    }

    proptest! {
        #[test]
        fn when_and_how_much_are_each_others_inverse(nanos in 0_u64..40_000_000_000, amount in 0_u128..40_000_000_000_000_000) {
            let rate = schedule("1.7,0.3@0.7,9.9@12,0.1@12.000001");
            let time = Duration::from_nanos(nanos);
            prop_assert_eq!(rate.when_passed(rate.passes_by(time)), time);
            let when = rate.when_passed(amount);
            prop_assert!(rate.passes_by(when) >= amount);
            let before = when.checked_sub(Duration::from_nanos(1));
            prop_assert!(before.is_none_or(|before| rate.passes_by(before) < amount));
        }

        #[test]
        fn no_text_panics_and_what_is_read_is_written_the_same(text in "[0-9.,@eNinfa-]{0,20}") {
            if let Ok(rate) = text.parse::<RateSchedule>() {
                prop_assert_eq!(rate.to_string().parse::<RateSchedule>(), Ok(rate));
            }
        }
    }
}
