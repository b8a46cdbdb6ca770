//! Late packets that nobody was seen to ask for: sent again, or merely overtaken?

use super::Micros;
use super::times::Times;

/// A packet that so many newer ones have overtaken may have been sent again (RFC 5681 §3.2 takes three later segments for a
/// loss, and so does GStreamer's jitter buffer); one that fewer have is reordered, however long it took.
const OVERTAKEN: u64 = 3;
/// Reordering rarely takes longer, a request and its answer rarely less: link layers that put packets back into order wait
/// for 35 to 50 ms at most.
const REORDERING: Micros = 40_000;

/// How late a stream's packets came that were not seen to be asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Lateness {
    /// Up to half of [`REORDERING`].
    near: u64,
    /// Up to all of it.
    middle: u64,
    /// Beyond.
    far: u64,
    far_times: Times,
}

impl Lateness {
    /// A packet came `late` after the first newer one, with its number so far `behind` the newest.
    pub(super) fn add(&mut self, late: Micros, behind: u64) {
        if behind < OVERTAKEN || late <= REORDERING / 2 {
            self.near += 1;
        } else if late <= REORDERING {
            self.middle += 1;
        } else {
            self.far += 1;
            self.far_times.add(late);
        }
    }

    /// How many were sent again, and how long each took: those far behind, unless this stream's reordering explains them.
    pub(super) fn repeats(&self) -> (u64, Option<&Times>) {
        if self.is_tail() { (0, None) } else { (self.far, Some(&self.far_times)) }
    }

    /// Whether those far behind are the tail of those that are less so. Reordering ebbs away: as many of the middle come
    /// for each of the near, so many at least of the far come for each of the middle, in a geometric series.
    const fn is_tail(&self) -> bool {
        let Self { near, middle, far, .. } = self;
        if *middle >= *near {
            return *middle > 0;
        }
        2 * *middle * *middle >= *far * (*near - *middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeats(late_ms: impl IntoIterator<Item = u64>) -> u64 {
        let mut lateness = Lateness::default();
        late_ms.into_iter().for_each(|ms| lateness.add(ms * 1000, 20));
        lateness.repeats().0
    }

    #[test]
    fn what_comes_a_round_trip_late_was_sent_again() {
        assert_eq!(repeats([60; 9]), 9);
        assert_eq!(repeats([1, 2, 1, 1, 3, 60, 61, 70]), 3, "beside slight reordering too");
        let mut lateness = Lateness::default();
        lateness.add(90_000, 2);
        assert_eq!(lateness.repeats().0, 0, "two newer packets do not make a loss");
    }

    #[test]
    fn the_tail_of_reordering_was_not_sent_again() {
        assert_eq!(repeats([25; 9]), 0);
        assert_eq!(repeats(0..100), 0, "as often far behind as near");
        assert_eq!(repeats((0..100).flat_map(|ms| vec![ms; 1000 >> (ms / 15)])), 0, "ebbing away");
    }
}
