//! Reports of random traffic against a record of everything that crossed the wire.

use std::time::Duration;

use proptest::prelude::*;

use crate::harness::{Bench, blocks, millis, options, sender_report};

/// What happens to a packet on its way.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Arrives,
    Lost,
    Doubled,
    /// After as many of those that follow it.
    Late(usize),
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        10 => Just(Fate::Arrives),
        2 => Just(Fate::Lost),
        2 => Just(Fate::Doubled),
        2 => (1usize..20).prop_map(Fate::Late),
    ];
    prop::collection::vec(fate, 1..300)
}

/// Positions in order of arrival.
fn arrivals(fates: &[Fate]) -> Vec<u64> {
    let mut arrivals: Vec<(usize, u64)> = Vec::new();
    for (at, fate) in fates.iter().enumerate() {
        match fate {
            Fate::Arrives => arrivals.push((at, at as u64)),
            Fate::Lost => {}
            Fate::Doubled => arrivals.extend([(at, at as u64); 2]),
            Fate::Late(by) => arrivals.push((at + by, at as u64)),
        }
    }
    arrivals.sort_by_key(|(at, _)| *at);
    arrivals.into_iter().map(|(_, position)| position).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn blocks_say_what_the_record_says(fates in fates(), first: u16, wait in 5u64..200) {
        let mut bench = Bench::new(options());
        bench.bind_remote(0xa);
        let mut record: Vec<u64> = Vec::new();
        let mut reported = (0, 0);
        for position in arrivals(&fates) {
            bench.receive(0xa, first.wrapping_add(position as u16), position as u32 * 1800);
            record.push(position);
            bench.run(millis(wait));
            let Some(block) = blocks(&bench.wire_rtcp()).pop() else { continue };
            // A report may leave during the wait only, so the record is complete.
            let (base, highest) = (record[0], record.iter().max().copied().unwrap_or_default());
            let (expected, received) = (highest - base + 1, record.len() as u64);
            prop_assert_eq!(i64::from(block.cumulative_lost), expected as i64 - received as i64);
            prop_assert_eq!(u64::from(block.extended_sequence_number), u64::from(first.wrapping_add(base as u16)) + highest - base);
            let (new, got) = (expected - reported.0, received - reported.1);
            let fraction = if got >= new { 0 } else { ((new - got) * 256 / new).min(255) };
            prop_assert_eq!(u64::from(block.fraction_lost), fraction);
            reported = (expected, received);
        }
    }

    #[test]
    fn sender_reports_say_what_the_record_says(
        frames in prop::collection::vec((1u16..20, 0usize..1400, 1u64..60, any::<bool>()), 1..60),
        first: u16,
        timestamp: u32,
    ) {
        let mut bench = Bench::new(options());
        bench.bind_local(1);
        let (mut seq, mut timestamp) = (first, timestamp);
        let (mut packets, mut octets) = (0, 0);
        let mut newest = (Duration::ZERO, 0);
        for (count, payload, wait, again) in frames {
            timestamp = timestamp.wrapping_add(3000);
            newest = (bench.elapsed(), timestamp);
            for _ in 0..count {
                bench.send(1, seq, timestamp, payload);
                seq = seq.wrapping_add(1);
                bench.skip(millis(1));
            }
            if again {
                // The packet before the frame once more, with the old timestamp.
                bench.send(1, seq.wrapping_sub(count + 1), timestamp.wrapping_sub(3000), payload);
            }
            let count = usize::from(count) + usize::from(again);
            (packets, octets) = (packets + count, octets + count * payload);
            bench.run(millis(wait));
            bench.wire_rtcp();
        }
        let report = bench.next_report();
        let (_, said, said_packets, said_octets) = sender_report(&report, 1).expect("a sender report");
        let passed = (bench.elapsed() - newest.0).as_nanos() * 90_000 / 1_000_000_000;
        prop_assert_eq!(said, newest.1.wrapping_add(passed as u32));
        prop_assert_eq!((said_packets as usize, said_octets as usize), (packets, octets));
    }
}
