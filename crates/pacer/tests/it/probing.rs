//! Clusters by which congestion control learns whether a higher rate passes, and padding that fills what media does not.

use std::time::Duration;

use interceptor_core::packet::Origin;
use interceptor_core::{Fact, Pacing, PaddingWanted, Probe};
use interceptor_pacer::{Class, PacerOptions};
use interceptor_rtx::RtxFactory;
use interceptor_test::stream_info;

use crate::kit::{MS, Rig, SECOND, pacing, packet, wire_bytes};

fn probe(id: u8, rate: u64) -> Probe {
    Probe { id, rate, min_bytes: (rate / 8 * 15 / 1000) as u32, min_packets: 5, min_gap: 2 * MS }
}

/// A pacer below RTX, with a stream that has sent a packet of 1200 bytes at a pace of 1 Mbit/s.
fn rig(packets: u16) -> Rig {
    let mut rig = Rig::with(PacerOptions::default(), |registry| registry.with(RtxFactory::default()));
    rig.bind(stream_info::video_with_rtx(1, 2));
    // RTX remembers packets from a probe on, and a cut ends that.
    rig.tell(pacing(2_000_000));
    rig.tell(probe(0, 1));
    rig.tell(pacing(1_000_000));
    rig.give_all(1, 0..packets, 1200);
    rig.pass(SECOND);
    (rig.out, rig.facts) = Default::default();
    rig
}

/// Bits a second as libwebrtc reckons: without the last packet.
fn rate(packets: &[(Duration, usize)]) -> f64 {
    let [(first, _), .., (last, last_bytes)] = packets else { return 0.0 };
    let bytes: usize = packets.iter().map(|packet| packet.1).sum();
    (bytes - last_bytes) as f64 * 8.0 / (*last - *first).as_secs_f64()
}

/// What has left for a cluster.
fn cluster(rig: &Rig, id: u8) -> Vec<(Duration, usize)> {
    let of_it = rig.out.iter().filter(|(_, packet)| packet.info().probe == Some(id));
    of_it.map(|(at, packet)| (*at, wire_bytes(packet))).collect()
}

#[test]
fn a_cluster_of_padding_leaves_at_its_rate() {
    for wanted in [300_000, 900_000, 3_000_000, 6_000_000, 20_000_000] {
        let mut rig = rig(10);
        rig.tell(probe(7, wanted));
        rig.pass(SECOND);
        let sent = cluster(&rig, 7);
        let measured = rate(&sent);
        assert!((measured / wanted as f64 - 1.0).abs() < 0.05, "{wanted}: {measured} of {sent:?}");
        assert!(
            sent.len() >= 5
                && sent.iter().map(|sent| sent.1).sum::<usize>() >= wanted as usize / 8 * 15 / 1000
        );
        assert!(
            rig.out.iter().all(|(_, packet)| packet.info().origin == Origin::Padding && packet.ssrc() == 2)
        );
        assert_eq!((rig.totals().probes_sent, rig.out.len()), (1, sent.len()));
    }
}

#[test]
fn media_fills_a_cluster_before_padding_does() {
    for wanted in [3_000_000, 6_000_000] {
        let mut rig = rig(10);
        rig.give_all(1, 10..15, 1200);
        rig.tell(probe(7, wanted));
        rig.pass(SECOND);
        let sent = cluster(&rig, 7);
        assert!((rate(&sent) / wanted as f64 - 1.0).abs() < 0.05, "{wanted}: {sent:?}");
        let origins: Vec<_> = rig.out.iter().map(|(_, packet)| packet.info().origin).collect();
        assert_eq!(origins[..5], [Origin::Media; 5]);
        assert!(origins.len() > 5 && origins[5..].iter().all(|origin| *origin == Origin::Padding));
        // What went before the probe is no part of it.
        assert_eq!(rig.out[0].1.info().probe, None);
    }
}

#[test]
fn clusters_leave_one_after_the_other() {
    let mut rig = rig(10);
    rig.tell(probe(1, 2_000_000));
    rig.tell(probe(2, 4_000_000));
    rig.pass(SECOND);
    let (first, second) = (cluster(&rig, 1), cluster(&rig, 2));
    assert!(first.last() <= second.first());
    assert!((rate(&first) / 2e6 - 1.0).abs() < 0.05 && (rate(&second) / 4e6 - 1.0).abs() < 0.05);
}

#[test]
fn a_stream_that_sends_while_it_is_probed_is_part_of_the_cluster() {
    let mut rig = rig(10);
    rig.tell(probe(7, 1_000_000));
    for seq in 10..30 {
        rig.give(packet(1, seq, 600));
        rig.pass(5 * MS);
    }
    let sent = cluster(&rig, 7);
    assert!((rate(&sent) / 1e6 - 1.0).abs() < 0.05, "{sent:?}");
    assert_eq!(rig.counters(Class::Video).came(), 30);
}

#[test]
fn whom_nobody_answers_asks_ten_times_a_second_and_gives_up_after_five_seconds() {
    let mut rig = Rig::video(PacerOptions::default(), &[1]);
    rig.tell(pacing(1_000_000));
    rig.tell(probe(7, 2_000_000));
    rig.pass(10 * SECOND);
    let asked = rig
        .facts
        .iter()
        .filter(|fact| matches!(fact, Fact::PaddingWanted(PaddingWanted { probe: Some(7), .. })));
    assert_eq!(asked.count(), 51);
    let totals = rig.totals();
    assert_eq!((totals.probes_abandoned, totals.probes_sent, totals.padding_asked), (1, 0, 51));
    assert_eq!(rig.chain.next_timeout(), None);
}

#[test]
fn media_that_comes_begins_a_cluster_that_nobody_has_filled() {
    let mut rig = Rig::video(PacerOptions::default(), &[1]);
    rig.tell(pacing(10_000_000));
    rig.tell(probe(7, 2_000_000));
    rig.pass(30 * MS);
    rig.give_all(1, 0..10, 1200);
    rig.pass(SECOND);
    let sent = cluster(&rig, 7);
    assert!((rate(&sent) / 2e6 - 1.0).abs() < 0.05 && sent.len() == 5, "{sent:?}");
    assert_eq!(rig.out.len(), 10);
}

#[test]
fn a_cut_ends_what_is_being_tried() {
    let mut rig = rig(10);
    [1, 2, 3].into_iter().for_each(|id| rig.tell(probe(id, 2_000_000)));
    rig.tell(pacing(990_000));
    let before = rig.totals().probes_abandoned;
    rig.tell(pacing(850_000));
    assert_eq!((before, rig.totals().probes_abandoned), (1, 4));
    let sent = rig.out.len();
    rig.pass(SECOND);
    assert_eq!(rig.out.len(), sent);
}

#[test]
fn a_probe_does_not_wait_for_the_window() {
    let mut rig = rig(10);
    rig.tell(Pacing { window: Some(1000), in_flight: 1000, ..pacing(1_000_000) });
    rig.tell(probe(7, 2_000_000));
    rig.pass(100 * MS);
    assert_eq!(rig.totals().probes_sent, 1);
}

#[test]
fn padding_fills_what_media_leaves_of_its_rate() {
    let mut rig = rig(10);
    rig.tell(Pacing { padding: 400_000, ..pacing(1_000_000) });
    rig.pass(4 * SECOND);
    let bytes: usize = rig.out.iter().map(|(_, packet)| wire_bytes(packet)).sum();
    assert!((190_000..=203_000).contains(&bytes), "{bytes}");
    assert!(rig.out.iter().all(|(_, packet)| packet.info().probe.is_none()));
    // Half of it is media now.
    rig.out.clear();
    for seq in 10..210 {
        rig.give(packet(1, seq, 500));
        rig.pass(20 * MS);
    }
    let padding = rig.out.iter().filter(|(_, packet)| packet.info().origin == Origin::Padding);
    let bytes: usize = padding.map(|(_, packet)| wire_bytes(packet)).sum();
    assert!((90_000..=105_000).contains(&bytes), "{bytes}");
    // And none any more.
    rig.tell(pacing(1_000_000));
    rig.out.clear();
    rig.pass(SECOND);
    assert!(rig.out.is_empty());
}

#[test]
fn padding_never_delays_media() {
    let mut rig = rig(10);
    rig.tell(Pacing { padding: 1_000_000, ..pacing(1_000_000) });
    rig.pass(SECOND);
    rig.out.clear();
    rig.give_all(1, 10..12, 1250);
    rig.pass(SECOND);
    let media: Vec<_> = rig.out.iter().filter(|(_, packet)| packet.ssrc() == 1).map(|(at, _)| *at).collect();
    // One packet of padding may have left just before.
    assert!(media[1] - 2 * SECOND <= 21 * MS, "{media:?}");
}
