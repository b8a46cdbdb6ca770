//! When a limit counts as reached anew: once an excursion, so that nobody who is over it paces events or logs.

/// An excursion has ended when nothing was over the limit for so long.
const QUIET_NANOS: u64 = 1_000_000_000;

/// When something was over a limit last: the owner is told of the first, and again only when there was none for a second.
///
/// ```
/// use interceptor_core::Excursion;
/// let mut excursion = Excursion::default();
/// // Nanoseconds, as `Context::elapsed_nanos` counts them.
/// assert!(excursion.note(5) && !excursion.note(6) && excursion.note(1_000_000_006));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Excursion(Option<u64>);

impl Excursion {
    /// Something is over it now, in nanoseconds since some epoch. Is that the first of an excursion?
    pub fn note(&mut self, now: u64) -> bool {
        let before = self.0.replace(now);
        before.is_none_or(|before| now.saturating_sub(before) >= QUIET_NANOS)
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
