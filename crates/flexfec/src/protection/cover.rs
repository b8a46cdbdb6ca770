//! Which repair packets of a block cover which of its places.

use rand::Rng;

use super::code::{Code, MAX_PACKETS};

/// Of each place of a block, the repair packets that cover it: bit *r* for repair *r*.
#[derive(Debug, Default)]
pub(crate) struct Cover {
    places: Vec<u64>,
}

/// So often a column of a dense code is drawn anew when another packet has the same: the two could not be told apart.
const DRAWS: usize = 16;

impl Cover {
    /// Works the places of a code out. What is drawn comes from `rng`, and the same for every block.
    pub(crate) fn set(&mut self, code: Code, rng: &mut impl Rng) {
        self.places.clear();
        let packets = code.packets().min(MAX_PACKETS);
        match code {
            Code::Adaptive => {}
            Code::Rows { .. } => self.places.resize(packets, 1),
            Code::Columns { l, .. } => {
                self.places.extend((0..packets).map(|place| 1 << (place % usize::from(l))))
            }
            Code::Interleaved { f, .. } => {
                self.places.extend((0..packets).map(|place| 1 << (place % usize::from(f))))
            }
            Code::TwoD { l, d } => {
                let (l, d) = (usize::from(l), usize::from(d));
                self.places.extend((0..packets).map(|place| 1 << (place / l) | 1 << (d + place % l)));
            }
            Code::Dense { f, .. } => {
                for _ in 0..packets {
                    let column = self.draw(f.into(), rng);
                    self.places.push(column);
                }
            }
        }
    }

    /// The repair packets that cover a place; none behind the last.
    #[inline]
    pub(crate) fn of(&self, place: usize) -> u64 {
        self.places.get(place).copied().unwrap_or(0)
    }

    /// Places of a block.
    pub(crate) const fn packets(&self) -> usize {
        self.places.len()
    }

    /// A packet's repairs in a dense code: each with one half, but the first two cover one half each, so that both together cover all of a
    /// block that has to do with two.
    fn draw(&self, repairs: u32, rng: &mut impl Rng) -> u64 {
        if repairs < 2 {
            return 1;
        }
        let mut column = 0;
        for _ in 0..DRAWS {
            let drawn = rng.next_u64() & ((1 << repairs) - 1);
            column = drawn & !0b11 | if drawn & 1 == 1 { 0b01 } else { 0b10 };
            if !self.places.contains(&column) {
                break;
            }
        }
        column
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    fn covers(code: Code) -> Vec<Vec<usize>> {
        let mut cover = Cover::default();
        cover.set(code, &mut SmallRng::seed_from_u64(7));
        let covered =
            |repair| (0..cover.packets()).filter(|place| cover.of(*place) >> repair & 1 == 1).collect();
        (0..code.repairs()).map(covered).collect()
    }

    #[test]
    fn rows_columns_and_both_are_counted_out() {
        assert_eq!(covers(Code::Rows { l: 3 }), [[0, 1, 2]]);
        assert_eq!(covers(Code::Columns { l: 2, d: 3 }), [[0, 2, 4], [1, 3, 5]]);
        let both: [&[usize]; 5] = [&[0, 1, 2], &[3, 4, 5], &[0, 3], &[1, 4], &[2, 5]];
        assert_eq!(covers(Code::TwoD { l: 3, d: 2 }), both);
        let uneven: [&[usize]; 3] = [&[0, 3, 6], &[1, 4], &[2, 5]];
        assert_eq!(covers(Code::Interleaved { n: 7, f: 3 }), uneven);
    }

    #[test]
    fn a_dense_repair_covers_about_half_and_two_of_them_all() {
        for (n, f) in [(15, 7), (40, 14), (109, 48)] {
            let covers = covers(Code::Dense { n, f });
            let all: Vec<usize> = (0..usize::from(n)).collect();
            let mut first_two = [covers[0].clone(), covers[1].clone()].concat();
            first_two.sort_unstable();
            assert_eq!(first_two, all);
            let mean = covers.iter().map(Vec::len).sum::<usize>() as f64 / f64::from(f);
            assert!((mean / f64::from(n) - 0.5).abs() < 0.1, "{n}+{f}: {mean}");
        }
        assert_eq!(covers(Code::Dense { n: 3, f: 1 }), [[0, 1, 2]]);
    }

    #[test]
    fn packets_of_a_dense_block_are_told_apart_where_there_are_repairs_enough() {
        let mut cover = Cover::default();
        cover.set(Code::Dense { n: 40, f: 14 }, &mut SmallRng::seed_from_u64(1));
        let mut columns: Vec<u64> = (0..40).map(|place| cover.of(place)).collect();
        columns.sort_unstable();
        columns.dedup();
        assert_eq!(columns.len(), 40);
        // The same seed, the same masks.
        let mut again = Cover::default();
        again.set(Code::Dense { n: 40, f: 14 }, &mut SmallRng::seed_from_u64(1));
        assert_eq!(again.places, cover.places);
    }

    #[test]
    fn a_place_behind_the_last_is_covered_by_nobody() {
        let mut cover = Cover::default();
        assert_eq!((cover.of(0), cover.packets()), (0, 0));
        cover.set(Code::Rows { l: 3 }, &mut SmallRng::seed_from_u64(1));
        assert_eq!((cover.of(2), cover.of(3)), (1, 0));
        cover.set(Code::Adaptive, &mut SmallRng::seed_from_u64(1));
        assert_eq!(cover.packets(), 0);
    }
}
