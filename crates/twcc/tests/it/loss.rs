//! Two ends over a network: what one sent is what the other reported.

use std::collections::BTreeMap;
use std::time::Instant;

use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::ext::TransportSequenceNumber;
use interceptor_test::{
    Duplicate, Jitter, LinkOptions, Loss, Pair, PairOptions, Reorder, Side, rtp, stream_info,
};
use interceptor_twcc::{Twcc, TwccOptions};

use crate::kit::{ID, Report, ms, registry};

/// Packets of a run, which ends before their numbers come round.
const PACKETS: usize = 20_000;

fn number(packet: &RtpPacket) -> u16 {
    packet.read::<TransportSequenceNumber>(ID).expect("everything is numbered").0
}

/// Steps from the first number.
type Arrivals = BTreeMap<u16, i64>;

struct Run {
    /// When each number first reached B, in microseconds.
    arrived: Arrivals,
    /// What B reported of each, the last word counts.
    reported: BTreeMap<u16, Option<i64>>,
    pair: Pair,
}

fn run(links: LinkOptions, seed: u64) -> Run {
    let first = 60_000;
    let registry = registry(TwccOptions::default().with_first_number(first));
    let mut pair =
        Pair::new(&registry, &registry, PairOptions::default().with_links(links).with_seed(seed)).unwrap();
    let start: Instant = pair.now();
    pair.bind(Side::A, stream_info::video(1)).unwrap();
    pair.bind(Side::A, stream_info::audio(2)).unwrap();
    pair.feed(
        Side::A,
        rtp(1).payload_len(1100).stream().packets_per_frame(5).every(ms(2)).take(PACKETS * 9 / 10),
    );
    pair.feed(Side::A, rtp(2).pt(111).payload_len(80).stream().every(ms(18)).take(PACKETS / 10));
    assert!(pair.run_until_quiet(ms(120_000)));

    let sent: Vec<u16> =
        pair.sent(Side::A).iter().filter_map(|sent| sent.rtp()).map(|packet| number(&packet)).collect();
    let expected: Vec<u16> = (0..PACKETS as u16).map(|step| first.wrapping_add(step)).collect();
    assert_eq!(sent, expected, "one number after the other, of both streams");

    let mut arrived = Arrivals::new();
    for received in pair.received(Side::B) {
        if let Some(packet) = received.rtp() {
            let at = (received.at - start).as_micros() as i64;
            arrived.entry(number(packet).wrapping_sub(first)).or_insert(at);
        }
    }
    let mut reported = BTreeMap::new();
    for sent in pair.sent(Side::B) {
        for report in sent.rtcp().iter().flat_map(Report::all) {
            for (number, at) in report.packets {
                // A packet that was reported is not taken back.
                let known: &mut Option<i64> = reported.entry(number.wrapping_sub(first)).or_default();
                assert!(known.is_none() || *known == at, "{number}: {known:?}, then {at:?}");
                *known = at;
            }
        }
    }
    Run { arrived, reported, pair }
}

impl Run {
    /// All that came is reported as it came, and everything else as missing, but for `too_late` packets.
    fn assert_right(&self, too_late: usize) {
        let mut unreported = 0;
        let newest = *self.arrived.keys().max().unwrap();
        let oldest = *self.arrived.keys().min().unwrap();
        for step in oldest..=newest {
            match (self.arrived.get(&step), self.reported.get(&step).expect("no gap between messages")) {
                (Some(arrived), Some(reported)) => {
                    assert!((arrived - reported).abs() <= 125, "{step}: {arrived} µs reported as {reported}");
                }
                (Some(_), None) => unreported += 1,
                (None, reported) => assert_eq!(*reported, None, "{step} never came"),
            }
        }
        assert!(self.reported.keys().all(|step| (oldest..=newest).contains(step)));
        assert!(unreported <= too_late, "{unreported} of {}", self.arrived.len());
        let twcc = self.pair.chain(Side::B).get::<Twcc>().unwrap();
        assert_eq!((twcc.pending(), twcc.counters().too_late), (0, unreported as u64));
        let counters = twcc.counters();
        assert_eq!(counters.arrivals, counters.arrivals_reported);
        assert_eq!(counters.arrivals + counters.too_late, self.arrived.len() as u64);
    }
}

#[test]
fn on_a_perfect_link_everything_is_reported() {
    let run = run(LinkOptions::default(), 1);
    assert_eq!(run.arrived.len(), PACKETS);
    run.assert_right(0);
}

#[test]
fn losses_are_reported_as_such() {
    for loss in [Loss::random(0.05), Loss::burst(0.1, 8.0), Loss::random(0.5)] {
        for seed in 1..3 {
            let links = LinkOptions::default().with_delay(ms(30)).with_loss(loss.clone());
            let run = run(links, seed);
            assert!(run.arrived.len() < PACKETS * 97 / 100);
            run.assert_right(0);
        }
    }
}

#[test]
fn jitter_and_reordering_are_reported_as_they_were() {
    for seed in 1..3 {
        let links = LinkOptions::default()
            .with_delay(ms(60))
            .with_jitter(Jitter::uniform(ms(40)))
            .with_jitter_reorders(true)
            .with_loss(Loss::random(0.03));
        let run = run(links, seed);
        run.assert_right(0);
        let counters = *run.pair.chain(Side::B).get::<Twcc>().unwrap().counters();
        assert!(counters.arrivals_late > 100, "{counters:?}");
    }
}

#[test]
fn packets_held_back_and_copies_are_reported_once() {
    for seed in 1..3 {
        let links = LinkOptions::default()
            .with_delay(ms(20))
            .with_reorder(Reorder::by_time(0.02, ms(150)))
            .with_duplicate(Duplicate::new(0.05));
        let run = run(links, seed);
        run.assert_right(0);
        let counters = *run.pair.chain(Side::B).get::<Twcc>().unwrap().counters();
        assert!(counters.duplicates > 100 && counters.arrivals_late > 100, "{counters:?}");
    }
}
