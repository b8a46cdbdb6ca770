//! Loss on links with a round trip of 100 ms, both directions alike.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use interceptor_core::packet::{Recovery, RtpPacket, Unwrapper};
use interceptor_core::{Registry, Rtt, Streams};
use interceptor_nack::{Nack, NackCounters, NackFactory};
use interceptor_rtx::RtxFactory;
use interceptor_test::{Jitter, LinkOptions, Loss, Pair, PairOptions, Reorder, Side, rtp, stream_info};

use crate::kit::{Publish, ms, nacks};

const MEDIA: u32 = 1;
const RTX: u32 = 2;
const PACKETS: usize = 8_000;
/// 250 packets, 2.4 Mbit/s.
const PAUSE: Duration = Duration::from_millis(4);
const ROUND_TRIP: Duration = Duration::from_millis(100);
/// Close to the wrap.
const FIRST: u16 = 65_000;

struct Outcome {
    pair: Pair,
    start: Instant,
}

fn link() -> LinkOptions {
    LinkOptions::default().with_delay(ROUND_TRIP / 2)
}

fn run(link: LinkOptions, rtx: bool) -> Outcome {
    let mut registry = Registry::new().with(NackFactory::default()).with(Publish(Rtt::first(ROUND_TRIP)));
    if rtx {
        registry.add(RtxFactory::default());
    }
    let mut pair =
        Pair::new(&registry, &registry, PairOptions::default().with_seed(3).with_links(link)).unwrap();
    let info = if rtx { stream_info::video_with_rtx(MEDIA, RTX) } else { stream_info::video(MEDIA) };
    pair.bind(Side::A, info).unwrap();
    let start = pair.now();
    pair.feed(Side::A, rtp(MEDIA).seq(FIRST).payload_len(1_200).stream().every(PAUSE).take(PACKETS));
    pair.run_for(PAUSE * PACKETS as u32 + Duration::from_secs(3));
    Outcome { pair, start }
}

impl Outcome {
    /// From sending to the first arrival at the application, by packet.
    fn delays(&self) -> BTreeMap<usize, Duration> {
        let mut unwrapper = Unwrapper::new();
        unwrapper.unwrap(FIRST);
        let mut delays = BTreeMap::new();
        for received in self.pair.received(Side::B) {
            let Some(packet) = received.rtp() else { continue };
            let index = (unwrapper.unwrap(packet.sequence_number()) - i64::from(FIRST)) as usize;
            delays.entry(index).or_insert(received.at - (self.start + PAUSE * index as u32));
        }
        delays
    }

    /// Part of the packets that arrived within a second.
    fn delivered(&self) -> f64 {
        let in_time = self.delays().values().filter(|delay| **delay <= ms(1_000)).count();
        in_time as f64 / PACKETS as f64
    }

    fn counters(&mut self, side: Side) -> NackCounters {
        let read = |nack: &mut Nack, streams: Streams<'_, Nack>| nack.counters(&streams);
        self.pair.with_chain(side, |chain, _| chain.with_streams(read)).unwrap()
    }

    fn median_to_recover(&self) -> Duration {
        self.pair.chain(Side::B).get::<Nack>().unwrap().time_to_recover().quantile(0.5).unwrap()
    }

    /// RTP that A sent, in order.
    fn sent(&self) -> Vec<RtpPacket> {
        self.pair.sent(Side::A).iter().filter_map(interceptor_test::Sent::rtp).collect()
    }

    fn row(&mut self) -> String {
        let (asking, answering) = (self.counters(Side::B).asking, self.counters(Side::A).answering);
        format!(
            "{:.3} % in 1 s, {:3} ms to recover; {:4} missing, {:4} NACKs for {:4}, {:4} sent again, {} given up",
            100.0 * self.delivered(),
            self.median_to_recover().as_millis(),
            asking.packets_missing,
            asking.requests_sent,
            asking.packets_requested,
            answering.packets_resent,
            asking.given_up,
        )
    }
}

#[test]
fn random_loss_of_5_percent_is_repaired() {
    for rtx in [false, true] {
        let mut outcome = run(link().with_loss(Loss::random(0.05)), rtx);
        assert!(outcome.delivered() >= 0.999, "{}", outcome.row());
        assert!(outcome.median_to_recover() <= ROUND_TRIP * 115 / 100, "{}", outcome.row());
    }
}

#[test]
fn random_loss_of_20_percent_is_repaired() {
    for rtx in [false, true] {
        let mut outcome = run(link().with_loss(Loss::random(0.2)), rtx);
        assert!(outcome.delivered() >= 0.995, "{}", outcome.row());
        assert!(outcome.median_to_recover() <= ROUND_TRIP * 115 / 100, "{}", outcome.row());
    }
}

#[test]
fn bursts_of_30_packets_are_repaired() {
    for rtx in [false, true] {
        let bursts = (1..=10).flat_map(|burst| (burst * 700)..(burst * 700 + 30));
        let mut outcome = run(link().with_loss(Loss::packets(bursts)), rtx);
        assert!(outcome.delivered() >= 0.999, "{}", outcome.row());
        assert!(outcome.median_to_recover() <= ROUND_TRIP * 115 / 100, "{}", outcome.row());
        let asking = outcome.counters(Side::B).asking;
        assert!(asking.requests_sent <= 2 * 10 + 5, "a message a burst: {}", outcome.row());
    }
}

#[test]
fn a_link_that_only_reorders_draws_next_to_no_retransmissions() {
    let mut links: Vec<LinkOptions> =
        (1..=3).map(|count| link().with_reorder(Reorder::by_packets(0.05, count))).collect();
    links.push(link().with_jitter(Jitter::uniform(ms(7))).with_jitter_reorders(true));
    for options in links {
        for rtx in [false, true] {
            let mut outcome = run(options.clone(), rtx);
            let again = outcome.counters(Side::A).answering.packets_resent;
            let missing = outcome.counters(Side::B).asking.packets_missing;
            assert!(missing > 300, "{}", outcome.row());
            assert!(again * 100 < PACKETS as u64, "{}", outcome.row());
            assert!((outcome.delivered() - 1.0).abs() < f64::EPSILON);
        }
    }
}

#[test]
fn nothing_is_asked_for_after_its_recovery() {
    let outcome = run(link().with_loss(Loss::random(0.1)), true);
    let mut recovered: BTreeMap<u16, Instant> = BTreeMap::new();
    for received in outcome.pair.received(Side::B) {
        if let Some(packet) = received.rtp() {
            recovered.entry(packet.sequence_number()).or_insert(received.at);
        }
    }
    let mut requests = 0;
    for sent in outcome.pair.sent(Side::B) {
        for (_, numbers) in sent.rtcp().iter().flat_map(nacks) {
            for number in numbers {
                requests += 1;
                assert!(recovered.get(&number).is_none_or(|at| *at >= sent.at), "{number} was here");
            }
        }
    }
    assert!(requests > 800, "{requests}");
}

#[test]
fn rtx_numbers_have_no_holes_and_every_restored_packet_is_the_original() {
    let outcome = run(link().with_loss(Loss::random(0.1)), true);
    let sent = outcome.sent();
    let numbers: Vec<u16> =
        sent.iter().filter(|packet| packet.ssrc() == RTX).map(RtpPacket::sequence_number).collect();
    assert!(numbers.len() > 800);
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)));

    let originals: BTreeMap<u16, &RtpPacket> = sent
        .iter()
        .filter(|packet| packet.ssrc() == MEDIA)
        .map(|packet| (packet.sequence_number(), packet))
        .collect();
    assert_eq!(originals.len(), PACKETS, "no retransmission on the media SSRC");
    let mut restored = 0;
    for packet in outcome.pair.received_rtp(Side::B) {
        assert_eq!(&packet, &originals[&packet.sequence_number()]);
        restored += usize::from(packet.info().recovered_by == Some(Recovery::Rtx));
    }
    assert!(restored > 500, "{restored}");
}

#[test]
fn each_packet_reaches_the_application_once_but_for_needless_repeats() {
    let outcome = run(link().with_loss(Loss::random(0.1)), true);
    let received: Vec<u16> = outcome.pair.received_rtp(Side::B).map(RtpPacket::sequence_number).collect();
    let distinct: BTreeSet<u16> = received.iter().copied().collect();
    let twice = received.len() - distinct.len();
    assert!(twice * 200 < PACKETS, "{twice}");
}

#[test]
fn the_table_of_losses() {
    let rows: Vec<String> = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3]
        .into_iter()
        .map(|rate| {
            format!("{:2.0} % lost: {}", 100.0 * rate, run(link().with_loss(Loss::random(rate)), true).row())
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"));
}
