//! Two ends over a network: what one sent is what the other reported.

use std::collections::BTreeMap;

use interceptor_core::Registry;
use interceptor_core::packet::Ecn;
use interceptor_core::packet::rtcp::CcfbArrival;
use interceptor_rfc8888::{Rfc8888, Rfc8888Options};
use interceptor_test::{
    Capacity, Duplicate, Jitter, LinkOptions, Loss, Pair, PairOptions, QueueDepth, Reorder, Side, rtp,
};

use crate::kit::{Block, ms, registry, stream};

const PACKETS: usize = 10_000;

struct Run {
    /// When each packet first reached B, in microseconds, and whether any copy was marked.
    arrived: BTreeMap<u16, (i64, bool)>,
    /// What B reported of each, the last word counts.
    reported: BTreeMap<u16, Option<(i64, bool)>>,
    pair: Pair,
}

fn run(links: LinkOptions, seed: u64) -> Run {
    let options = PairOptions::default().with_link(Side::A, links).with_seed(seed);
    let mut pair = Pair::new(&Registry::new(), &registry(Rfc8888Options::default()), options).unwrap();
    let start = pair.now();
    pair.bind(Side::A, stream(1)).unwrap();
    let packets = rtp(1).seq(60_000).payload_len(1000).ecn(Ecn::Ect1).stream().packets_per_frame(5);
    pair.feed(Side::A, packets.every(ms(2)).take(PACKETS));
    assert!(pair.run_until_quiet(ms(60_000)));

    let mut arrived: BTreeMap<u16, (i64, bool)> = BTreeMap::new();
    for received in pair.received(Side::B) {
        let Some(packet) = received.rtp() else { continue };
        let (at, marked) = ((received.at - start).as_micros() as i64, packet.info().ecn == Some(Ecn::Ce));
        let known = arrived.entry(packet.sequence_number().wrapping_sub(60_000)).or_insert((at, false));
        known.1 |= marked;
    }
    let mut reported = BTreeMap::new();
    for sent in pair.sent(Side::B) {
        let now = (sent.at - start).as_micros() as i64;
        for (number, came) in sent.rtcp().iter().flat_map(Block::all).flat_map(|block| block.packets) {
            let came = came.map(|(arrival, ecn)| {
                let CcfbArrival::Before(before) = arrival else { panic!("{number}: {arrival:?}") };
                (now - before.as_micros() as i64, ecn == Ecn::Ce)
            });
            let known: Option<Option<(i64, bool)>> = reported.insert(number.wrapping_sub(60_000), came);
            assert!(came.is_some() || known.flatten().is_none(), "{number} is taken back");
        }
    }
    Run { arrived, reported, pair }
}

impl Run {
    /// All that came is reported as it came, and everything else as missing.
    fn assert_right(&self) {
        let (oldest, newest) = (*self.arrived.keys().min().unwrap(), *self.arrived.keys().max().unwrap());
        for number in oldest..=newest {
            match (self.arrived.get(&number), self.reported[&number]) {
                (Some((at, marked)), Some((told, told_marked))) => {
                    assert!((0..=1000).contains(&(told - at)), "{number}: {at} µs reported as {told}");
                    assert_eq!(*marked, told_marked, "{number}");
                }
                (None, None) => {}
                other => panic!("{number}: {other:?}"),
            }
        }
        let counters = *self.pair.chain(Side::B).get::<Rfc8888>().unwrap().counters();
        assert_eq!((counters.arrivals, counters.too_late), (self.arrived.len() as u64, 0));
        assert_eq!(counters.arrivals_reported, counters.arrivals);
    }
}

#[test]
fn losses_are_reported_as_such() {
    for loss in [Loss::random(0.05), Loss::burst(0.1, 8.0)] {
        for seed in 1..3 {
            let run = run(LinkOptions::default().with_delay(ms(30)).with_loss(loss.clone()), seed);
            assert!(run.arrived.len() < PACKETS * 97 / 100);
            run.assert_right();
        }
    }
}

#[test]
fn jitter_reordering_and_copies_are_reported_as_they_were() {
    for seed in 1..3 {
        let links = LinkOptions::default()
            .with_delay(ms(60))
            .with_jitter(Jitter::uniform(ms(30)))
            .with_jitter_reorders(true)
            .with_reorder(Reorder::by_time(0.02, ms(40)))
            .with_duplicate(Duplicate::new(0.05))
            .with_loss(Loss::random(0.03));
        let run = run(links, seed);
        run.assert_right();
        let counters = *run.pair.chain(Side::B).get::<Rfc8888>().unwrap().counters();
        assert!(counters.arrivals_late > 100 && counters.duplicates > 100, "{counters:?}");
    }
}

#[test]
fn marks_of_a_congested_router_are_reported() {
    let links = LinkOptions::default()
        .with_capacity(Capacity::constant(4_000_000))
        .with_mark_above(QueueDepth::Time(ms(2)));
    let run = run(links, 1);
    run.assert_right();
    let marked = run.arrived.values().filter(|(_, marked)| *marked).count();
    assert!(marked > 100 && marked < PACKETS, "{marked}");
    let counters = *run.pair.chain(Side::B).get::<Rfc8888>().unwrap().counters();
    assert_eq!(counters.arrivals_marked, marked as u64);
}
