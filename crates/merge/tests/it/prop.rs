//! Any order of packets against models that are too simple to be wrong.

use std::collections::BTreeSet;

use interceptor_merge::{MergeOptions, Order};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::kit::{Rig, ms};

/// The packets of a stream over three paths, each with its losses and its disorder, as they come in: path and number on a line.
fn arrivals() -> impl Strategy<Value = (u16, Vec<(u8, i64)>)> {
    let path = |path: u8| {
        (vec(prop::bool::weighted(0.8), 200), vec(0..40_i64, 200), 0..60_i64).prop_map(
            move |(came, late, lag)| {
                let numbers = (0_i64..).zip(came).zip(late).filter(|((_, came), _)| *came);
                numbers.map(|((n, _), late)| (n + late + lag, path, n)).collect::<Vec<_>>()
            },
        )
    };
    (any::<u16>(), path(0), path(1), path(2)).prop_map(|(first, a, b, c)| {
        let mut all = [a, b, c].concat();
        all.sort();
        (first, all.into_iter().map(|(_, path, n)| (path, n)).collect())
    })
}

proptest! {
    /// What goes on is each number once, when it first comes; each path's report is that of a list of all.
    #[test]
    fn the_first_copies_are_those_of_a_set((first, arrivals) in arrivals()) {
        let mut rig = Rig::new(MergeOptions::default());
        let mut seen = BTreeSet::new();
        for (path, n) in &arrivals {
            let seq = first.wrapping_add(*n as u16);
            let expected = if seen.insert(*n) { vec![seq] } else { vec![] };
            prop_assert_eq!(rig.bring(*path, seq), expected);
            rig.wait(ms(1));
        }
        for path in 0..3 {
            let of_path: BTreeSet<i64> = arrivals.iter().filter(|(at, _)| *at == path).map(|(_, n)| *n).collect();
            let others: BTreeSet<i64> = arrivals.iter().filter(|(at, _)| *at != path).map(|(_, n)| *n).collect();
            let report = rig.path(path);
            prop_assert_eq!(report.received, of_path.len() as u64);
            prop_assert_eq!(report.unique, of_path.difference(&others).count() as u64);
            let span = of_path.last().zip(of_path.first()).map_or(0, |(last, first)| last - first + 1);
            prop_assert_eq!(report.lost as i64, span - of_path.len() as i64);
        }
    }

    /// In order, each number goes on once, before all higher ones, and nothing is left behind.
    #[test]
    fn in_order_what_goes_on_ascends((first, arrivals) in arrivals()) {
        let options = MergeOptions::default().with_order(Order::Held).with_skew(ms(1000));
        let mut rig = Rig::new(options);
        let mut up = Vec::new();
        for (path, n) in &arrivals {
            up.extend(rig.bring(*path, first.wrapping_add(*n as u16)));
            rig.wait(ms(1));
            up.extend(rig.up());
        }
        rig.wait(ms(1000));
        up.extend(rig.up());
        let line: Vec<i64> = up.iter().map(|seq| i64::from(seq.wrapping_sub(first))).collect();
        prop_assert!(line.is_sorted_by(|a, b| a < b), "{line:?}");
        let counters = rig.counters();
        prop_assert_eq!(counters.passed, line.len() as u64);
        let distinct = arrivals.iter().map(|(_, n)| *n).collect::<BTreeSet<_>>().len();
        prop_assert_eq!(line.len() + counters.missed_turn as usize, distinct);
        // Only what is before the first may miss its turn: nothing else is later than the skew.
        let start = line.first().copied().unwrap_or_default();
        prop_assert!(counters.missed_turn as i64 <= start);
    }

    /// Whatever comes, the books close.
    #[test]
    fn what_came_is_what_passed_ended_or_waits(
        held in any::<bool>(),
        packets in vec((0..10_u8, any::<u16>(), 0..4_u8, 0..50_u64), 0..300),
    ) {
        let order = if held { Order::Held } else { Order::AsTheyCome };
        let mut rig = Rig::new(MergeOptions::default().with_order(order).with_window(64));
        let mut up = 0;
        let mut base = 0_u16;
        for (path, jump, step, time) in &packets {
            // Mostly forward, at times anywhere.
            base = if jump % 16 == 0 { *jump } else { base.wrapping_add(u16::from(*step)) };
            up += rig.bring(*path, base).len() as u64;
            rig.wait(ms(*time));
            up += rig.up().len() as u64;
        }
        let counters = rig.counters();
        let ended = counters.copies + counters.too_old + counters.distrusted + counters.missed_turn;
        let waits = packets.len() as u64 - counters.passed - ended;
        prop_assert_eq!(up, counters.passed);
        rig.wait(ms(1000));
        prop_assert_eq!(rig.up().len() as u64, waits);
    }
}
