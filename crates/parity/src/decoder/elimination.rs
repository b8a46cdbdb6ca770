//! Linear equations over GF(2): which unknowns several repairs together determine.

use smallvec::SmallVec;

/// Equations at the most.
pub(super) const MAX_ROWS: usize = 32;
/// Unknowns at the most.
pub(super) const MAX_UNKNOWNS: usize = 64;

/// An equation: a bit for each unknown in it, and for each of the equations that it is the sum of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) unknowns: u64,
    pub(super) repairs: u32,
}

pub(super) type Rows = SmallVec<[Row; MAX_ROWS]>;

/// Brings the rows into the form in which each leads with an unknown that no other has (Gauss–Jordan). A row with one unknown
/// then determines that; and every unknown that is determined at all has such a row.
pub(super) fn eliminate(rows: &mut Rows) {
    for pivot in 0..rows.len() {
        let Some(&row) = rows.get(pivot) else { return };
        let lead = row.unknowns & row.unknowns.wrapping_neg();
        if lead == 0 {
            continue;
        }
        for (_, other) in
            rows.iter_mut().enumerate().filter(|(at, other)| *at != pivot && other.unknowns & lead != 0)
        {
            other.unknowns ^= row.unknowns;
            other.repairs ^= row.repairs;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// An unknown is determined if some sum of equations has it alone: all sums are tried.
        #[test]
        fn finds_what_any_sum_of_equations_finds(equations in prop::collection::vec(0_u64..256, 1..9)) {
            let sum = |subset: u32| {
                let of = equations.iter().enumerate().filter(|(at, _)| subset >> at & 1 == 1);
                of.fold(0, |sum, (_, equation)| sum ^ equation)
            };
            let mut naive: Vec<u64> =
                (1..1 << equations.len()).map(sum).filter(|sum| sum.count_ones() == 1).collect();
            naive.sort_unstable();
            naive.dedup();
            let mut rows: Rows = equations
                .iter()
                .enumerate()
                .map(|(at, equation)| Row { unknowns: *equation, repairs: 1 << at })
                .collect();
            eliminate(&mut rows);
            prop_assert!(rows.iter().all(|row| row.unknowns == sum(row.repairs)));
            let mut found: Vec<u64> =
                rows.iter().map(|row| row.unknowns).filter(|unknowns| unknowns.count_ones() == 1).collect();
            found.sort_unstable();
            prop_assert_eq!(found, naive);
        }
    }
}
