//! When a limit counts as reached anew: once an excursion, so that nobody who is over it paces events or logs.

use crate::Excess;

/// An excursion has ended when nothing was over the limit for so long.
const QUIET_NANOS: u64 = 1_000_000_000;

/// When something was over a limit last, in nanoseconds since the connection's start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Excursion(Option<u64>);

impl Excursion {
    /// Something is over it now. Is that the first of an excursion?
    pub(crate) fn note(&mut self, now: u64) -> bool {
        let before = self.0.replace(now);
        before.is_none_or(|before| now.saturating_sub(before) >= QUIET_NANOS)
    }
}

/// The excursions over bounds: over the rates, and over the queue.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Excursions {
    rate: Excursion,
    queue: Excursion,
}

impl Excursions {
    /// The rates do not let something pass now.
    pub(crate) fn over_rate(&mut self, now: u64) -> Option<Excess> {
        self.rate.note(now).then_some(Excess::Rate)
    }

    /// The queue has no room for something now.
    pub(crate) fn over_queue(&mut self, now: u64) -> Option<Excess> {
        self.queue.note(now).then_some(Excess::Queue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excursion_ends_with_a_second_without_excess() {
        let mut excursion = Excursion::default();
        let told: Vec<bool> =
            [5, 6, QUIET_NANOS + 5, 2 * QUIET_NANOS + 5].map(|at| excursion.note(at)).to_vec();
        assert_eq!(told, [true, false, false, true]);
    }
}
