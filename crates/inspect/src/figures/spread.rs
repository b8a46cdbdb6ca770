//! Minimum, mean and maximum, as Wireshark takes them.

/// Smallest, mean and largest value, in ms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SpreadMs {
    /// The smallest.
    pub min: f64,
    /// The mean.
    pub mean: f64,
    /// The largest.
    pub max: f64,
}

/// Values of the packets after a stream's first.
///
/// Wireshark leaves out packets with the marker bit, which follow a pause or share the time of their frame, and its
/// running mean counts them all the same, as if they had had the mean so far. So do we, to give the same figures.
/// Where every packet has the marker bit, all of them count.
#[derive(Clone, Debug, Default)]
pub(super) struct Spread {
    unmarked: Values,
    marked: Values,
}

#[derive(Clone, Debug, Default)]
struct Values {
    any: bool,
    spread: SpreadMs,
}

impl Spread {
    /// A packet's value; `before` packets of the stream came before it, at least one.
    #[inline]
    pub(super) fn add(&mut self, value: f64, marker: bool, before: u64) {
        let values = if marker { &mut self.marked } else { &mut self.unmarked };
        values.add(value, before.saturating_sub(1));
    }

    /// `None`: no packet but the first has come.
    pub(super) fn figures(&self) -> Option<SpreadMs> {
        let values = if self.unmarked.any { &self.unmarked } else { &self.marked };
        values.any.then_some(values.spread)
    }
}

impl Values {
    #[inline]
    fn add(&mut self, value: f64, weight: u64) {
        let Self { any, spread } = self;
        if !*any {
            *any = true;
            spread.min = value;
            spread.max = value;
        }
        spread.min = spread.min.min(value);
        spread.max = spread.max.max(value);
        let weight = weight as f64;
        spread.mean += (value - spread.mean) / (weight + 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_packets_count_only_where_there_are_no_others() {
        let mut spread = Spread::default();
        assert_eq!(spread.figures(), None);
        spread.add(9.0, true, 1);
        assert_eq!(spread.figures(), Some(SpreadMs { min: 9.0, mean: 9.0, max: 9.0 }));
        spread.add(4.0, false, 2);
        // (1 · 0 + 4) / 2: the marked packet counted as one of mean zero.
        assert_eq!(spread.figures(), Some(SpreadMs { min: 4.0, mean: 2.0, max: 4.0 }));
    }
}
