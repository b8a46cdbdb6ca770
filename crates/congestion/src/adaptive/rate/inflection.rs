//! Where the path was full last: near there growth is slow.

/// A rate within this share of the last one belongs to the same path.
const SAME: f64 = 0.3;
/// What is kept of the old rate when a new one belongs to the same path.
const KEPT: f64 = 0.7;
/// What is kept when marks, which come earlier and more often than queues, tell it.
const KEPT_MARKED: f64 = 0.8;
/// How quickly growth returns with the distance: a sixth above or below, it is full.
const WIDTH: f64 = 6.0;
/// Growth is never slower than this share.
pub(crate) const LEAST: f64 = 0.1;

/// The rate at which the path was full (RFC 9438 calls it `W_max`, libwebrtc the link capacity).
#[derive(Clone, Debug, Default)]
pub(crate) struct Inflection {
    rate: Option<f64>,
}

impl Inflection {
    /// The path was full at this rate.
    pub(crate) fn full_at(&mut self, rate: f64) {
        let same = |old: f64| (rate / old - 1.0).abs() < SAME;
        self.rate = Some(match self.rate {
            Some(old) if same(old) => KEPT * old + (1.0 - KEPT) * rate,
            _ => rate,
        });
    }

    /// Packets were marked at this rate; `again`: not long after the last time.
    pub(crate) fn marked_at(&mut self, rate: f64, again: bool) {
        self.rate = Some(match self.rate {
            Some(old) if again => KEPT_MARKED * old + (1.0 - KEPT_MARKED) * rate,
            _ => rate,
        });
    }

    /// The path carries more than was thought.
    pub(crate) const fn forget(&mut self) {
        self.rate = None;
    }

    /// The share of full growth at this rate, 0.1 to 1.
    pub(crate) fn growth(&self, rate: f64) -> f64 {
        let Some(full) = self.rate.filter(|full| *full > 0.0) else { return 1.0 };
        let away = WIDTH * (rate - full) / full;
        (away * away).clamp(LEAST, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_slow_where_the_path_was_full() {
        let mut inflection = Inflection::default();
        assert_eq!(inflection.growth(1e6), 1.0, "nothing is known");
        inflection.full_at(1e6);
        assert_eq!(inflection.growth(1e6), LEAST);
        assert!((inflection.growth(0.9e6) - 0.36).abs() < 1e-9);
        assert_eq!((inflection.growth(0.8e6), inflection.growth(1.2e6)), (1.0, 1.0));
        inflection.forget();
        assert_eq!(inflection.growth(1e6), 1.0);
    }

    #[test]
    fn a_path_that_changes_little_is_averaged_and_another_path_is_not() {
        let mut inflection = Inflection::default();
        inflection.full_at(1e6);
        inflection.full_at(1.1e6);
        assert!(inflection.rate.is_some_and(|rate| (rate - 1.03e6).abs() < 1.0));
        inflection.full_at(0.5e6);
        assert_eq!(inflection.rate, Some(0.5e6));
        inflection.marked_at(1e6, true);
        assert_eq!(inflection.rate, Some(0.6e6));
        inflection.marked_at(1e6, false);
        assert_eq!(inflection.rate, Some(1e6));
    }
}
