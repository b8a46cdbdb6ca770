//! A pacer with others in the chain.

use interceptor_core::packet::{Origin, RtcpPacket};
use interceptor_core::{Limits, Stage};
use interceptor_nack::{NackFactory, NackOptions};
use interceptor_pacer::{Class, PacerOptions};
use interceptor_rtx::RtxFactory;
use interceptor_test::{Crossing, Recording, rtp, stream_info};

use crate::kit::{MS, Rig, SECOND, at, pacing};

fn nack() -> NackFactory {
    NackFactory::new(NackOptions::default()).unwrap()
}

#[test]
fn a_number_that_was_dropped_is_not_sent_again() {
    let mut rig = Rig::with(at(50_000), |registry| registry.with(nack()));
    rig.bind(stream_info::video(1));
    for seq in 0..10 {
        rig.give(rtp(1).seq(seq).ts(seq.into()).marker(true).payload_len(1210).build());
    }
    rig.pass(SECOND);
    let left: Vec<u16> = rig.left().iter().map(|left| left.1).collect();
    let dropped: Vec<u16> = (0..10).filter(|seq| !left.contains(seq)).collect();
    assert!(!dropped.is_empty() && left.len() > 1, "{left:?}");
    // The next packet tells of them.
    rig.give(rtp(1).seq(10).ts(10).marker(true).payload_len(1210).build());
    let asked = RtcpPacket::builder().nack(9, 1, &[left[1], dropped[0], dropped[1]]).build().unwrap();
    let now = rig.now();
    rig.chain.read_rtcp(asked, now);
    rig.pass(SECOND);
    let repeats: Vec<u16> = rig
        .out
        .iter()
        .filter(|(_, packet)| packet.info().origin == Origin::Retransmission)
        .map(|(_, packet)| packet.sequence_number())
        .collect();
    assert_eq!(repeats, [left[1]]);
    assert_eq!(rig.counters(Class::Retransmission).passed, 1);
}

#[test]
fn what_stands_below_sees_packets_when_they_leave() {
    let recording = Recording::new();
    let below = recording.recorder("below", Stage::CONGESTION);
    let above = recording.recorder("above", Stage::APPLICATION);
    let mut rig = Rig::with(at(1_000_000), |registry| registry.with(below).with(above));
    rig.bind(stream_info::video(1));
    let start = rig.now();
    rig.give_all(1, 0..3, 1250);
    rig.pass(SECOND);
    let at = |name: &str| -> Vec<u128> {
        let records = recording.records().into_iter().filter(|record| record.point == name);
        records
            .filter(|record| matches!(record.crossing, Crossing::WriteRtp(_)))
            .map(|record| (record.at - start).as_millis())
            .collect()
    };
    assert_eq!((at("above"), at("below")), (vec![0, 0, 0], vec![0, 5, 15]));
}

#[test]
fn repeats_leave_on_rtx_before_video_that_waits() {
    let mut rig = Rig::with(at(1_000_000), |registry| registry.with(RtxFactory::default()).with(nack()));
    rig.bind(stream_info::video_with_rtx(1, 2));
    rig.give_all(1, 0..5, 1250);
    rig.pass(10 * MS);
    let asked = RtcpPacket::builder().nack(9, 1, &[0]).build().unwrap();
    let now = rig.now();
    rig.chain.read_rtcp(asked, now);
    rig.poll();
    rig.pass(SECOND);
    let ssrcs: Vec<u32> = rig.left().iter().map(|left| left.0).collect();
    assert_eq!(ssrcs, [1, 1, 2, 1, 1, 1]);
}

#[test]
fn many_streams_wait_and_none_is_forgotten() {
    let mut rig = Rig::new(PacerOptions::default().with_queue_bytes(64 << 20).with_max_queue_packets(65_536));
    let streams = 1000_u32;
    (0..streams).for_each(|stream| rig.bind(stream_info::video_with_rtx(2 * stream, 2 * stream + 1)));
    rig.tell(pacing(100_000_000));
    for seq in 0..3 {
        (0..streams).for_each(|stream| rig.give(rtp(2 * stream).seq(seq).payload_len(1000).build()));
    }
    rig.pass(SECOND);
    assert_eq!((rig.out.len(), rig.totals().all().dropped()), (3000, 0));
    // In turn: no stream is more than a packet ahead of another.
    let mut sent = vec![0_u16; streams as usize];
    for (ssrc, seq) in rig.left() {
        assert_eq!(sent[ssrc as usize / 2], seq);
        sent[ssrc as usize / 2] += 1;
    }
}

#[test]
fn no_more_leaves_at_a_time_than_the_chain_takes() {
    let limits = Limits::default().with_max_emitted_per_input(3);
    let mut rig = Rig::within(at(1_000_000), limits, |registry| registry);
    rig.bind(stream_info::video(1));
    rig.give_all(1, 0..11, 1250);
    rig.tell(pacing(1_000_000_000));
    rig.pass(10 * MS);
    assert_eq!(
        (rig.times(), rig.chain.counters().dropped_emissions),
        (vec![0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], 0)
    );
}
