//! How much a bottleneck carries, over time.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use interceptor_test::Capacity;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A staircase of rates.
///
/// As text `1.0,2.5@40,0.6@60`: Mb/s, each but the first with the second from which on it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Seconds and bits per second, the first at 0.
    steps: Vec<(f64, u64)>,
}

impl Schedule {
    /// The same rate all the time.
    #[must_use]
    pub fn constant(mbit: f64) -> Self {
        Self { steps: vec![(0.0, bits(mbit))] }
    }

    /// From `second` on another rate.
    #[must_use]
    pub fn then(mut self, second: f64, mbit: f64) -> Self {
        self.steps.push((second, bits(mbit)));
        self
    }

    /// Every rate times `factor`.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        for (_, rate) in &mut self.steps {
            *rate = (*rate as f64 * factor).round() as u64;
        }
        self
    }

    /// A walk as a mobile link takes it: every 0.5 to 2.5 s the rate changes by up to 2 Mb/s in either direction, and stays between 0.6
    /// and 8 Mb/s.
    #[must_use]
    pub fn walk(seed: u64, seconds: f64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut second, mut mbit): (f64, f64) = (0.0, 4.0);
        let mut walk = Self::constant(mbit);
        loop {
            second += rng.random_range(0.5..2.5);
            if second >= seconds {
                return walk;
            }
            mbit = (mbit + rng.random_range(-2.0..2.0)).clamp(0.6, 8.0);
            walk = walk.then(second, mbit);
        }
    }

    /// A trace: lines of a second and a rate in Mb/s, or lines of one number each as Mahimahi writes them, the milliseconds at
    /// which a packet of 1500 bytes may leave. What begins with `#` is skipped.
    ///
    /// # Errors
    /// A line that is neither, and lines that go back in time.
    pub fn from_trace(text: &str) -> Result<Self> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut rates = Vec::new();
        let mut chances = Vec::new();
        for line in lines {
            let words: Vec<&str> = line.split([' ', '\t', ',']).filter(|word| !word.is_empty()).collect();
            match words.as_slice() {
                [second, mbit] => rates.push((number(second)?, bits(number(mbit)?))),
                [milliseconds] => chances.push(number(milliseconds)? / 1000.0),
                _ => bail!("neither `seconds Mb/s` nor milliseconds: {line}"),
            }
        }
        ensure!(rates.is_empty() != chances.is_empty(), "a trace has lines of one kind");
        let steps = if rates.is_empty() { per_tenth(&chances) } else { rates };
        Self::checked(steps)
    }

    fn checked(mut steps: Vec<(f64, u64)>) -> Result<Self> {
        if let Some(first) = steps.first_mut() {
            first.0 = 0.0;
        }
        let ordered = steps.windows(2).all(|pair| matches!(pair, [before, after] if before.0 < after.0));
        ensure!(!steps.is_empty() && ordered, "steps follow each other in time");
        Ok(Self { steps })
    }

    /// For a link.
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        let (first, later) = self.steps.split_first().map_or((0, &[][..]), |(first, later)| (first.1, later));
        later.iter().fold(Capacity::constant(first), |capacity, (second, rate)| {
            capacity.then(Duration::from_secs_f64(*second), *rate)
        })
    }

    /// The rate at a second, in bits per second.
    #[must_use]
    pub fn at(&self, second: f64) -> u64 {
        let passed = self.steps.iter().take_while(|(from, _)| *from <= second);
        passed.last().map_or(0, |(_, rate)| *rate)
    }

    /// The highest rate, in bits per second.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.steps.iter().map(|(_, rate)| *rate).max().unwrap_or(0)
    }

    /// Each level until `end`: from, to, and Mb/s.
    pub(crate) fn levels(&self, end: f64) -> impl Iterator<Item = (f64, f64, f64)> {
        let ends = self.steps.iter().skip(1).map(|(second, _)| *second).chain([end]);
        self.steps.iter().zip(ends).map(|((begin, rate), end)| (*begin, end, *rate as f64 / 1e6))
    }

    /// Bits that can be carried between two seconds.
    #[must_use]
    pub fn bits(&self, from: f64, to: f64) -> f64 {
        let ends = self.steps.iter().skip(1).map(|(second, _)| *second).chain([f64::INFINITY]);
        let spans = self.steps.iter().zip(ends);
        spans.map(|((begin, rate), end)| (end.min(to) - begin.max(from)).max(0.0) * *rate as f64).sum()
    }
}

impl FromStr for Schedule {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut steps = Vec::new();
        for word in text.split(',') {
            let (mbit, second) = word.split_once('@').unwrap_or((word, "0"));
            steps.push((number(second)?, bits(number(mbit)?)));
        }
        Self::checked(steps)
    }
}

/// Chances to send in seconds become rates of a tenth of a second each. A tenth without any is an outage.
fn per_tenth(chances: &[f64]) -> Vec<(f64, u64)> {
    let last = chances.iter().copied().fold(0.0, f64::max);
    let tenths = (last * 10.0).floor() as usize + 1;
    let mut counts = vec![0_u64; tenths];
    for chance in chances {
        if let Some(count) = counts.get_mut((chance * 10.0).floor() as usize) {
            *count += 1;
        }
    }
    counts.into_iter().enumerate().map(|(tenth, count)| (tenth as f64 / 10.0, count * 120_000)).collect()
}

fn number(word: &str) -> Result<f64> {
    let number: f64 = word.trim().parse().with_context(|| format!("not a number: {word}"))?;
    ensure!(number.is_finite() && number >= 0.0, "not a number of seconds or Mb/s: {word}");
    Ok(number)
}

fn bits(mbit: f64) -> u64 {
    (mbit * 1e6).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_mbit_and_seconds() {
        let schedule: Schedule = "1.0,2.5@40,0.6@60".parse().unwrap();
        assert_eq!(
            (schedule.at(39.9), schedule.at(40.0), schedule.at(99.0)),
            (1_000_000, 2_500_000, 600_000)
        );
        assert_eq!(schedule.bits(30.0, 70.0), 10e6 + 50e6 + 6e6);
        assert!("1.0,2.0@10,3.0@10".parse::<Schedule>().is_err());
        assert!("fast".parse::<Schedule>().is_err());
    }

    #[test]
    fn traces_come_in_two_forms() {
        let rates = Schedule::from_trace("# seconds Mb/s\n0 1.5\n0.5 3\n").unwrap();
        assert_eq!(rates, Schedule::constant(1.5).then(0.5, 3.0));
        // Two packets in the first tenth of a second, one in the third.
        let chances = Schedule::from_trace("3\n40\n250\n").unwrap();
        assert_eq!((chances.at(0.0), chances.at(0.15), chances.at(0.29)), (240_000, 0, 120_000));
        assert!(Schedule::from_trace("1 2\n3\n").is_err());
        assert!(Schedule::from_trace("").is_err());
    }

    #[test]
    fn a_walk_is_the_same_for_a_seed() {
        let walk = Schedule::walk(3, 100.0);
        assert_eq!(walk, Schedule::walk(3, 100.0));
        assert_ne!(walk, Schedule::walk(4, 100.0));
        assert!(walk.peak() <= 8_000_000 && walk.at(50.0) >= 600_000);
    }
}
