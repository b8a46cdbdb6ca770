//! What a pacer wants as padding: repeats in the RTX stream's own numbers, else packets of nothing else.

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Outgoing, Pacing, PaddingWanted, Probe};
use std::time::Duration;

use crate::kit::{Bench, MEDIA, RTX, media, video};

const PROBE: Probe =
    Probe { id: 3, rate: 1_000_000, min_bytes: 5000, min_packets: 5, min_gap: Duration::from_millis(2) };

fn large(seq: u16) -> RtpPacket {
    let mut packet = media(seq);
    packet.set_payload(vec![seq as u8; 1000]);
    packet
}

fn wants(bench: &mut Bench, bytes: u32) -> Vec<RtpPacket> {
    bench.chain.publish(PaddingWanted { bytes, probe: Some(3) }, bench.now);
    let sent = std::iter::from_fn(|| bench.chain.poll_wire());
    sent.filter_map(|sent| if let Outgoing::Rtp(packet) = sent { Some(packet) } else { None }).collect()
}

/// A stream whose RTX numbers begin with 100, asked for a probe before its media.
fn bench(packets: u16) -> Bench {
    let mut bench = Bench::new(video(), Some(100));
    bench.chain.publish(PROBE, bench.now);
    (0..packets).for_each(|seq| drop(bench.write(large(seq))));
    bench
}

#[test]
fn recent_packets_are_repeated_in_the_numbers_of_the_rtx_stream() {
    let mut bench = bench(3);
    let sent = wants(&mut bench, 4000);
    let told: Vec<_> = sent
        .iter()
        .map(|packet| (packet.ssrc(), packet.payload_type(), packet.sequence_number(), packet.payload()[1]))
        .collect();
    assert_eq!(told, [(RTX, 97, 100, 0), (RTX, 97, 101, 1), (RTX, 97, 102, 2), (RTX, 97, 103, 0)]);
    assert!(
        sent.iter().all(|packet| packet.info().origin == Origin::Padding && packet.info().probe == Some(3))
    );
    // Retransmissions go on behind them, and at the other end each is the original once more.
    assert_eq!(bench.resend(large(1)).sequence_number(), 104);
    let restored = bench.read(sent[1].to_bytes()).unwrap();
    assert_eq!(
        (restored.ssrc(), restored.sequence_number(), restored.payload()),
        (MEDIA, 1, large(1).payload())
    );
    let counters = bench.counters().sent;
    assert_eq!((counters.padding, counters.padding_bytes, counters.encapsulated), (4, 4 * 1014, 1));
}

#[test]
fn the_last_32_packets_are_remembered() {
    let mut bench = bench(100);
    let numbers: Vec<u8> = wants(&mut bench, 33 * 1000).iter().map(|packet| packet.payload()[1]).collect();
    assert_eq!(numbers, (68..100).chain([68]).collect::<Vec<u8>>());
}

#[test]
fn where_nothing_is_remembered_padding_leaves_alone() {
    let mut bench = Bench::new(video(), Some(65_535));
    drop(bench.write(large(7)));
    let sent = wants(&mut bench, 500);
    assert_eq!(sent.len(), 2);
    for (packet, number) in sent.iter().zip([65_535, 0]) {
        assert_eq!((packet.ssrc(), packet.payload_type(), packet.sequence_number()), (RTX, 97, number));
        assert_eq!(
            (packet.timestamp(), packet.marker(), packet.info().origin),
            (90_000, false, Origin::Padding)
        );
        // RFC 3550 §5.1: all of it is padding, and a receiver finds that it is.
        let parsed = RtpPacket::parse(packet.to_bytes()).unwrap();
        assert_eq!((parsed.padding_len(), parsed.payload_len(), parsed.total_len()), (255, 0, 267));
        assert!(bench.read(packet.to_bytes()).is_none());
    }
    assert_eq!(bench.counters().received.padding, 2);
    // From now on packets are remembered; one that is far larger than what is wanted is not repeated.
    drop(bench.write(large(8)));
    assert_eq!(wants(&mut bench, 300)[0].payload_len(), 0);
    assert_eq!(wants(&mut bench, 400)[0].payload_len(), 1002);
}

#[test]
fn streams_take_turns() {
    let mut bench = bench(2);
    let second = interceptor_core::StreamInfo::new(5, 96, 90_000).with_rtx(6, 97);
    bench.chain.bind_local(second, bench.now).unwrap();
    let mut other = large(50);
    other.set_ssrc(5);
    drop(bench.write(other));
    let ssrcs: Vec<u32> = wants(&mut bench, 4000).iter().map(RtpPacket::ssrc).collect();
    assert_eq!(ssrcs, [RTX, 6, RTX, 6]);
}

#[test]
fn who_cannot_pad_sends_nothing() {
    // Before any media.
    assert!(wants(&mut bench(0), 1000).is_empty());
    // A payload type that nothing retransmits.
    let mut bench = bench(0);
    let mut packet = large(1);
    packet.set_payload_type(50);
    drop(bench.write(packet));
    assert!(wants(&mut bench, 1000).is_empty());
    // No RTX.
    let mut bench = Bench::new(interceptor_core::StreamInfo::new(MEDIA, 96, 90_000), None);
    bench.chain.publish(PROBE, bench.now);
    drop(bench.write(large(1)));
    assert!(wants(&mut bench, 1000).is_empty());
    // Nothing is wanted.
    assert!(wants(&mut self::bench(3), 0).is_empty());
}

#[test]
fn a_wish_beyond_all_measure_is_cut_off() {
    let mut bench = bench(3);
    let bytes: usize = wants(&mut bench, u32::MAX).iter().map(RtpPacket::total_len).sum();
    assert!((256 << 10..(256 << 10) + 1014).contains(&bytes), "{bytes}");
}

#[test]
fn packets_are_remembered_only_while_padding_is_spoken_of() {
    let mut bench = Bench::new(video(), None);
    let pacing = |padding| Pacing {
        bits_per_second: 1_000_000,
        padding,
        burst: Duration::ZERO,
        window: None,
        in_flight: 0,
        ect: None,
    };
    let second = Duration::from_secs(1);
    // Is there anything to repeat? The question makes it remember from then on.
    let has_some = |bench: &mut Bench| wants(bench, 1000).iter().any(|packet| packet.payload_len() > 0);
    bench.chain.publish(pacing(0), bench.now);
    drop(bench.write(large(1)));
    assert!(!has_some(&mut bench));
    bench.now += 21 * second;
    bench.chain.publish(pacing(100_000), bench.now);
    drop(bench.write(large(2)));
    assert!(has_some(&mut bench));
    bench.now += 21 * second;
    drop(bench.write(large(3)));
    assert!(!has_some(&mut bench));
}

#[test]
fn padding_allocates_nothing_once_it_runs() {
    let mut bench = bench(40);
    let mut pass = |times: usize| {
        for _ in 0..times {
            bench.chain.publish(PaddingWanted { bytes: 3000, probe: None }, bench.now);
            while bench.chain.poll_wire().is_some() {}
            while bench.chain.poll_event().is_some() {}
        }
    };
    pass(500);
    let info = allocation_counter::measure(|| pass(2000));
    assert_eq!(info.count_total, 0, "{info:?}");
}
