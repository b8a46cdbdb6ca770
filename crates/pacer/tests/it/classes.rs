//! Who goes first.

use interceptor_core::FecInfo;
use interceptor_core::FecScheme::FlexFec03;
use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_pacer::{Class, PacerOptions};
use interceptor_test::stream_info;

use crate::kit::{MS, Rig, SECOND, at, pacing, packet};

const AUDIO: u32 = 5;
const VIDEO: u32 = 1;
const RTX: u32 = 2;
const FEC: u32 = 3;

/// An audio and a video stream with RTX, and FEC of the latter.
fn rig(options: PacerOptions) -> Rig {
    let mut rig = Rig::new(options);
    rig.bind(stream_info::audio(AUDIO).with_rtx(AUDIO + 1, 97));
    let fec = FecInfo::new(FlexFec03, 49).with_ssrc(FEC);
    rig.bind(stream_info::video_with_rtx(VIDEO, RTX).with_fec(fec));
    rig
}

fn of(origin: Origin, ssrc: u32, seq: u16) -> RtpPacket {
    let mut packet = packet(ssrc, seq, 1250);
    packet.info_mut().origin = origin;
    packet
}

#[test]
fn the_more_urgent_leave_first() {
    let mut rig = rig(at(1_000_000).with_pace_audio(true));
    rig.give(packet(VIDEO, 0, 1250));
    let given = [
        of(Origin::Padding, RTX, 1),
        of(Origin::FecRepair, FEC, 1),
        of(Origin::Media, VIDEO, 1),
        of(Origin::Retransmission, VIDEO, 2),
        of(Origin::Retransmission, AUDIO + 1, 3),
        of(Origin::Media, AUDIO, 4),
    ];
    given.into_iter().for_each(|packet| rig.give(packet));
    rig.pass(SECOND);
    // The padding goes with the repeat behind it: it is on another lane only as long as nothing urgent is.
    let expected = [(VIDEO, 0), (AUDIO, 4), (AUDIO + 1, 3), (RTX, 1), (VIDEO, 2), (VIDEO, 1), (FEC, 1)];
    assert_eq!(rig.left(), expected);
}

#[test]
fn padding_is_the_last() {
    let mut rig = rig(at(1_000_000));
    rig.give(packet(VIDEO, 0, 1250));
    rig.give(of(Origin::Padding, RTX, 1));
    rig.give(of(Origin::FecRepair, FEC, 1));
    rig.give(packet(VIDEO, 1, 1250));
    rig.pass(SECOND);
    assert_eq!(rig.left(), [(VIDEO, 0), (VIDEO, 1), (FEC, 1), (RTX, 1)]);
}

#[test]
fn audio_never_waits_and_the_others_pay_for_it() {
    let mut rig = rig(at(1_000_000));
    rig.give_all(VIDEO, 0..3, 1250);
    rig.give_all(AUDIO, 0..4, 1250);
    assert_eq!(rig.left()[1..], [(AUDIO, 0), (AUDIO, 1), (AUDIO, 2), (AUDIO, 3)]);
    rig.pass(100 * MS);
    // 10 ms a packet: five have left, less the burst.
    assert_eq!(rig.times(), [0, 0, 0, 0, 0, 45, 55]);
}

#[test]
fn video_streams_take_turns_and_keep_their_order() {
    let mut rig = Rig::video(at(1_000_000), &[1, 2, 3]);
    rig.give_all(1, 0..5, 1250);
    rig.give_all(2, 0..2, 1250);
    rig.give_all(3, 0..3, 1250);
    rig.pass(SECOND);
    let expected = [(1, 0), (1, 1), (2, 0), (3, 0), (1, 2), (2, 1), (3, 1), (1, 3), (3, 2), (1, 4)];
    assert_eq!(rig.left(), expected);
}

#[test]
fn repeats_let_video_go_first_beyond_their_share() {
    let mut rig = rig(at(1_000_000).with_max_queue_time(2 * SECOND).with_queue_bytes(1 << 20));
    // As much of both as leaves in a second.
    for seq in 0..100 {
        rig.give(packet(VIDEO, seq, 1250));
        rig.give(of(Origin::Retransmission, RTX, seq));
    }
    rig.pass(900 * MS);
    let repeats = |until: u128| {
        rig.out.iter().filter(|(at, packet)| at.as_millis() < until && packet.ssrc() == RTX).count()
    };
    // Thirty in a hundred, at first.
    assert_eq!((repeats(300), repeats(900)), (30, 30));
    rig.pass(2 * SECOND);
    let book = rig.totals().all();
    assert_eq!((book.passed, book.dropped()), (200, 0));
    // Nobody waits for whom: with no video there is no share.
    assert_eq!(rig.out.last().unwrap().1.ssrc(), RTX);
}

#[test]
fn what_no_stream_has_is_paced_with_video() {
    let mut rig = Rig::video(at(1_000_000), &[1]);
    rig.give_all(1, 0..3, 1250);
    rig.give_all(77, 0..2, 1250);
    rig.pass(100 * MS);
    assert_eq!(rig.left(), [(1, 0), (1, 1), (77, 0), (1, 2), (77, 1)]);
    assert_eq!(rig.counters(Class::Video).passed, 5);
}

#[test]
fn a_stream_that_becomes_audio_waits_no_more() {
    let mut rig = Rig::video(at(1_000_000), &[1]);
    let now = rig.now();
    rig.chain.amend_local(stream_info::audio(1), now).unwrap();
    rig.give_all(1, 0..10, 1250);
    assert_eq!((rig.out.len(), rig.counters(Class::Audio).passed), (10, 10));
    rig.tell(pacing(5_000_000));
}
