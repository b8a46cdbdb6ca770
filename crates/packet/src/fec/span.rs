//! Which packets of one stream a repair packet protects.

use super::{Mask, Offsets};

/// Packets of one stream: a number, and which ones from there on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The number that offsets are counted from.
    pub base: u16,
    /// Which offsets.
    pub pattern: Pattern,
}

/// Offsets from a base on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Those of a mask.
    Mask(Mask),
    /// `columns` in a row; `grid` says that columns are protected as well (RFC 8627 §4.2.2.2, D = 1).
    Row {
        /// L: how many.
        columns: u8,
        /// Are there repair packets of columns, too?
        grid: bool,
    },
    /// Every `columns`-th, `rows` of them.
    Column {
        /// L: from one to the next.
        columns: u8,
        /// D: how many.
        rows: u8,
    },
}

impl Span {
    /// The protected numbers, in order from the base on.
    #[inline]
    #[must_use]
    pub const fn numbers(&self) -> Numbers {
        let rest = match self.pattern {
            Pattern::Mask(mask) => Rest::Mask(mask.offsets()),
            Pattern::Row { columns, .. } => Rest::Steps { next: 0, step: 1, left: columns },
            Pattern::Column { columns, rows } => Rest::Steps { next: 0, step: columns, left: rows },
        };
        Numbers { base: self.base, rest }
    }

    /// Is this number protected?
    #[inline]
    #[must_use]
    pub fn contains(&self, seq: u16) -> bool {
        self.index_of(seq).is_some()
    }

    /// The place of a number in the pattern: its offset in a mask, else which of the row or column it is. `None`: it is not
    /// protected.
    #[inline]
    #[must_use]
    pub fn index_of(&self, seq: u16) -> Option<u8> {
        let offset = seq.wrapping_sub(self.base);
        match self.pattern {
            Pattern::Mask(mask) => u8::try_from(offset).ok().filter(|offset| mask.contains(*offset)),
            Pattern::Row { columns, .. } => u8::try_from(offset).ok().filter(|offset| *offset < columns),
            Pattern::Column { columns: 0, rows } => (offset == 0 && rows > 0).then_some(0),
            Pattern::Column { columns, rows } => {
                let row = offset / u16::from(columns);
                u8::try_from(row).ok().filter(|row| *row < rows && offset.is_multiple_of(columns.into()))
            }
        }
    }

    /// The number at such a place, whether it is protected or not: the opposite of [`index_of`](Self::index_of).
    #[inline]
    #[must_use]
    pub const fn number_at(&self, index: u8) -> u16 {
        let step = match self.pattern {
            Pattern::Column { columns, .. } => columns as u16,
            _ => 1,
        };
        self.base.wrapping_add(index as u16 * step)
    }

    /// How many are protected.
    #[inline]
    #[must_use]
    pub const fn count(&self) -> u8 {
        match self.pattern {
            Pattern::Mask(mask) => mask.count(),
            Pattern::Row { columns, .. } => columns,
            Pattern::Column { rows, .. } => rows,
        }
    }

    /// The last of the protected numbers.
    #[must_use]
    pub fn last(&self) -> Option<u16> {
        let offset = match self.pattern {
            Pattern::Mask(mask) => mask.max()?.into(),
            Pattern::Row { columns, .. } => u16::from(columns.checked_sub(1)?),
            Pattern::Column { columns, rows } => u16::from(columns) * u16::from(rows.checked_sub(1)?),
        };
        Some(self.base.wrapping_add(offset))
    }
}

/// The numbers of a [`Span`], in order from its base on.
#[derive(Clone, Debug)]
pub struct Numbers {
    base: u16,
    rest: Rest,
}

#[derive(Clone, Debug)]
enum Rest {
    Mask(Offsets),
    Steps { next: u16, step: u8, left: u8 },
}

impl Iterator for Numbers {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        let offset = match &mut self.rest {
            Rest::Mask(offsets) => offsets.next()?.into(),
            Rest::Steps { next, step, left } => {
                *left = left.checked_sub(1)?;
                // At most 255 steps of 255.
                let offset = *next;
                *next = next.wrapping_add(u16::from(*step));
                offset
            }
        };
        Some(self.base.wrapping_add(offset))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn patterns() -> impl Strategy<Value = Pattern> {
        prop_oneof![
            prop::collection::vec(0_u8..110, 0..20)
                .prop_map(|offsets| Pattern::Mask(Mask::from_iter(offsets))),
            (any::<u8>(), any::<bool>()).prop_map(|(columns, grid)| Pattern::Row { columns, grid }),
            (1_u8.., any::<u8>()).prop_map(|(columns, rows)| Pattern::Column { columns, rows }),
        ]
    }

    proptest! {
        #[test]
        fn a_span_contains_what_it_counts_out(base: u16, pattern in patterns()) {
            let span = Span { base, pattern };
            let numbers: Vec<u16> = span.numbers().collect();
            prop_assert_eq!((numbers.len(), numbers.last().copied()), (span.count().into(), span.last()));
            let mut naive = vec![false; 65_536];
            numbers.iter().for_each(|seq| naive[usize::from(*seq)] = true);
            prop_assert!((0..=u16::MAX).all(|seq| span.contains(seq) == naive[usize::from(seq)]));
            prop_assert!(numbers.iter().all(|seq| span.index_of(*seq).map(|at| span.number_at(at)) == Some(*seq)));
        }
    }

    #[test]
    fn rows_and_columns_wrap() {
        let of = |pattern| Span { base: 65_534, pattern }.numbers().collect::<Vec<_>>();
        assert_eq!(of(Pattern::Row { columns: 3, grid: false }), [65_534, 65_535, 0]);
        assert_eq!(of(Pattern::Column { columns: 4, rows: 3 }), [65_534, 2, 6]);
        // No format can say it: the same number over and over.
        let still = Span { base: 7, pattern: Pattern::Column { columns: 0, rows: 2 } };
        assert!(still.contains(7) && !still.contains(8));
    }
}
