//! What becomes of the repair packets of a block that closes before it is full: fewer leave, and still cover all of it.

use super::code::Code;

/// A block with as many packets as it has got.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Early {
    code: Code,
    /// So many repair packets are to leave: in proportion to the packets, rounded up.
    wanted: usize,
    /// Packets that the block has got.
    count: usize,
}

impl Early {
    pub(crate) const fn new(code: Code, count: usize) -> Self {
        let (packets, repairs) = (code.packets(), code.repairs());
        let wanted = match packets {
            0 => 0,
            _ => (count * repairs).div_ceil(packets),
        };
        Self { code, wanted, count }
    }

    /// Where a repair packet goes: itself, another one that covers its packets as well then, or nowhere. Sums are linear: the sum of two is
    /// the sum of the packets that one of them covers.
    pub(crate) fn destination(&self, repair: usize) -> Option<usize> {
        let (wanted, repairs) = (self.wanted.max(1), self.code.repairs());
        if wanted >= repairs {
            return Some(repair);
        }
        match self.code {
            Code::TwoD { l, d } => {
                let (l, d) = (usize::from(l), usize::from(d));
                if repair < d {
                    return Some(repair);
                }
                // Rows that have begun are as many as they are; columns are joined to what is left, one at least.
                let columns = wanted.saturating_sub(self.count.div_ceil(l)).max(1);
                Some(d + (repair - d) % columns)
            }
            // The first two of a dense code cover all, together.
            Code::Dense { .. } if wanted == 1 => (repair < 2).then_some(0),
            Code::Dense { .. } => (repair < wanted).then_some(repair),
            _ => Some(repair % wanted),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;
    use crate::protection::cover::Cover;

    /// The places that each repair packet covers that leaves when so many packets have come.
    fn leaves(code: Code, count: usize) -> Vec<u128> {
        let mut cover = Cover::default();
        cover.set(code, &mut SmallRng::seed_from_u64(3));
        let early = Early::new(code, count);
        let mut masks = BTreeMap::new();
        for repair in 0..code.repairs() {
            let mask = (0..count)
                .filter(|place| cover.of(*place) >> repair & 1 == 1)
                .fold(0, |mask, place| mask | 1_u128 << place);
            if let Some(to) = early.destination(repair) {
                *masks.entry(to).or_insert(0) ^= mask;
            }
        }
        masks.into_values().filter(|mask| *mask != 0).collect()
    }

    #[test]
    fn all_packets_are_covered_and_no_more_repairs_leave_than_in_proportion() {
        let codes = [
            Code::Rows { l: 10 },
            Code::Columns { l: 5, d: 4 },
            Code::TwoD { l: 6, d: 6 },
            Code::TwoD { l: 3, d: 12 },
            Code::Interleaved { n: 48, f: 5 },
            Code::Dense { n: 40, f: 14 },
            Code::Dense { n: 40, f: 1 },
        ];
        for code in codes {
            for count in 1..=code.packets() {
                let masks = leaves(code, count);
                let all = masks.iter().fold(0, |all, mask| all | mask);
                assert_eq!(all, (1 << count) - 1, "{code} after {count}: {masks:?}");
                let wanted = (count * code.repairs()).div_ceil(code.packets());
                // A column at least beside the rows of two dimensions.
                let spare = usize::from(matches!(code, Code::TwoD { .. }));
                assert!(masks.len() <= wanted + spare, "{code} after {count}: {} of {wanted}", masks.len());
            }
            assert_eq!(leaves(code, code.packets()).len(), code.repairs(), "{code}");
        }
    }

    #[test]
    fn interleaved_repairs_stay_interleaved() {
        assert_eq!(leaves(Code::Interleaved { n: 12, f: 4 }, 6), [0b01_0101, 0b10_1010]);
        assert_eq!(leaves(Code::Interleaved { n: 12, f: 4 }, 3), [0b111]);
    }
}
