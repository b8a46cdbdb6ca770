//! Which fragments have lost their first: without it nobody knows what they were part of.

use std::collections::{HashSet, VecDeque};

use super::frame::{FragmentId, Part};

/// Packets of which fragments are expected; those of one packet follow each other closely.
const MAX_KEPT: usize = 1024;

/// The packets that came in fragments.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    /// Those whose first fragment has come.
    begun: Recent,
    /// Those of which only later fragments have: some senders begin with the last.
    orphans: Recent,
    /// As many left `orphans` without their first.
    given_up: u64,
}

impl Fragments {
    /// Takes in what part of a packet came.
    #[cold]
    pub(super) fn receive(&mut self, part: Part) {
        match part {
            Part::Whole => {}
            Part::First(id) => {
                self.orphans.remove(id);
                self.begun.add(id);
            }
            Part::Later(id) if self.begun.has(id) => {}
            Part::Later(id) => self.given_up += u64::from(self.orphans.add(id)),
        }
    }

    /// Packets without their first fragment.
    pub(super) fn headless(&self) -> u64 {
        self.given_up + self.orphans.members.len() as u64
    }
}

/// The last few.
#[derive(Debug, Default)]
struct Recent {
    members: HashSet<FragmentId, foldhash::fast::FixedState>,
    order: VecDeque<FragmentId>,
}

impl Recent {
    fn has(&self, id: FragmentId) -> bool {
        self.members.contains(&id)
    }

    /// Whether another one had to go for it.
    fn add(&mut self, id: FragmentId) -> bool {
        if !self.members.insert(id) {
            return false;
        }
        self.order.push_back(id);
        let oldest = if self.order.len() > MAX_KEPT { self.order.pop_front() } else { None };
        oldest.is_some_and(|oldest| self.members.remove(&oldest))
    }

    fn remove(&mut self, id: FragmentId) {
        // Its place in the order stays, and goes with the others.
        self.members.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headless(parts: impl IntoIterator<Item = Part>) -> u64 {
        let mut fragments = Fragments::default();
        parts.into_iter().for_each(|part| fragments.receive(part));
        assert!(fragments.begun.order.len() <= MAX_KEPT && fragments.orphans.order.len() <= MAX_KEPT);
        assert!(fragments.orphans.members.len() <= MAX_KEPT);
        fragments.headless()
    }

    fn id(number: u64) -> FragmentId {
        FragmentId::numbered(number)
    }

    #[test]
    fn what_has_its_first_fragment_is_whole_in_whatever_order() {
        assert_eq!(headless([Part::First(id(1)), Part::Later(id(1)), Part::Later(id(1))]), 0);
        assert_eq!(headless([Part::Later(id(1)), Part::Later(id(1)), Part::First(id(1))]), 0);
        assert_eq!(headless([Part::First(id(1)), Part::First(id(2)), Part::Later(id(1))]), 0);
    }

    #[test]
    fn packets_without_their_first_fragment_count_once_each() {
        assert_eq!(headless([Part::Later(id(1)), Part::Later(id(1)), Part::Later(id(2))]), 2);
        assert_eq!(headless((0..10_000).map(|number| Part::Later(id(number)))), 10_000);
        let with_first = (0..10_000).flat_map(|number| [Part::Later(id(number)), Part::First(id(number))]);
        assert_eq!(headless(with_first), 0);
    }
}
