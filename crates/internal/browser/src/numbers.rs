//! Which packets of a stream an application has read.

use std::collections::BTreeSet;

use interceptor_core::packet::Unwrapper;

/// The numbers that have come, each as often as it came.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    unwrapper: Unwrapper,
    seen: BTreeSet<i64>,
    repeated: u64,
}

impl Numbers {
    /// A packet is there.
    pub fn arrived(&mut self, number: u16) {
        let number = self.unwrapper.unwrap(number);
        self.repeated += u64::from(!self.seen.insert(number));
    }

    /// Different numbers that have come.
    #[must_use]
    pub fn count(&self) -> usize {
        self.seen.len()
    }

    /// Packets whose number had come before.
    #[must_use]
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Is this number, of those that the wire has, between the first and the last that have come?
    #[must_use]
    pub fn spans(&self, number: u16) -> bool {
        let (first, last) = (self.seen.first(), self.seen.last());
        let at = self.unwrapper.peek(number);
        first.is_some_and(|first| *first < at) && last.is_some_and(|last| at < *last)
    }

    /// Numbers between the first and the last that have not come, as the wire has them.
    #[must_use]
    pub fn holes(&self) -> Vec<u16> {
        let neighbours = self.seen.iter().zip(self.seen.iter().skip(1));
        neighbours.flat_map(|(number, next)| number + 1..*next).map(|hole| hole as u16).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn what_has_not_come_is_a_hole_until_it_comes() {
        let mut numbers = Numbers::default();
        for number in [65_533, 65_534, 1, 3, 3] {
            numbers.arrived(number);
        }
        assert_eq!((numbers.holes(), numbers.count(), numbers.repeated()), (vec![65_535, 0, 2], 4, 1));
        for number in [0, 65_535, 2] {
            numbers.arrived(number);
        }
        assert_eq!((numbers.holes(), numbers.count(), numbers.repeated()), (vec![], 7, 1));
    }
}
