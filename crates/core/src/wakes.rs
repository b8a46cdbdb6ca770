//! When which interceptor wants to be woken, and why.

use std::time::{Duration, Instant};

use crate::place::NodeId;

/// One pending instant an interceptor, and the earliest of all at hand: drivers ask for it with every packet.
#[derive(Default)]
pub(crate) struct Wakes {
    /// By interceptor.
    alarms: Box<[Alarm]>,
    earliest: Option<Instant>,
}

/// An interceptor's pending instant.
#[derive(Clone, Copy, Default)]
struct Alarm {
    at: Option<Instant>,
    /// What for, in the interceptor's words.
    reason: &'static str,
    /// It has just been woken and is not woken again before, whoever asks: otherwise two interceptors that wake each other,
    /// or one that asks for the present instant, would make their driver spin.
    not_before: Option<Instant>,
}

impl Wakes {
    /// Makes room for so many interceptors.
    pub(crate) fn reserve(&mut self, interceptors: usize) {
        if self.alarms.len() < interceptors {
            let mut alarms = std::mem::take(&mut self.alarms).into_vec();
            alarms.resize(interceptors, Alarm::default());
            self.alarms = alarms.into_boxed_slice();
        }
    }

    /// The earliest of all.
    #[inline]
    pub(crate) const fn earliest(&self) -> Option<Instant> {
        self.earliest
    }

    /// Wakes `node` at `at`, or earlier if that is pending already; not so soon after it has been woken.
    #[inline]
    pub(crate) fn add(&mut self, node: NodeId, at: Instant, reason: &'static str) {
        if let Some(alarm) = self.alarms.get_mut(node.index()) {
            let at = alarm.not_before.map_or(at, |earliest| at.max(earliest));
            if alarm.at.is_none_or(|pending| at < pending) {
                (alarm.at, alarm.reason) = (Some(at), reason);
                if self.earliest.is_none_or(|earliest| at < earliest) {
                    self.earliest = Some(at);
                }
            }
        }
    }

    /// [`add`](Self::add) for a nested chain, which holds each of its interceptors itself.
    pub(crate) fn add_for_nested(&mut self, node: NodeId, at: Instant) {
        if let Some(alarm) = self.alarms.get_mut(node.index()) {
            alarm.not_before = None;
        }
        self.add(node, at, "nested chain");
    }

    /// There is something to see to by `at` that is nobody's alarm; until the next change of any.
    pub(crate) fn hurry(&mut self, at: Instant) {
        self.earliest = Some(self.earliest.map_or(at, |earliest| earliest.min(at)));
    }

    /// Takes the instant of `node` if it has come; it is then not woken again for `hold`.
    pub(crate) fn take_due(&mut self, node: NodeId, now: Instant, hold: Duration) -> bool {
        let Some(alarm) = self.alarms.get_mut(node.index()) else { return false };
        if alarm.at.take_if(|at| *at <= now).is_none() {
            return false;
        }
        alarm.not_before = now.checked_add(hold);
        self.recompute();
        true
    }

    /// The pending instant of `node`, and what for.
    pub(crate) fn pending(&self, node: NodeId) -> Option<(Instant, &'static str)> {
        let alarm = self.alarms.get(node.index())?;
        alarm.at.map(|at| (at, alarm.reason))
    }

    /// Forgets all about `node`.
    pub(crate) fn clear(&mut self, node: NodeId) {
        if let Some(alarm) = self.alarms.get_mut(node.index()) {
            *alarm = Alarm::default();
            self.recompute();
        }
    }

    /// Forgets all.
    pub(crate) fn clear_all(&mut self) {
        self.alarms.fill(Alarm::default());
        self.earliest = None;
    }

    /// Has the earliest again be that of an alarm.
    pub(crate) fn recompute(&mut self) {
        self.earliest = self.alarms.iter().filter_map(|alarm| alarm.at).min();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "only distances from it matter")]
    fn the_earliest_is_at_hand_after_every_change() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let (first, second) = (NodeId::new(0).unwrap(), NodeId::new(1).unwrap());
        let hold = Duration::from_millis(2);
        let mut wakes = Wakes::default();
        wakes.reserve(2);
        wakes.add(first, at(3), "a");
        wakes.add(second, at(2), "b");
        assert_eq!(wakes.earliest(), Some(at(2)));
        wakes.add(first, at(1), "c");
        assert_eq!(wakes.earliest(), Some(at(1)), "an earlier instant takes the place of a later one");
        wakes.add(first, at(3), "d");
        assert_eq!(wakes.pending(first), Some((at(1), "c")), "and a later one not that of an earlier one");
        assert!(wakes.take_due(first, at(2), hold));
        assert!(!wakes.take_due(first, at(2), hold), "it is gone when it fires");
        assert_eq!(wakes.earliest(), Some(at(2)));
        wakes.add(first, at(2), "e");
        assert_eq!(wakes.pending(first), Some((at(4), "e")), "held after it has been woken, whoever asks");
        wakes.clear(second);
        assert_eq!(wakes.earliest(), Some(at(4)));
        wakes.add_for_nested(first, at(2));
        assert_eq!(wakes.earliest(), Some(at(2)), "a nested chain holds its own");
        wakes.clear_all();
        wakes.add(NodeId::NOBODY, at(1), "f");
        assert_eq!(wakes.earliest(), None, "nobody is there");
    }
}
