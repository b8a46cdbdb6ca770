//! Beside retransmissions: what was sent in RED is kept and repeated in RED.

use std::time::Duration;

use interceptor_core::packet::{Recovery, RtpPacket};
use interceptor_core::{Registry, StreamInfo};
use interceptor_nack::{Nack, NackCounters, NackFactory};
use interceptor_red::{Copies, ReceiveCounters, RedReceiver, RedReceiverFactory, RedSenderFactory};
use interceptor_red::{RedSenderOptions, Redundancy};
use interceptor_rtx::{Rtx, RtxFactory};
use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side};

use crate::kit::{MS, RED, SSRC, opus, spoken};

const RTX_SSRC: u32 = 2;
const RTX_OF_OPUS: u8 = 112;
const RTX_OF_RED: u8 = 113;
const PACKETS: u16 = 1500;
const RUNS: u64 = 28;

/// With two `apt` pairs: RED is repeated, and so is what leaves plainly.
fn stream() -> StreamInfo {
    opus(SSRC)
        .with_rtx(RTX_SSRC, RTX_OF_OPUS)
        .with_rtx_payload_type(RTX_OF_RED, RED)
        .with_feedback("nack", "")
}

fn call(rtx: bool, copies: Copies, losses: impl IntoIterator<Item = Loss>) -> Pair {
    let sending = RedSenderOptions::default().with_redundancy(Redundancy::Fixed(copies));
    let mut registry = Registry::new()
        .with(RedReceiverFactory::default())
        .with(NackFactory::default())
        .with(RedSenderFactory::new(sending).unwrap());
    let mut info = stream();
    if rtx {
        registry.add(RtxFactory::default());
    } else {
        info.rtx = None;
    }
    let link = losses.into_iter().fold(LinkOptions::default().with_delay(20 * MS), LinkOptions::with_loss);
    let mut pair =
        Pair::new(&registry, &registry, PairOptions::default().with_seed(11).with_links(link)).unwrap();
    pair.bind(Side::A, info).unwrap();
    pair.feed(Side::A, (0..PACKETS).map(|seq| (20 * MS * u32::from(seq), spoken(seq))));
    pair.run_for(Duration::from_secs(33));
    pair
}

/// Losses of so many packets in a row, one a second.
fn runs(packets: u32) -> Vec<Loss> {
    let run = |n: u32| 20 * MS * (50 * n + 25);
    (0..RUNS as u32).map(|n| Loss::outage(run(n) - MS..run(n) + 20 * MS * packets - MS)).collect()
}

fn nack(pair: &mut Pair, side: Side) -> NackCounters {
    pair.with_chain(side, |chain, _| chain.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams)))
        .unwrap()
}

fn red(pair: &mut Pair) -> ReceiveCounters {
    let counters =
        |red: &mut RedReceiver, streams: interceptor_core::Streams<'_, RedReceiver>| red.counters(&streams);
    pair.with_chain(Side::B, |chain, _| chain.with_streams(counters)).unwrap()
}

/// Everything came, as it was sent, and once.
fn assert_complete(pair: &Pair) {
    let mut came: Vec<RtpPacket> = pair.received_rtp(Side::B).cloned().collect();
    came.sort_by_key(RtpPacket::sequence_number);
    assert!(came.iter().eq((0..PACKETS).map(spoken).collect::<Vec<_>>().iter()), "{} came", came.len());
}

#[test]
fn what_red_has_brought_is_not_asked_for() {
    let mut pair = call(true, Copies::levels(1).unwrap(), runs(1));
    assert_complete(&pair);
    assert_eq!(red(&mut pair).recovered, RUNS);
    assert_eq!(nack(&mut pair, Side::B).asking.packets_requested, 0);
}

#[test]
fn runs_of_losses_are_repeated_in_red_by_rtx_and_what_is_in_them_is_used() {
    // Three in a row: RED brings the last, NACK asks for two.
    let mut pair = call(true, Copies::levels(1).unwrap(), runs(3));
    assert_complete(&pair);
    let asked = nack(&mut pair, Side::B).asking;
    assert_eq!((asked.packets_missing, asked.recovered_rtx), (2 * RUNS, 2 * RUNS));
    let restored =
        pair.with_chain(Side::B, |chain, _| chain.with_streams::<Rtx, _>(|rtx, all| rtx.counters(&all)));
    assert_eq!(restored.unwrap().received.restored, 2 * RUNS);
    // Repeats left with the type of RED's pair, and carried what RED packets had carried.
    let repeats: Vec<_> = pair
        .sent(Side::A)
        .iter()
        .filter_map(|sent| sent.rtp())
        .filter(|packet| packet.ssrc() == RTX_SSRC)
        .collect();
    assert_eq!(repeats.len() as u64, 2 * RUNS);
    assert!(repeats.iter().all(|packet| packet.payload_type() == RTX_OF_RED));
    assert!(
        repeats.iter().all(|packet| packet.payload()[2] == 0x80 | 111),
        "OSN, then the RED block's header"
    );
    let by_rtx =
        pair.received_rtp(Side::B).filter(|packet| packet.info().recovered_by == Some(Recovery::Rtx));
    assert_eq!(by_rtx.count() as u64, 2 * RUNS);
}

#[test]
fn without_rtx_the_same_packets_come_again_on_their_own_ssrc() {
    let mut pair = call(false, Copies::levels(1).unwrap(), runs(3));
    assert_complete(&pair);
    assert_eq!(nack(&mut pair, Side::A).answering.packets_resent, 2 * RUNS);
}

#[test]
fn at_any_loss_nothing_comes_twice() {
    for rtx in [true, false] {
        let mut pair = call(rtx, Copies::at([1, 3]).unwrap(), [Loss::burst(0.2, 3.0)]);
        let numbers: Vec<u16> = pair.received_rtp(Side::B).map(RtpPacket::sequence_number).collect();
        let mut once = numbers.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), numbers.len());
        assert!(once.len() >= usize::from(PACKETS) - 15, "{}", once.len());
        assert!(red(&mut pair).recovered > 100);
    }
}
