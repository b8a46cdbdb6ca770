//! The window of missing numbers against a set of all numbers.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::rfc3550::missing::{Missing, WINDOW};

/// A number comes: ahead of the newest, or behind it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ahead(u16),
    Behind(u16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Ahead(1)),
        2 => (1_u16..200).prop_map(Step::Ahead),
        1 => (1_u16..).prop_map(Step::Ahead),
        3 => (0_u16..300).prop_map(Step::Behind),
        1 => (0_u16..WINDOW).prop_map(Step::Behind),
    ]
}

proptest! {
    #[test]
    fn agrees_with_a_set_of_all_numbers(base: u16, in_order in 0_u64..10_000, steps in prop::collection::vec(step(), 1..300)) {
        let base = u64::from(base) + 65_536;
        let mut highest = base + in_order;
        let mut came: BTreeSet<u64> = (base..=highest).collect();
        let mut missing = Missing::new(base, highest);
        for step in steps {
            match step {
                // In order: not told.
                Step::Ahead(1) => highest += 1,
                Step::Ahead(by) => {
                    missing.skip(highest, by);
                    highest += u64::from(by);
                }
                Step::Behind(by) => {
                    let number = highest - u64::from(by);
                    prop_assert_eq!(missing.take(number as u16, highest), came.insert(number));
                }
            }
            came.insert(highest);
        }
    }
}
