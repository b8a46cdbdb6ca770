//! Whatever feedback says: nothing panics, each packet is told of once, and the books close.

use std::collections::BTreeMap;

use interceptor_congestion::Outcome;
use interceptor_core::packet::RtcpPacket;
use interceptor_core::packet::rtcp::{CcfbMetric, CcfbStream};
use interceptor_test::rtp;
use proptest::prelude::*;

use crate::kit::{Bench, MEDIA, PEER, Told, ccfb_video, ms, numbered, twcc};

/// What becomes of packets, told in any order.
fn check_once(all: &[Told]) {
    let mut states: BTreeMap<u64, Outcome> = BTreeMap::new();
    for told in all {
        assert!(told.packets.is_sorted_by_key(|packet| packet.index), "in the order in which they left");
        for packet in &told.packets {
            let before = states.insert(packet.index, packet.outcome);
            let received = |outcome: &Outcome| matches!(outcome, Outcome::Received { .. });
            match before {
                None => assert!(!packet.was_lost),
                Some(before) => {
                    assert!(!received(&before) && received(&packet.outcome), "{before:?}, {packet:?}");
                    assert_eq!(packet.was_lost, before == Outcome::Lost);
                }
            }
        }
    }
}

fn check_books(bench: &Bench) {
    let counters = bench.counters();
    let told = counters.packets_received + counters.packets_lost + counters.packets_unknown;
    let in_flight = u64::from(bench.in_flight()) / 1048;
    assert!(told + in_flight <= counters.tracked, "{counters:?}");
    assert!(
        told + in_flight + counters.packets_expired + counters.packets_forgotten >= counters.tracked,
        "{counters:?}"
    );
}

#[derive(Clone, Debug)]
enum Step {
    Send(u8),
    Wait(u16),
    /// How far back it begins, its reference time and its packets.
    Twcc(u16, i32, Vec<Option<i16>>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1..40_u8).prop_map(Step::Send),
        (0..3000_u16).prop_map(Step::Wait),
        (0..90_u16, -0x80_0000..0x7f_ffff_i32, prop::collection::vec(prop::option::of(any::<i16>()), 1..60))
            .prop_map(|(back, reference, packets)| Step::Twcc(back, reference, packets)),
    ]
}

proptest! {
    #[test]
    fn each_packet_is_told_of_once_whatever_transport_wide_feedback_says(
        first in any::<u16>(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut bench = Bench::sender();
        let (mut next, mut count) = (first, 0_u8);
        for step in steps {
            match step {
                Step::Send(packets) => {
                    bench.send((0..packets.into()).map(|offset| next.wrapping_add(offset)));
                    next = next.wrapping_add(packets.into());
                }
                Step::Wait(millis) => {
                    bench.run(ms(millis.into()));
                }
                Step::Twcc(back, reference, packets) => {
                    let arrivals: Vec<_> =
                        packets.iter().map(|at| at.map(|at| i64::from(at / 4) * 250)).collect();
                    count = count.wrapping_add(1);
                    bench.read_rtcp(&twcc(next.wrapping_sub(back), reference, count, &arrivals));
                }
            }
        }
        let told = bench.told();
        check_once(&told);
        check_books(&bench);
        bench.run(ms(61_000));
        prop_assert_eq!(bench.in_flight(), 0);
    }

    #[test]
    fn each_packet_is_told_of_once_whatever_rfc_8888_says(
        first in any::<u16>(),
        steps in prop::collection::vec((1..30_u16, 0..70_u16, any::<u32>(), prop::collection::vec(any::<u16>(), 0..50)), 1..40),
    ) {
        let mut bench = Bench::sending([ccfb_video(MEDIA), ccfb_video(7)]);
        let mut next = first;
        for (packets, back, timestamp, metrics) in steps {
            for _ in 0..packets {
                let ssrc = if next % 3 == 0 { 7 } else { MEDIA };
                bench.write(rtp(ssrc).seq(next).payload_len(1008).build()).run(ms(1));
                next = next.wrapping_add(1);
            }
            let metrics: Vec<_> = metrics.into_iter().map(CcfbMetric).collect();
            let begin = next.wrapping_sub(back);
            let stream = |ssrc| CcfbStream { ssrc, begin_sequence: begin, metrics: &metrics };
            let streams = [stream(MEDIA), stream(7), stream(MEDIA)];
            bench.read_rtcp(&RtcpPacket::builder().ccfb(PEER, &streams, timestamp).build().unwrap());
        }
        let told = bench.told();
        check_once(&told);
        check_books(&bench);
    }
}

#[test]
fn a_million_messages_of_noise_pass() {
    let mut bench = Bench::sender();
    bench.controller.script().keeps = false;
    let mut noise = 7_u64;
    let mut draw = || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (noise >> 32) as u32
    };
    let mut compound = Vec::new();
    for step in 0..62_500_u16 {
        bench.write(numbered(step));
        compound.clear();
        for _ in 0..16 {
            let (a, b, c) = (draw(), draw(), draw());
            // A header that is right, a number near those that were sent, noise behind.
            let number = step.wrapping_sub(a as u16 & 0x3f);
            let count = b as u16 & if b >> 31 == 0 { 0xffff } else { 0x1f };
            compound.extend([0x8f, 205, 0, 6]);
            compound.extend([PEER, MEDIA].iter().flat_map(|ssrc| ssrc.to_be_bytes()));
            compound.extend([number, count].iter().flat_map(|half| half.to_be_bytes()));
            compound.extend([c, a, draw()].iter().flat_map(|word| word.to_be_bytes()));
        }
        bench.chain.read_rtcp(RtcpPacket::parse(compound.clone().into()).unwrap(), bench.now);
        bench.run(ms(1));
        while bench.chain.poll_wire().is_some() || bench.chain.poll_app().is_some() {}
        bench.events();
    }
    let counters = bench.counters();
    assert!(counters.malformed_feedback > 1000 && counters.feedback_used > 1000, "{counters:?}");
    check_books(&bench);
    bench.run(ms(61_000));
    assert_eq!(bench.in_flight(), 0);
}
