//! On a link that loses packets: beside retransmissions, and where these would come too late.

use std::time::Duration;

use interceptor_core::Registry;
use interceptor_core::packet::RtpPacket;
use interceptor_nack::{Nack, NackFactory};
use interceptor_rtx::RtxFactory;
use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side};
use interceptor_ulpfec::{Ulpfec, UlpfecFactory};

use crate::kit::{MS, RED, SSRC, media, sending, video};

const PACKETS: u16 = 5000;

fn call(repeats: bool, loss: Loss) -> Pair {
    let lower = UlpfecFactory::new(sending(10, 2)).unwrap();
    let mut registry = Registry::new().with(lower.upper()).with(lower);
    let mut info = video(SSRC);
    if repeats {
        registry.add(NackFactory::default());
        registry.add(RtxFactory::default());
        info = info.with_feedback("nack", "").with_rtx(7, 97).with_rtx_payload_type(119, RED);
    }
    let link = LinkOptions::default().with_delay(20 * MS).with_loss(loss);
    let mut pair =
        Pair::new(&registry, &registry, PairOptions::default().with_seed(3).with_links(link)).unwrap();
    pair.bind(Side::A, info).unwrap();
    pair.feed(Side::A, (0..PACKETS).map(|seq| (4 * MS * u32::from(seq), media(seq))));
    pair.run_for(Duration::from_secs(24));
    pair
}

fn recovered(pair: &mut Pair) -> u64 {
    pair.with_chain(Side::B, |chain, _| chain.with_streams::<Ulpfec, _>(|it, streams| it.counters(&streams)))
        .unwrap()
        .recovered
}

/// What the application got is what was sent, numbers aside, each packet once.
fn assert_sound(pair: &Pair) -> usize {
    let mut numbers: Vec<u16> = pair.received_rtp(Side::B).map(RtpPacket::sequence_number).collect();
    let count = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), count, "once each");
    for packet in pair.received_rtp(Side::B) {
        let [a, b, ..] = *packet.payload() else { unreachable!("no empty packet comes up") };
        assert_eq!(packet.payload(), media(u16::from_be_bytes([a, b])).payload());
    }
    count
}

#[test]
fn single_losses_come_back_without_a_request() {
    let mut pair = call(false, Loss::random(0.02));
    let lost = pair.link(Side::A).counters().lost;
    let count = assert_sound(&pair);
    assert!(lost > 80 && recovered(&mut pair) > 60);
    // Two of the same repair packet's five: one in a hundred of the lost, and as many whose repair packet is.
    assert!(usize::from(PACKETS) - count < 20, "{count}");
}

#[test]
fn with_retransmissions_nothing_stays_lost() {
    let mut pair = call(true, Loss::burst(0.05, 3.0));
    assert_eq!(assert_sound(&pair), usize::from(PACKETS));
    assert!(recovered(&mut pair) > 50);
    let nack = pair
        .with_chain(Side::B, |chain, _| chain.with_streams::<Nack, _>(|it, streams| it.counters(&streams)))
        .unwrap();
    assert!(nack.asking.recovered_rtx > 50, "{:?}", nack.asking);
}
