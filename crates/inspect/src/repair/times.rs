//! Times to recover, counted by size on a logarithmic scale.

use super::Micros;

/// Time to recover, in ms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RecoveryMs {
    /// The median.
    pub p50: f64,
    /// What one of twenty exceeds.
    pub p95: f64,
}

/// Steps of each power of two: a time is known to 1.6 %.
const STEPS: u64 = 32;
/// Times from 2^36 µs on, some 19 hours, are one.
const LONGEST: Micros = 1 << 36;

/// How many times there are of each size. At most 1056 sizes of 8 bytes; few are ever used.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    /// By size, in order.
    counts: Vec<(u16, u32)>,
}

impl Times {
    pub(super) fn add(&mut self, time: Micros) {
        let size = size(time);
        match self.counts.binary_search_by_key(&size, |(size, _)| *size) {
            Ok(place) => {
                if let Some((_, count)) = self.counts.get_mut(place) {
                    *count = count.saturating_add(1);
                }
            }
            Err(place) => self.counts.insert(place, (size, 1)),
        }
    }

    /// Takes back a time that was [added](Self::add).
    pub(super) fn remove(&mut self, time: Micros) {
        let size = size(time);
        if let Ok(place) = self.counts.binary_search_by_key(&size, |(size, _)| *size)
            && let Some((_, count)) = self.counts.get_mut(place)
        {
            *count = count.saturating_sub(1);
        }
    }

    pub(super) fn extend(&mut self, other: &Self) {
        for &(size, count) in &other.counts {
            match self.counts.binary_search_by_key(&size, |(size, _)| *size) {
                Ok(place) => {
                    if let Some((_, sum)) = self.counts.get_mut(place) {
                        *sum = sum.saturating_add(count);
                    }
                }
                Err(place) => self.counts.insert(place, (size, count)),
            }
        }
    }

    /// `None` without times.
    pub(super) fn figures(&self) -> Option<RecoveryMs> {
        let all = self.counts.iter().map(|(_, count)| u64::from(*count)).sum::<u64>();
        let at = |percent: u64| {
            let rank = (all * percent).div_ceil(100);
            let mut before = 0;
            let (size, _) = self.counts.iter().find(|(_, count)| {
                before += u64::from(*count);
                before >= rank && *count > 0
            })?;
            Some(middle(*size) / 1000.0)
        };
        Some(RecoveryMs { p50: at(50)?, p95: at(95)? })
    }
}

/// Up to [`STEPS`] µs exact, from there on so many sizes for each power of two.
fn size(time: Micros) -> u16 {
    let time = time.min(LONGEST);
    if time < STEPS {
        return time as u16;
    }
    let octave = u64::from(time.ilog2() - STEPS.ilog2());
    ((octave + 1) * STEPS + (time >> octave) - STEPS) as u16
}

/// The middle of all times of a size, in µs.
fn middle(size: u16) -> f64 {
    let (octave, step) = (u64::from(size) / STEPS, u64::from(size) % STEPS);
    let Some(octave) = octave.checked_sub(1) else { return step as f64 };
    let width = (1_u64 << octave) as f64;
    (STEPS + step) as f64 * width + (width - 1.0) / 2.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_are_those_of_the_times_left() {
        let mut times = Times::default();
        assert_eq!(times.figures(), None);
        times.add(7);
        assert_eq!(times.figures(), Some(RecoveryMs { p50: 0.007, p95: 0.007 }));
        times.remove(7);
        assert_eq!(times.figures(), None);
        (1..=100).for_each(|time| times.add(time * 1000));
        let figures = times.figures().unwrap();
        assert!((figures.p50 - 50.0).abs() < 0.8 && (figures.p95 - 95.0).abs() < 1.5, "{figures:?}");
        let mut more = Times::default();
        (0..100).for_each(|_| more.add(1_000_000));
        more.extend(&times);
        assert!(more.figures().unwrap().p95 > 980.0);
    }

    proptest! {
        #[test]
        fn a_time_is_known_to_two_percent(time in 0..LONGEST) {
            let known = middle(size(time));
            prop_assert!((known - time as f64).abs() <= time as f64 / 60.0 , "{time} {known}");
            prop_assert!(size(time) < 1056);
        }

        #[test]
        fn longer_times_have_larger_sizes(a: u64, b: u64) {
            prop_assert!(a > b || size(a) <= size(b));
        }
    }
}
