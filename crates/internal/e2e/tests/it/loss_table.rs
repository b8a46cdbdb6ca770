//! What the default chain makes of loss, by rate, pattern and round-trip time: video one way, audio back, both directions
//! lossy alike. The round trip is what the reports measure: in the first two seconds it is not known, and at 300 ms what is
//! asked for again too soon is answered again, which is nearly all of the spurious repairs.

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::{default_registry, rtx_ssrc};
use interceptor_core::Streams;
use interceptor_nack::Nack;
use interceptor_packet::Unwrapper;
use interceptor_test::{Jitter, LinkOptions, Loss, Pair, PairOptions, Reorder, Side, rtp, stream_info};

const MEDIA: u32 = 1;
const AUDIO: u32 = 3;
/// Close to the wrap.
const FIRST: u16 = 65_000;
/// 250 packets of 1212 bytes a second: 2.4 Mbit/s.
const PAUSE: Duration = Duration::from_millis(4);
/// Packets after those that count: no one can know that the last packet of all is missing.
const TAIL: usize = 50;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What came of one run.
#[derive(Debug)]
struct Outcome {
    rtt: Duration,
    packets: usize,
    missing: u64,
    requested: u64,
    /// From sending to the first arrival at the application, for each packet that came.
    delays: BTreeMap<usize, Duration>,
    /// Arrivals of packets that had come before.
    repeats: usize,
    median_to_recover: Option<Duration>,
    /// Retransmissions of the sender and RTCP of both, lost or not.
    overhead_bytes: u64,
}

fn run(packets: usize, link: LinkOptions, rtt: Duration, with_rtx: bool) -> Outcome {
    let (registry, statistics) = default_registry();
    let options = PairOptions::default().with_seed(5).with_links(link.with_delay(rtt / 2));
    let mut pair = Pair::new(&registry, &registry, options.with_record_sent(false)).unwrap();
    let plain = stream_info::video(MEDIA);
    pair.bind(Side::A, if with_rtx { plain.with_rtx(rtx_ssrc(MEDIA), 97) } else { plain }).unwrap();
    pair.bind(Side::B, stream_info::audio(AUDIO)).unwrap();
    let (start, length) = (pair.now(), PAUSE * (packets + TAIL) as u32);
    pair.feed(Side::A, rtp(MEDIA).seq(FIRST).payload_len(1200).stream().every(PAUSE).take(packets + TAIL));
    let audio = rtp(AUDIO).pt(111).payload_len(100).stream().ts_step(960).every(ms(20));
    pair.feed(Side::B, audio.take_while(move |(at, _)| *at < length));
    pair.run_for(length + Duration::from_secs(3));

    let mut unwrapper = Unwrapper::new();
    let first = unwrapper.unwrap(FIRST);
    let (mut delays, mut repeats) = (BTreeMap::new(), 0);
    for received in pair.received(Side::B) {
        let Some(packet) = received.rtp().filter(|packet| packet.ssrc() == MEDIA) else { continue };
        let index = (unwrapper.unwrap(packet.sequence_number()) - first) as usize;
        let delay = received.at - (start + PAUSE * index as u32);
        repeats += usize::from(delays.contains_key(&index));
        delays.entry(index).or_insert(delay);
    }
    delays.retain(|index, _| *index < packets);
    let [sender, receiver] = [Side::A, Side::B].map(|side| {
        let read = |nack: &mut Nack, streams: Streams<'_, Nack>| nack.counters(&streams);
        pair.with_chain(side, |chain, _| chain.with_streams(read)).unwrap()
    });
    // The link makes no copies: with RTX all that come twice are repairs, and the application sees none of them.
    assert!(!with_rtx || repeats == 0, "{repeats}");
    let rtcp = |id: &str| statistics.connection(id).unwrap().rtcp_bytes_sent;
    Outcome {
        rtt,
        packets,
        missing: receiver.asking.packets_missing,
        requested: receiver.asking.packets_requested,
        median_to_recover: pair.chain(Side::B).get::<Nack>().unwrap().time_to_recover().quantile(0.5),
        overhead_bytes: sender.answering.bytes_resent + rtcp("a") + rtcp("b"),
        delays,
        repeats: repeats + receiver.asking.restored_duplicates as usize,
    }
}

impl Outcome {
    /// Part of the packets that came within a second.
    fn delivered(&self) -> f64 {
        let in_time = self.delays.values().filter(|delay| **delay <= ms(1000)).count();
        in_time as f64 / self.packets as f64
    }

    /// Repairs of packets that came without, as a part of the packets.
    fn spurious(&self) -> f64 {
        self.repeats as f64 / self.packets as f64
    }

    /// In round trips.
    fn median(&self) -> f64 {
        self.median_to_recover.unwrap_or_default().as_secs_f64() / self.rtt.as_secs_f64()
    }

    fn row(&self, title: &str) -> String {
        let part = |count: u64, of: u64| if of == 0 { 0.0 } else { count as f64 / of as f64 };
        format!(
            "{title:22} {:4} | {:6.2} {:8.3} {:8.2} {:7.2} {:7.2} {:8.2}\n",
            self.rtt.as_millis(),
            100.0 * part(self.missing, self.packets as u64),
            100.0 * self.delivered(),
            part(self.requested, self.missing),
            100.0 * self.spurious(),
            100.0 * part(self.overhead_bytes, 1212 * self.packets as u64),
            self.median(),
        )
    }
}

const HEAD: &str = "
                        RTT | missed   in 1 s requests spurious   over-   median
                         ms |      %        %   a loss       %   head %     RTTs
";

/// Random loss of this rate.
fn random(rate: f64) -> LinkOptions {
    LinkOptions::default().with_loss(Loss::random(rate))
}

/// As much loss, in runs of five packets in the mean.
fn bursts(rate: f64) -> LinkOptions {
    LinkOptions::default().with_loss(Loss::burst(rate, 5.0))
}

#[test]
fn loss_is_repaired() {
    let (mut table, packets) = (HEAD.to_owned(), 4_000);
    for rate in [0.0, 0.01, 0.05, 0.1, 0.2, 0.4] {
        for rtt in [20, 100, 300].map(ms) {
            table += &run(packets, random(rate), rtt, true).row(&format!("{:2.0} % random", 100.0 * rate));
        }
    }
    for rate in [0.01, 0.05, 0.1, 0.2, 0.4] {
        for rtt in [20, 100, 300].map(ms) {
            table += &run(packets, bursts(rate), rtt, true).row(&format!("{:2.0} % in bursts", 100.0 * rate));
        }
    }
    table += &run(packets, random(0.05), ms(100), false).row(" 5 % random, no RTX");
    table += &run(packets, bursts(0.05), ms(100), false).row(" 5 % in bursts, no RTX");
    insta::assert_snapshot!(table);
}

#[test]
fn at_5_percent_loss_999_of_1000_packets_come_within_a_second() {
    let packets = 10_000;
    for (link, with_rtx) in [(random(0.05), true), (bursts(0.05), true), (random(0.05), false)] {
        let outcome = run(packets, link, ms(100), with_rtx);
        assert!(outcome.delivered() >= 0.999, "{}", outcome.row("delivered"));
        assert!(outcome.median() <= 1.15, "{}", outcome.row("median"));
        // One try would leave more than a thousandth: with RTX each answer has a copy, which comes in vain if the first has come.
        let copies = if with_rtx { 0.08 } else { 0.001 };
        assert!(outcome.spurious() < copies, "{}", outcome.row("spurious"));
    }
}

#[test]
fn reordering_draws_next_to_no_repairs() {
    let (mut table, packets) = (HEAD.to_owned(), 4_000);
    let plain = LinkOptions::default();
    for with_rtx in [true, false] {
        for count in 1..=3 {
            let link = plain.clone().with_reorder(Reorder::by_packets(0.05, count));
            let outcome = run(packets, link, ms(100), with_rtx);
            assert!(outcome.missing * 25 > packets as u64, "{}", outcome.row("missing"));
            assert!(outcome.spurious() < 0.01, "{}", outcome.row("spurious"));
            table += &outcome.row(&format!("5 % late by {count}{}", if with_rtx { "" } else { ", no RTX" }));
        }
    }
    let jitter = plain.with_jitter(Jitter::uniform(ms(7))).with_jitter_reorders(true);
    table += &run(packets, jitter, ms(100), true).row("jitter of 14 ms");
    insta::assert_snapshot!(table);
}
