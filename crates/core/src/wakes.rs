//! When which interceptor wants to be woken.

use std::time::Instant;

/// One pending instant an interceptor, and the earliest of all at hand: drivers ask for it with every packet.
#[derive(Default)]
pub(crate) struct Wakes {
    /// By interceptor.
    pending: Vec<Option<Instant>>,
    earliest: Option<Instant>,
}

impl Wakes {
    /// Makes room for so many interceptors.
    pub(crate) fn reserve(&mut self, interceptors: usize) {
        if self.pending.len() < interceptors {
            self.pending.resize(interceptors, None);
        }
    }

    /// The earliest of all.
    #[inline]
    pub(crate) const fn earliest(&self) -> Option<Instant> {
        self.earliest
    }

    /// Wakes `node` at `at`, or earlier if that is pending already.
    #[inline]
    pub(crate) fn add(&mut self, node: u16, at: Instant) {
        if let Some(pending) = self.pending.get_mut(usize::from(node))
            && pending.is_none_or(|pending| at < pending)
        {
            *pending = Some(at);
            if self.earliest.is_none_or(|earliest| at < earliest) {
                self.earliest = Some(at);
            }
        }
    }

    /// Takes the instant of `node` if it has come.
    pub(crate) fn take_due(&mut self, node: u16, now: Instant) -> Option<Instant> {
        let pending = self.pending.get_mut(usize::from(node))?;
        let due = pending.take_if(|at| *at <= now)?;
        self.recompute();
        Some(due)
    }

    /// Puts the instant of `node` off to `until` if it is earlier.
    pub(crate) fn put_off(&mut self, node: u16, until: Instant) {
        if let Some(Some(at)) = self.pending.get_mut(usize::from(node)) {
            *at = (*at).max(until);
            self.recompute();
        }
    }

    /// Forgets the instant of `node`.
    pub(crate) fn clear(&mut self, node: u16) {
        if let Some(at) = self.pending.get_mut(usize::from(node)) {
            *at = None;
            self.recompute();
        }
    }

    /// Forgets all.
    pub(crate) fn clear_all(&mut self) {
        self.pending.fill(None);
        self.earliest = None;
    }

    fn recompute(&mut self) {
        self.earliest = self.pending.iter().flatten().min().copied();
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Wakes;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "only distances from it matter")]
    fn the_earliest_is_at_hand_after_every_change() {
        let at = |ms| Instant::now() + Duration::from_secs(1000) + Duration::from_millis(ms);
        let (one, two, three) = (at(1), at(2), at(3));
        let mut wakes = Wakes::default();
        wakes.reserve(2);
        wakes.add(0, three);
        wakes.add(1, two);
        assert_eq!(wakes.earliest(), Some(two));
        wakes.add(0, one);
        assert_eq!(wakes.earliest(), Some(one), "an earlier instant takes the place of a later one");
        wakes.add(0, three);
        assert_eq!(wakes.earliest(), Some(one), "and a later one not that of an earlier one");
        assert_eq!(wakes.take_due(0, two), Some(one));
        assert_eq!((wakes.take_due(0, two), wakes.earliest()), (None, Some(two)));
        wakes.put_off(1, three);
        assert_eq!(wakes.earliest(), Some(three));
        wakes.clear(1);
        assert_eq!(wakes.earliest(), None);
        wakes.add(7, one);
        assert_eq!(wakes.earliest(), None, "nobody is there");
    }
}
