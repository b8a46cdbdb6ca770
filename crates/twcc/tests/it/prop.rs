//! Any arrivals against a model that is too simple to be wrong.

use std::collections::BTreeMap;

use interceptor_twcc::TwccOptions;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::kit::{Bench, Report, micros};

/// What happens next: a packet so far from the newest, so much later; and whether timers run until then.
#[derive(Clone, Copy, Debug)]
struct Step {
    ahead: i64,
    wait_micros: u64,
    timers: bool,
}

/// Mostly the next packet soon; now and then a gap, a late packet, a copy, a long wait.
fn step() -> impl Strategy<Value = Step> {
    let ahead = prop_oneof![
        10 => Just(1_i64),
        2 => 2..40_i64,
        1 => 2..9000_i64,
        2 => -60..=0_i64,
    ];
    let wait = prop_oneof![10 => 0..3000_u64, 3 => 0..90_000_u64, 1 => 0..9_000_000_u64];
    (ahead, wait, any::<bool>()).prop_map(|(ahead, wait_micros, timers)| Step { ahead, wait_micros, timers })
}

/// Runs the steps; gives the datagrams, and when each number came first.
fn run(bench: &mut Bench, first: u16, steps: &[Step]) -> (Vec<Report>, BTreeMap<i64, i64>) {
    let mut came = BTreeMap::new();
    let mut newest = i64::from(first);
    let mut reports = Vec::new();
    for step in steps {
        if step.timers {
            bench.run(micros(step.wait_micros));
        } else {
            bench.pass(micros(step.wait_micros));
        }
        reports.extend(bench.reports());
        let number = newest + step.ahead;
        newest = newest.max(number);
        bench.read(number as u16);
        came.entry(number).or_insert(bench.elapsed().as_micros() as i64);
    }
    reports.extend(bench.run(micros(300_000)).reports());
    (reports, came)
}

proptest! {
    #[test]
    fn what_is_decoded_is_what_came(
        first in any::<u16>(),
        max_bytes in 128..1200_usize,
        steps in vec(step(), 1..300),
    ) {
        let options = TwccOptions::default().with_max_feedback_bytes(max_bytes);
        let mut bench = Bench::receiver(options);
        let (reports, came) = run(&mut bench, first, &steps);
        let late = bench.counters().too_late as usize;

        let mut told: BTreeMap<i64, Option<i64>> = BTreeMap::new();
        let mut end = None;
        for (count, report) in reports.iter().enumerate() {
            prop_assert!(report.bytes <= max_bytes);
            prop_assert_eq!(report.feedback_count, count as u8);
            // Each message goes on where the last one ended, or says more of what is at most 128 numbers before that.
            let near: i64 = end.unwrap_or(first.into());
            let base = near + i64::from(report.base.wrapping_sub(near as u16).cast_signed());
            let goes_on = base <= near && base >= near - 128;
            prop_assert!(goes_on || end.is_none(), "{} after {}", base, near);
            for (number, (_, at)) in (base..).zip(&report.packets) {
                let known = told.entry(number).or_default();
                prop_assert!(known.is_none() || known == at, "{} taken back", number);
                *known = *at;
            }
            end = Some(near.max(base + report.packets.len() as i64));
        }
        let mut untold = 0;
        for number in *came.keys().next().unwrap()..=*came.keys().last().unwrap() {
            match (came.get(&number), told.get(&number).copied().flatten()) {
                (Some(came), Some(told)) => prop_assert!((came - told).abs() <= 125),
                (None, Some(_)) => prop_assert!(false, "{} did not come", number),
                (Some(_), None) => untold += 1,
                (None, None) => {}
            }
        }
        prop_assert!(untold <= late, "{} of {} too late", untold, late);
        bench.assert_book_closes();
        prop_assert_eq!(bench.pending(), 0);
    }

    /// Chunks cost no more than the simplest that could say the same: seven packets each.
    #[test]
    fn chunks_are_no_longer_than_vectors_of_seven(present in vec(any::<bool>(), 1..600), large in vec(any::<bool>(), 600)) {
        let mut bench = Bench::receiver(TwccOptions::default().with_max_feedback_bytes(60_000));
        let mut at = 0;
        let mut deltas = 0;
        let first = present.iter().position(|present| *present);
        let last = present.iter().rposition(|present| *present);
        let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
        for (number, _) in present.iter().enumerate().filter(|(_, present)| **present) {
            let is_large = large[number] && number != first;
            at += if is_large { 100_000 } else { 1000 };
            deltas += if is_large { 2 } else { 1 };
            bench.read_at(number as u16, micros(at));
        }
        let mut reports = bench.run(micros(1)).reports();
        let report = reports.remove(0);
        let expected: Vec<u16> = (0..).zip(&present).filter(|(_, present)| **present).map(|(number, _)| number).collect();
        prop_assert_eq!(report.received(), expected);
        let chunks = 2 * (last - first + 1).div_ceil(7);
        // The MTU divides what is longer.
        if reports.is_empty() {
            prop_assert!(report.bytes <= 20 + chunks + deltas + 3, "{} > {} + {}", report.bytes, chunks, deltas);
        }
    }

    #[test]
    fn nothing_that_a_peer_stamps_breaks_the_book(
        packets in vec((any::<u16>(), prop_oneof![Just(0_u64), 0..100_000_u64], any::<bool>()), 0..400),
    ) {
        let mut bench = Bench::receiver(TwccOptions::default());
        for (number, wait, timers) in &packets {
            if *timers {
                bench.run(micros(*wait));
            }
            bench.read(*number);
        }
        bench.run(micros(300_000));
        let bytes: usize = bench.wire().iter().map(|packet| packet.len()).sum();
        // A few bytes for each packet and a header for each message, of which each is at least 50 ms after the one before
        // unless late packets, or numbers that begin anew, have one of their own.
        prop_assert!(bytes <= 64 * packets.len());
        let counters = bench.counters();
        prop_assert_eq!(counters.arrivals + counters.duplicates + counters.too_late, packets.len() as u64);
        bench.assert_book_closes();
    }
}
