//! Any arrivals against a model that is too simple to be wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use interceptor_core::packet::Ecn;
use interceptor_core::packet::rtcp::CcfbArrival;
use interceptor_rfc8888::Rfc8888Options;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::kit::{Bench, Block, ms};

/// A packet so far from the newest, so much later, marked or not.
type Step = (i64, u64, bool);

fn step() -> impl Strategy<Value = Step> {
    let ahead = prop_oneof![10 => Just(1_i64), 2 => 2..40_i64, 2 => -40..=0_i64];
    let wait = prop_oneof![10 => 0..3000_u64, 3 => 0..90_000_u64, 1 => 0..9_000_000_u64];
    (ahead, wait, prop::bool::weighted(0.2))
}

proptest! {
    #[test]
    fn what_is_decoded_is_what_came(first in any::<u16>(), max_bytes in 128..1200_usize, steps in vec(step(), 1..300)) {
        let mut bench = Bench::receiver(Rfc8888Options::default().with_max_report_bytes(max_bytes));
        // When each number came first, and the marks of all copies.
        let mut came: BTreeMap<i64, (u64, bool)> = BTreeMap::new();
        let mut told: BTreeMap<i64, Option<bool>> = BTreeMap::new();
        let mut newest = i64::from(first);
        let hear = |bench: &mut Bench, came: &BTreeMap<i64, (u64, bool)>, told: &mut BTreeMap<i64, Option<bool>>, newest: i64| {
            for packet in bench.wire() {
                assert!(packet.len() <= max_bytes);
                for block in Block::all(&packet) {
                    let begin = newest + i64::from(block.begin.wrapping_sub(newest as u16).cast_signed());
                    for (number, (_, metric)) in (begin..).zip(block.packets) {
                        if let Some((CcfbArrival::Before(before), _)) = metric {
                            let (at, _) = came[&number];
                            let age = bench.elapsed().checked_sub(Duration::from_nanos(at)).unwrap();
                            assert!(before <= age && age - before < ms(1), "{number}: {before:?} for {age:?}");
                        }
                        told.insert(number, metric.map(|(_, ecn)| ecn == Ecn::Ce));
                    }
                }
            }
        };
        for (ahead, wait, marked) in steps {
            // Timers one by one, so that each report is heard at its time.
            let end = bench.now + Duration::from_micros(wait);
            while let Some(at) = bench.chain.next_timeout().filter(|at| *at <= end) {
                let wait = at.saturating_duration_since(bench.now);
                bench.run(wait);
                hear(&mut bench, &came, &mut told, newest);
            }
            bench.now = end;
            let number = newest + ahead;
            newest = newest.max(number);
            let entry = came.entry(number).or_insert((bench.elapsed().as_nanos() as u64, false));
            entry.1 |= marked;
            bench.read_marked(number as u16, if marked { Ecn::Ce } else { Ecn::Ect1 });
        }
        while let Some(at) = bench.chain.next_timeout() {
            let wait = at.saturating_duration_since(bench.now);
            bench.run(wait);
            hear(&mut bench, &came, &mut told, newest);
        }
        let late = bench.counters().too_late as usize;
        let mut untold = 0;
        let (oldest, newest) = (*came.keys().next().unwrap(), *came.keys().last().unwrap());
        for number in oldest..=newest {
            match (came.get(&number), told.get(&number).copied().flatten()) {
                (Some((_, marked)), Some(told)) => prop_assert_eq!(*marked, told, "{}", number),
                (None, Some(_)) => prop_assert!(false, "{} did not come", number),
                (Some(_), None) => untold += 1,
                (None, None) => {}
            }
        }
        prop_assert!(untold <= late, "{} of {} too late", untold, late);
        bench.assert_book_closes();
        prop_assert_eq!(bench.pending(), 0);
    }

    #[test]
    fn nothing_that_a_peer_numbers_breaks_the_book(
        packets in vec((any::<u16>(), prop_oneof![Just(0_u64), 0..100_u64]), 0..400),
    ) {
        let mut bench = Bench::receiver(Rfc8888Options::default());
        let mut reports = 0;
        for (number, wait) in &packets {
            bench.read(*number).run(ms(*wait));
        }
        bench.run(ms(600));
        let wire = bench.wire();
        reports += wire.len();
        let bytes: usize = wire.iter().map(|packet| packet.len()).sum();
        prop_assert!(bytes <= 36 * packets.len() + 600 * reports, "{} bytes", bytes);
        let counters = bench.counters();
        prop_assert_eq!(counters.arrivals + counters.duplicates + counters.too_late, packets.len() as u64);
        bench.assert_book_closes();
    }
}
