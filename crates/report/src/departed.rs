//! SSRCs that have said BYE, remembered for a while so that late packets do not bring them back (RFC 3550 §6.2.1).

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// How long a packet of a source may arrive after its BYE without being taken for a return. RFC 3550 §6.2.1 asks for "an
/// appropriate delay"; this is GStreamer's.
pub(crate) const STRAGGLER_TIME: Duration = Duration::from_secs(2);

/// Sources that have said BYE within [`STRAGGLER_TIME`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Departed {
    by_ssrc: BTreeMap<u32, Instant>,
    /// The same, the oldest first.
    in_order: VecDeque<(Instant, u32)>,
}

impl Departed {
    /// As many as there can be members: only members depart, so a peer that invents SSRCs fills both tables at most.
    pub(crate) const MAX: usize = 10_000;

    /// This source has said BYE. `false`: the oldest was forgotten to make room.
    pub(crate) fn add(&mut self, ssrc: u32, at: Instant) -> bool {
        while self.in_order.front().is_some_and(|(left, _)| has_passed(*left, at)) {
            self.forget_oldest();
        }
        let has_room = self.by_ssrc.len() < Self::MAX;
        if !has_room {
            self.forget_oldest();
        }
        if self.by_ssrc.insert(ssrc, at).is_some() {
            self.in_order.retain(|(_, known)| *known != ssrc);
        }
        self.in_order.push_back((at, ssrc));
        has_room
    }

    /// Whether a packet of this source that arrives now is a straggler.
    pub(crate) fn contains(&self, ssrc: u32, now: Instant) -> bool {
        self.by_ssrc.get(&ssrc).is_some_and(|left| !has_passed(*left, now))
    }

    fn forget_oldest(&mut self) {
        if let Some((_, ssrc)) = self.in_order.pop_front() {
            self.by_ssrc.remove(&ssrc);
        }
    }
}

fn has_passed(left: Instant, now: Instant) -> bool {
    now.saturating_duration_since(left) >= STRAGGLER_TIME
}

#[cfg(test)]
mod tests {
    use interceptor_test::Clock;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn remembers_each_source_for_two_seconds(events in prop::collection::vec((0u64..900, 0u32..6), 0..60)) {
            let clock = Clock::new();
            let mut departed = Departed::default();
            let mut history = Vec::new();
            let mut millis = 0;
            for (wait, ssrc) in events {
                millis += wait;
                let now = clock.at(Duration::from_millis(millis));
                prop_assert!(departed.add(ssrc, now));
                history.push((millis, ssrc));
                for later in [0, 1, 1999, 2000, 2001] {
                    for ssrc in 0..6 {
                        let at = clock.at(Duration::from_millis(millis + later));
                        let expected =
                            history.iter().any(|(left, known)| *known == ssrc && millis + later - left < 2000);
                        prop_assert_eq!(departed.contains(ssrc, at), expected);
                    }
                }
                prop_assert_eq!(departed.by_ssrc.len(), departed.in_order.len());
            }
        }
    }

    #[test]
    fn a_flood_of_goodbyes_is_capped_and_the_newest_are_kept() {
        let now = Clock::new().now();
        let mut departed = Departed::default();
        let ssrcs = 0..Departed::MAX as u32 + 300;
        assert_eq!(ssrcs.filter(|ssrc| !departed.add(*ssrc, now)).count(), 300);
        assert_eq!((departed.by_ssrc.len(), departed.in_order.len()), (Departed::MAX, Departed::MAX));
        assert!(!departed.contains(299, now) && departed.contains(300, now));
    }
}
