//! What it does to packets.

use std::time::Duration;

use interceptor_core::packet::{Origin, Recovery, RtpPacket};
use interceptor_core::{
    Codec, Context, Flow, Interceptor, KeyframeNeeded, PlayoutBounds, Result, Stage, StreamInfo,
};
use interceptor_jitter_buffer::{Aim, JitterBuffer, LatePolicy, Underrun};
use interceptor_test::{rtp, stream_info};

use crate::kit::{MS, Rig, SECOND, SSRC, STEP, audio, options};

const ZERO: Duration = Duration::ZERO;

#[test]
fn packets_leave_in_order_each_at_its_time() {
    let mut rig = Rig::new(options().with_aim(Aim::Fixed(60 * MS)));
    rig.play([(0, ZERO), (2, 3 * MS), (1, 39 * MS), (3, 10 * MS), (4, 59 * MS)]);
    rig.pass(SECOND);
    assert_eq!(rig.times(), [(0, 60), (1, 80), (2, 100), (3, 120), (4, 140)]);
    rig.assert_book();
}

#[test]
fn the_arrival_stays_the_true_one() {
    let mut rig = Rig::new(options());
    let mut packet = audio(0);
    let came = rig.now();
    packet.info_mut().arrival = Some(came);
    // It has waited elsewhere for 10 ms.
    rig.clock.advance(10 * MS);
    rig.read(packet);
    rig.pass(SECOND);
    assert_eq!(rig.out[0].1.info().arrival, Some(came));
    assert_eq!(rig.times(), [(0, 40)]);
    assert_eq!(rig.counters().delay_micros, 40_000);
}

#[test]
fn a_lost_packet_does_not_hold_up_the_others() {
    let mut rig = Rig::new(options().with_aim(Aim::Fixed(60 * MS)).with_gaps(true));
    rig.play_smoothly(0..3);
    rig.play_smoothly(6..8);
    rig.pass(SECOND);
    assert_eq!(rig.times(), [(0, 60), (1, 80), (2, 100), (6, 180), (7, 200)]);
    assert_eq!((rig.gaps.len(), rig.gaps[0].ssrc, rig.gaps[0].first, rig.gaps[0].count), (1, SSRC, 3, 3));
    assert_eq!((rig.counters().lost, rig.counters().gaps), (3, 1));
    // What comes when a newer one has left is late, a repair too.
    rig.read(audio(3));
    let mut repaired = audio(4);
    repaired.info_mut().recovered_by = Some(Recovery::Fec);
    rig.read(repaired);
    assert_eq!((rig.counters().late, rig.out.len()), (2, 0));
    rig.assert_book();
}

#[test]
fn a_repair_in_time_fills_its_gap_and_is_no_measurement() {
    let mut rig = Rig::new(options().with_aim(Aim::Fixed(100 * MS)));
    rig.play_smoothly(0..3);
    rig.play_smoothly(4..7);
    let mut repaired = audio(3);
    repaired.info_mut().recovered_by = Some(Recovery::Rtx);
    rig.read(repaired.clone());
    rig.read(repaired);
    rig.pass(SECOND);
    let times: Vec<(u16, u128)> = (0..7).map(|seq| (seq, 100 + 20 * u128::from(seq))).collect();
    assert_eq!((rig.times(), rig.counters().duplicates, rig.counters().lost), (times, 1, 0));
}

/// Brings number 1 back when number 2 comes, and lets it go on first, as RED and ULPFEC do.
struct Repairs;

impl Interceptor for Repairs {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        if packet.sequence_number() != 2 {
            return Ok(Flow::Forward);
        }
        let mut repaired = audio(1);
        repaired.info_mut().recovered_by = Some(Recovery::Fec);
        cx.deliver_rtp(repaired);
        cx.deliver_rtp(packet.take());
        Ok(Flow::Consumed)
    }
}

#[test]
fn what_is_brought_back_goes_before_what_brought_it_also_when_both_are_late() {
    for bounds in [None, Some(PlayoutBounds { ssrc: SSRC, min: ZERO, max: ZERO })] {
        let mut rig = Rig::new(options().with_aim(Aim::Fixed(40 * MS)));
        let now = rig.now();
        rig.chain.insert("repairs", Stage::NACK, Repairs, now).unwrap();
        let late = if bounds.is_some() { ZERO } else { 100 * MS };
        bounds.into_iter().for_each(|bounds| rig.tell(bounds));
        rig.play([(0, ZERO), (2, late)]);
        rig.pass(SECOND);
        assert_eq!(rig.numbers(), [0, 1, 2]);
        assert_eq!((rig.counters().lost, rig.counters().late), (0, 0));
        rig.assert_book();
    }
}

#[test]
fn late_packets_go_on_where_that_is_wanted_and_never_twice() {
    let mut rig = Rig::new(options().with_aim(Aim::Fixed(40 * MS)).with_late(LatePolicy::Deliver));
    rig.play_smoothly(0..2);
    rig.play_smoothly(3..10);
    rig.read(audio(2));
    rig.read(audio(2));
    rig.read(audio(1));
    assert_eq!(rig.numbers(), [0, 1, 3, 4, 5, 6, 7, 2]);
    assert_eq!((rig.counters().late_delivered, rig.counters().duplicates), (1, 2));
    rig.assert_book();
}

#[test]
fn when_playout_has_run_dry_it_waits_or_drops() {
    let burst = |underrun| {
        let mut rig = Rig::new(options().with_aim(Aim::Fixed(40 * MS)).with_underrun(underrun));
        rig.play_smoothly(0..50);
        // A hole of 200 ms, then all at once.
        rig.play((50..60).map(|seq| (seq, Duration::from_millis(u64::from(60 - seq) * 20))));
        rig.play_smoothly(60..100);
        rig.pass(SECOND);
        rig.assert_book();
        (rig.counters().underruns, rig.counters().late, rig.out.len())
    };
    assert_eq!(burst(Underrun::Wait), (1, 0, 100));
    // Those of the last 40 ms are in time.
    assert_eq!(burst(Underrun::Drop), (0, 8, 92));
}

#[test]
fn after_an_underrun_the_delay_falls_slowly() {
    let mut rig = Rig::new(options().with_aim(Aim::Fixed(40 * MS)));
    rig.play_smoothly(0..10);
    rig.play([(10, 140 * MS)]);
    rig.play_smoothly(18..600);
    rig.pass(SECOND);
    let waits: Vec<(u16, u128)> =
        rig.times().into_iter().map(|(seq, at)| (seq, at - 20 * u128::from(seq))).collect();
    // From 140 ms to 40 ms, 20 ms a second, from the half second after that in which it was needed on.
    let at = |seq: u16| waits.iter().find(|(other, _)| *other == seq).map(|(_, wait)| *wait);
    assert_eq!((at(10), at(599)), (Some(140), Some(40)));
    assert!(at(60).is_some_and(|wait| (134..=138).contains(&wait)), "{:?}", at(60));
}

#[test]
fn all_packets_of_a_frame_leave_together() {
    let mut rig = Rig::empty(options().with_aim(Aim::Fixed(50 * MS)));
    rig.bind(stream_info::video(SSRC));
    for frame in 0..20_u16 {
        for part in 0..5_u16 {
            rig.until(u32::from(frame) * 40 * MS + u32::from(part) * 3 * MS);
            rig.read(rtp(SSRC).seq(frame * 5 + part).ts(u32::from(frame) * 3600).payload_len(900).build());
        }
    }
    rig.pass(SECOND);
    let times = rig.times();
    assert_eq!(times.len(), 100);
    for (seq, at) in times {
        assert_eq!(at, 50 + u128::from(seq / 5) * 40, "{seq}");
    }
}

#[test]
fn what_is_empty_counts_as_there_and_does_not_go_on() {
    let empty =
        |seq: u16| rtp(SSRC).pt(111).seq(seq).ts(u32::from(seq) * STEP).padding(20).payload_len(0).build();
    for (deliver, left) in [(false, vec![0, 2]), (true, vec![0, 1, 2])] {
        let mut rig = Rig::new(options().with_deliver_empty(deliver));
        rig.play_smoothly(0..1);
        rig.read(empty(1));
        rig.pass(20 * MS);
        rig.play_smoothly(2..3);
        rig.pass(SECOND);
        assert_eq!((rig.numbers(), rig.counters().lost), (left, 0));
        assert_eq!(rig.counters().empty, u64::from(!deliver));
        rig.assert_book();
    }
}

#[test]
fn retransmissions_and_repair_packets_pass_at_once() {
    let mut rig = Rig::empty(options());
    rig.bind(stream_info::video_with_rtx(SSRC, 2));
    rig.read(rtp(2).pt(97).seq(9).payload_len(100).build());
    assert_eq!((rig.out.len(), rig.counters().received), (1, 0));
    assert_eq!(rig.out[0].1.info().origin, Origin::Retransmission);
}

#[test]
fn a_sender_that_wants_no_delay_has_none_but_for_holes() {
    let mut rig = Rig::new(options().with_aim(Aim::Fixed(60 * MS)));
    rig.tell(PlayoutBounds { ssrc: SSRC, min: ZERO, max: ZERO });
    rig.play([(0, ZERO), (1, 9 * MS), (3, ZERO), (2, 35 * MS), (5, ZERO), (6, ZERO)]);
    rig.pass(SECOND);
    // The hole at 4 is waited for until 5 would be due.
    assert_eq!(rig.times(), [(0, 0), (1, 29), (2, 75), (3, 75), (5, 160), (6, 160)]);
    // Another wish takes its place.
    rig.tell(PlayoutBounds { ssrc: SSRC, min: 100 * MS, max: SECOND });
    rig.until(60 * 20 * MS);
    rig.play_smoothly(60..62);
    rig.pass(SECOND);
    assert_eq!(rig.times(), [(60, 1300), (61, 1320)]);
}

#[test]
fn frames_leave_as_wholes_where_they_leave_at_once() {
    let mut rig = Rig::empty(options().with_aim(Aim::Fixed(60 * MS)).with_frames(true));
    rig.bind(stream_info::video(SSRC));
    rig.tell(PlayoutBounds { ssrc: SSRC, min: ZERO, max: ZERO });
    let part = |seq: u16, frame: u32, last| {
        rtp(SSRC).seq(seq).ts(frame * 3600).marker(last).payload_len(900).build()
    };
    for (at, packet) in [
        (0, part(0, 0, false)),
        (4, part(1, 0, true)),
        // Without a marker the next frame shows its end.
        (40, part(2, 1, false)),
        (45, part(3, 1, false)),
        (80, part(4, 2, false)),
        // A part is missing: the rest leaves when it is due.
        (85, part(6, 2, true)),
    ] {
        rig.until(at * MS);
        rig.read(packet);
    }
    rig.pass(SECOND);
    assert_eq!(rig.times(), [(0, 4), (1, 4), (2, 80), (3, 80), (4, 140), (6, 140)]);
}

#[test]
fn a_gap_in_video_asks_for_a_key_frame() {
    let mut rig = Rig::empty(options().with_keyframe_on_gap(true));
    rig.bind(stream_info::video(SSRC));
    rig.bind(stream_info::audio(2));
    for seq in [0, 1, 3] {
        rig.read(rtp(SSRC).seq(seq).ts(u32::from(seq) * 3000).payload_len(10).build());
        rig.read(rtp(2).pt(111).seq(seq).payload_len(10).build());
    }
    rig.pass(SECOND);
    let asked = rig.facts.iter().filter(|fact| **fact == KeyframeNeeded { ssrc: SSRC }.into()).count();
    assert_eq!((asked, rig.counters().gaps), (1, 2));
    assert!(!rig.facts.contains(&KeyframeNeeded { ssrc: 2 }.into()));
}

#[test]
fn another_payload_type_does_not_flush() {
    let mut rig = Rig::empty(options().with_aim(Aim::Fixed(60 * MS)));
    rig.bind(stream_info::audio(SSRC).with_codec(Codec::new(0, 8000).with_mime_type("audio/PCMU")));
    rig.play_smoothly(0..10);
    // From number 10 on it is of 8 kHz, and its timestamps begin elsewhere (RFC 7160).
    for seq in 10..20_u16 {
        rig.until(u32::from(seq) * 20 * MS);
        rig.read(rtp(SSRC).pt(0).seq(seq).ts(77 + u32::from(seq) * 160).payload_len(100).build());
    }
    rig.pass(SECOND);
    let expected: Vec<(u16, u128)> = (0..20).map(|seq| (seq, 60 + 20 * u128::from(seq))).collect();
    assert_eq!((rig.times(), rig.counters().jumps), (expected, 0));
}

#[test]
fn what_waits_leaves_in_order_at_the_end() {
    let held = |rig: &mut Rig| rig.play([(0, ZERO), (2, ZERO), (1, 25 * MS), (4, ZERO)]);
    let mut unbound = Rig::new(options().with_aim(Aim::Fixed(500 * MS)));
    held(&mut unbound);
    unbound.unbind(SSRC);
    assert_eq!(unbound.numbers(), [0, 1, 2, 4]);
    let mut closed = Rig::new(options().with_aim(Aim::Fixed(500 * MS)));
    held(&mut closed);
    closed.close();
    assert_eq!(closed.numbers(), [0, 1, 2, 4]);
    let mut removed = Rig::new(options().with_aim(Aim::Fixed(500 * MS)));
    held(&mut removed);
    let now = removed.now();
    assert!(removed.chain.remove("jitter-buffer", now).unwrap());
    removed.poll();
    assert_eq!(removed.numbers(), [0, 1, 2, 4]);
    for rig in [unbound, closed, removed] {
        rig.assert_book();
        assert_eq!((rig.counters().emitted, rig.counters().held()), (4, 0));
    }
}

#[test]
fn a_handle_and_the_streams_tell_the_same() {
    let mut rig = Rig::new(options());
    rig.play((0..200).map(|seq| (seq, if seq % 10 == 9 { 60 * MS } else { ZERO })));
    rig.pass(MS);
    let mut rigs = rig.stream();
    assert_eq!((rigs.target, rigs.counters.held()), (65 * MS, rigs.held_bytes / (112 + 168)));
    assert!((64..=66).contains(&rigs.delay.as_millis()), "{:?}", rigs.delay);
    let lent = rig.chain.with_streams::<JitterBuffer, _>(|_, mut streams| {
        streams.remote(SSRC).map(|stream| stream.playout())
    });
    assert_eq!(lent.flatten(), Some(rigs));
    rig.pass(SECOND);
    rigs = rig.stream();
    // The first that are late are so before anybody could know.
    let came = rigs.counters.emitted + rigs.counters.late;
    assert_eq!((came, rigs.counters.held(), rigs.held_bytes), (200, 0, 0));
    assert!(rigs.counters.late <= 2);
    let mean = rigs.counters.mean_delay();
    assert!((40 * MS..70 * MS).contains(&mean), "{mean:?}");
    rig.unbind(SSRC);
    assert_eq!((rig.handle.stream("call", SSRC), rig.counters()), (None, rigs.counters));
}

#[test]
fn kinds_that_are_not_wanted_pass() {
    for (options, held) in [
        (options().with_audio(false), [false, true, false]),
        (options().with_video(false), [true, false, false]),
        (options().with_streams_without_clock(true), [true, true, true]),
    ] {
        let mut rig = Rig::empty(options);
        rig.bind(stream_info::audio(1));
        rig.bind(stream_info::video(2));
        rig.bind(interceptor_core::StreamInfo::unknown(3));
        let holds = [1, 2, 3].map(|ssrc| {
            rig.read(rtp(ssrc).seq(1).payload_len(10).build());
            rig.numbers().is_empty()
        });
        assert_eq!(holds, held);
    }
}

#[test]
fn it_leaves_a_stream_that_becomes_one_of_another_kind() {
    let mut rig = Rig::new(options().with_video(false));
    rig.read(audio(0));
    let now = rig.now();
    rig.chain.amend_remote(stream_info::video(SSRC), now).unwrap();
    rig.poll();
    assert_eq!(rig.numbers(), [0]);
    rig.chain.amend_remote(stream_info::audio(SSRC), now).unwrap();
    rig.read(audio(1));
    assert_eq!((rig.numbers(), rig.counters().received), (vec![], 2));
}

#[test]
fn a_thousand_streams_are_one_wake() {
    let mut rig = Rig::empty(options().with_aim(Aim::Fixed(60 * MS)));
    (1..=1000).for_each(|ssrc| rig.bind(stream_info::bare(ssrc)));
    (1..=1000).for_each(|ssrc| rig.read(rtp(ssrc).seq(1).payload_len(10).build()));
    let mut wakes = 0;
    while let Some(at) = rig.chain.next_timeout() {
        rig.clock.advance_to(at);
        rig.chain.handle_timeout(at);
        rig.poll();
        wakes += 1;
    }
    assert_eq!((wakes, rig.out.len(), rig.clock.elapsed()), (1, 1000, 60 * MS));
}
