//! Random streams against what anyone would count by hand.

use std::collections::BTreeSet;

use interceptor_packet::RtpPacket;
use interceptor_test::rtp;
use proptest::prelude::*;

use crate::support::{Bench, LOCAL, LOCAL_RTX, REMOTE, REMOTE_FEC, REMOTE_RTX, ms};

/// What happens to one media packet on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Arrives,
    Lost,
    LostAndRetransmitted,
    Twice,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        8 => Just(Fate::Arrives),
        1 => Just(Fate::Lost),
        1 => Just(Fate::LostAndRetransmitted),
        1 => Just(Fate::Twice),
    ]
}

proptest! {
    // Each case is a whole stream.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn loss_duplicates_and_recoveries_are_what_happened(
        first: u16,
        fates in prop::collection::vec(fate(), 1..600),
        payload in 1usize..1200,
    ) {
        let mut bench = Bench::with_video();
        // The first and the last packet arrive, so that all between are known to have been sent.
        let mut fates = fates;
        fates.insert(0, Fate::Arrives);
        fates.push(Fate::Arrives);
        let mut retransmissions = 0u16;
        let mut bytes = 0;
        for (index, fate) in fates.iter().enumerate() {
            let seq = first.wrapping_add(index as u16);
            let packet = rtp(REMOTE).seq(seq).ts(index as u32 * 900).payload_len(payload).build();
            let copies = match fate {
                Fate::Arrives => 1,
                Fate::Twice => 2,
                Fate::Lost | Fate::LostAndRetransmitted => 0,
            };
            for _ in 0..copies {
                bench.receive(packet.clone());
                bytes += payload;
            }
            // The retransmission of the loss ten packets ago.
            if index >= 10 && fates[index - 10] == Fate::LostAndRetransmitted {
                let original = first.wrapping_add(index as u16 - 10);
                let content = [&original.to_be_bytes()[..], &vec![0; payload]].concat();
                bytes += content.len();
                bench.receive(rtp(REMOTE_RTX).pt(97).seq(retransmissions).payload(content).build());
                retransmissions += 1;
            }
            bench.clock.advance(ms(10));
        }
        let count = |wanted: Fate| fates.iter().filter(|fate| **fate == wanted).count() as i64;
        let lost = count(Fate::Lost) + count(Fate::LostAndRetransmitted);
        let recovered = (0..fates.len().saturating_sub(10))
            .filter(|index| fates[*index] == Fate::LostAndRetransmitted && any_later(&fates, *index))
            .count();
        let inbound = bench.inbound();
        prop_assert_eq!(inbound.packets_lost, lost - count(Fate::Twice));
        prop_assert_eq!(inbound.packets_duplicated as i64, count(Fate::Twice));
        prop_assert_eq!(inbound.packets_reordered, 0);
        prop_assert_eq!(inbound.packets_recovered_by_rtx, recovered as u64);
        prop_assert_eq!(inbound.retransmitted_packets_received, u64::from(retransmissions));
        prop_assert_eq!(inbound.bytes_received, bytes as u64);
        prop_assert_eq!(inbound.header_bytes_received, 12 * inbound.packets_received);
        prop_assert!(inbound.jitter <= ms(1), "{:?}", inbound.jitter);
    }

    #[test]
    fn reordering_within_a_window_loses_nothing(first: u16, delays in prop::collection::vec(0u16..60, 2..400)) {
        let mut bench = Bench::with_video();
        let mut order: Vec<(usize, u16)> = delays.iter().enumerate()
            .map(|(index, delay)| (index + usize::from(*delay), index as u16))
            .collect();
        // The first packet is first: what comes before it is not known to have been sent.
        order[0].0 = 0;
        order.sort_unstable();
        let mut late = 0;
        let mut highest = 0;
        for (_, index) in &order {
            late += u64::from(*index < highest);
            highest = highest.max(*index);
            bench.receive(rtp(REMOTE).seq(first.wrapping_add(*index)).build());
        }
        let inbound = bench.inbound();
        let all: BTreeSet<u16> = order.iter().map(|(_, index)| *index).collect();
        prop_assert_eq!(all.len(), delays.len());
        prop_assert_eq!((inbound.packets_lost, inbound.packets_duplicated), (0, 0));
        prop_assert_eq!(inbound.packets_reordered, late);
    }

    #[test]
    fn bytes_sent_are_those_on_the_wire(packets in prop::collection::vec(outgoing(), 0..60)) {
        let mut bench = Bench::with_video();
        let wire: usize = packets.iter().map(RtpPacket::total_len).sum();
        let payload: usize = packets.iter().map(RtpPacket::payload_len).sum();
        let repeats = packets.iter().filter(|packet| packet.ssrc() == LOCAL_RTX).count();
        let total = packets.len();
        packets.into_iter().for_each(|packet| bench.send(packet));
        let outbound = bench.outbound();
        prop_assert_eq!(outbound.bytes_sent + outbound.header_bytes_sent, wire as u64);
        prop_assert_eq!(outbound.bytes_sent, payload as u64);
        prop_assert_eq!(outbound.packets_sent, total as u64);
        prop_assert_eq!(outbound.retransmitted_packets_sent, repeats as u64);
    }

    #[test]
    fn each_ssrc_has_its_share(packets in prop::collection::vec((0usize..3, 0usize..500), 0..60)) {
        let mut bench = Bench::with_video();
        let ssrcs = [REMOTE, REMOTE_RTX, REMOTE_FEC];
        let mut bytes = [0u64; 3];
        for (seq, (role, len)) in (0u16..).zip(&packets) {
            bytes[*role] += *len as u64;
            bench.receive(rtp(ssrcs[*role]).seq(seq).payload_len(*len).build());
        }
        let inbound = bench.inbound();
        prop_assert_eq!(inbound.bytes_received, bytes.iter().sum::<u64>());
        prop_assert_eq!(inbound.retransmitted_bytes_received, bytes[1]);
        prop_assert_eq!(inbound.fec_bytes_received, bytes[2]);
    }
}

/// Whether a packet after `index` had come by the time of its retransmission, ten packets later: before that
/// nobody knows of the loss.
fn any_later(fates: &[Fate], index: usize) -> bool {
    fates[index + 1..=index + 10].iter().any(|fate| matches!(fate, Fate::Arrives | Fate::Twice))
}

fn outgoing() -> impl Strategy<Value = RtpPacket> {
    (prop::bool::ANY, 0usize..1200, prop_oneof![Just(0u8), 1..=255u8], any::<u16>(), 0usize..4).prop_map(
        |(repeat, len, padding, seq, csrcs)| {
            let template =
                rtp(if repeat { LOCAL_RTX } else { LOCAL }).seq(seq).payload_len(len).padding(padding);
            (0..csrcs).fold(template, |template, csrc| template.csrc(csrc as u32)).build()
        },
    )
}
