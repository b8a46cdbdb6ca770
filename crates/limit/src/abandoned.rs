//! Which numbers of a local stream will never be sent, told in runs: a flood of drops is no flood of facts.

use interceptor_core::Abandoned;

/// Numbers in a row that were dropped and that nobody knows of yet. They are told when a packet of the stream passes, which is in time: a
/// receiver cannot miss them before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Run {
    first: u16,
    count: u16,
}

impl Run {
    pub(crate) const fn is_empty(self) -> bool {
        self.count == 0
    }

    /// Adds a number. Gives the run that it does not continue.
    pub(crate) fn add(&mut self, ssrc: u32, seq: u16) -> Option<Abandoned> {
        let next = self.first.wrapping_add(self.count);
        if !self.is_empty() && seq == next && self.count < u16::MAX {
            self.count += 1;
            return None;
        }
        let before = self.take(ssrc);
        *self = Self { first: seq, count: 1 };
        before
    }

    /// Takes the run, if there is one.
    pub(crate) fn take(&mut self, ssrc: u32) -> Option<Abandoned> {
        let Self { first, count } = std::mem::take(self);
        (count > 0).then_some(Abandoned { ssrc, first, count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_one_run_over_the_wrap() {
        let mut run = Run::default();
        let told: Vec<_> = [65_534, 65_535, 0, 1, 5].into_iter().filter_map(|seq| run.add(7, seq)).collect();
        assert_eq!(told, [Abandoned { ssrc: 7, first: 65_534, count: 4 }]);
        assert_eq!(run.take(7), Some(Abandoned { ssrc: 7, first: 5, count: 1 }));
        assert_eq!(run.take(7), None);
    }

    #[test]
    fn a_lap_of_numbers_is_more_than_one_run() {
        let mut run = Run::default();
        let told: Vec<_> = (0..70_000_u32).filter_map(|seq| run.add(7, seq as u16)).collect();
        assert_eq!(told, [Abandoned { ssrc: 7, first: 0, count: u16::MAX }]);
    }
}
