//! What becomes of packets that come in, and how a stream is described.

use interceptor_core::packet::{Origin, Recovery};
use interceptor_core::{FecInfo, FecScheme, RedInfo, StreamInfo};
use interceptor_red::{Mode, RedSenderOptions};
use interceptor_test::{rtp, stream_info};

use crate::kit::{OPUS, RED, Rig, SSRC, STEP, opus, opus_packet, red_payload, redundant, sound, spoken};

const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";

fn rig(mode: Mode) -> Rig {
    let mut rig = Rig::new(mode, RedSenderOptions::default());
    rig.bind(
        opus(SSRC).with_extension(4, MID).with_extension(5, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
    );
    rig
}

#[test]
fn the_primary_payload_goes_on_without_a_copy() {
    let mut rig = rig(Mode::Decode);
    let packet = redundant(7, &[1]);
    let whole = packet.payload_bytes();
    let out = rig.read(packet);
    assert_eq!(out, [spoken(7)]);
    let tail = whole.slice(whole.len() - sound(7).len()..);
    assert_eq!(out[0].payload().as_ptr(), tail.as_ptr(), "a part of the buffer that it came in");
    assert_eq!(rig.received().blocks, 1);
}

#[test]
fn a_lost_packet_goes_on_before_the_one_that_brought_its_copy() {
    let mut rig = rig(Mode::Decode);
    rig.read(redundant(1, &[]));
    let with_extensions = opus_packet(3)
        .pt(RED)
        .marker(true)
        .ext(4, b"a")
        .ext(5, &[0x80])
        .payload(red_payload(&[(OPUS, STEP, &sound(2))], OPUS, &sound(3)))
        .build();
    let out = rig.read(with_extensions);
    let expected = opus_packet(2).ext(4, b"a").payload(sound(2)).build();
    assert_eq!(out[0], expected, "what says something of one packet is not copied");
    assert_eq!(out[1].sequence_number(), 3);
    assert!(out[1].marker() && out[1].extension(5).is_some());
    let info = out[0].info();
    assert_eq!((info.origin, info.recovered_by, info.arrival), (Origin::Media, Some(Recovery::Fec), None));
    assert_eq!(out[1].info().recovered_by, None);
    assert_eq!(rig.received().recovered, 1);
}

#[test]
fn several_lost_packets_are_made_of_one() {
    let mut rig = rig(Mode::Decode);
    rig.read(redundant(10, &[]));
    assert_eq!(rig.numbers(redundant(15, &[5, 3, 1])), [12, 14, 15]);
    assert_eq!(rig.numbers(redundant(16, &[5, 3, 1])), [11, 13, 16]);
    assert_eq!(rig.received().recovered, 4);
}

#[test]
fn a_late_original_ends_here() {
    let mut rig = rig(Mode::Decode);
    for packet in [redundant(1, &[]), redundant(3, &[1])] {
        rig.read(packet);
    }
    assert_eq!(rig.numbers(redundant(2, &[1])), [] as [u16; 0]);
    assert_eq!(rig.numbers(redundant(2, &[1])), [] as [u16; 0], "and so does each further copy");
    assert_eq!(rig.numbers(redundant(3, &[1])), [3], "copies of what came by itself go on");
    // Plain packets have numbers, too.
    assert_eq!(rig.numbers(redundant(5, &[1])), [4, 5]);
    assert_eq!(rig.numbers(spoken(4)), [] as [u16; 0]);
    assert_eq!(rig.received().late_originals, 3);
}

#[test]
fn the_second_copy_of_what_was_restored_ends_here() {
    let mut rig = rig(Mode::Decode);
    let by_itself = |seq| redundant(seq, &[]);
    let restored = |seq| {
        let mut packet = redundant(seq, &[]);
        packet.info_mut().recovered_by = Some(Recovery::Rtx);
        packet
    };
    for (first, second) in
        [(by_itself(1), restored(1)), (restored(2), by_itself(2)), (restored(3), restored(3))]
    {
        assert_eq!((rig.read(first).len(), rig.read(second).len()), (1, 0));
    }
    assert_eq!(rig.received().late_originals, 3);
}

#[test]
fn a_late_packet_still_brings_what_is_lost() {
    let mut rig = rig(Mode::Decode);
    for packet in [redundant(1, &[]), redundant(4, &[1])] {
        rig.read(packet);
    }
    // 3 was made of 4; its original comes, and has 2.
    assert_eq!(rig.numbers(redundant(3, &[1])), [2]);
}

#[test]
fn strip_drops_what_is_redundant_unread() {
    let mut rig = rig(Mode::Strip);
    rig.read(redundant(1, &[]));
    assert_eq!(rig.read(redundant(3, &[2, 1])), [spoken(3)]);
    let counters = rig.received();
    assert_eq!((counters.packets, counters.blocks, counters.recovered), (2, 2, 0));
}

#[test]
fn pass_changes_nothing() {
    let mut rig = rig(Mode::Pass);
    let packet = redundant(3, &[2, 1]);
    assert_eq!(rig.read(packet.clone()), [packet]);
    assert_eq!(rig.received().packets, 0);
}

#[test]
fn padding_takes_its_number_and_goes_on() {
    let mut rig = rig(Mode::Decode);
    rig.read(redundant(1, &[]));
    let padding = opus_packet(2).pt(RED).payload_len(0).padding(40).build();
    assert_eq!(rig.read(padding.clone()), [padding]);
    assert_eq!(rig.numbers(redundant(3, &[1])), [3], "2 has come");
}

#[test]
fn other_payload_types_pass_both_ways() {
    let mut rig = rig(Mode::Decode);
    let noise = opus_packet(1).pt(13).build();
    assert_eq!(rig.write(noise.clone()), noise);
    assert_eq!(rig.read(noise.clone()), [noise]);
}

#[test]
fn a_block_may_be_of_any_negotiated_type() {
    let mut rig = rig(Mode::Decode);
    rig.read(redundant(1, &[]));
    let payload = red_payload(&[(13, STEP, &[9])], OPUS, &sound(3));
    let out = rig.read(opus_packet(3).pt(RED).payload(payload).build());
    assert_eq!((out[0].payload_type(), out[0].payload()), (13, &[9][..]));
}

#[test]
fn video_and_what_carries_ulpfec_are_left_to_others() {
    let red = RedInfo::new(RED, 96);
    let fec = FecInfo::new(FecScheme::UlpFec, 120);
    let with_fec = StreamInfo::new(SSRC, 96, 90_000).with_red(red).with_fec(fec);
    for info in [stream_info::video(SSRC).with_red(red), with_fec, stream_info::audio(SSRC)] {
        let mut rig = Rig::new(Mode::Decode, RedSenderOptions::default());
        rig.bind(info);
        let packet = rtp(SSRC).pt(RED).payload(red_payload(&[], 96, &[1])).build();
        assert_eq!(rig.read(packet.clone()), [packet]);
        for seq in 0..3 {
            assert_eq!(rig.write(rtp(SSRC).pt(96).seq(seq).build()).payload_type(), 96);
        }
    }
}

#[test]
fn a_stream_that_gains_red_joins_and_one_that_loses_it_leaves() {
    let mut rig = Rig::new(Mode::Decode, RedSenderOptions::default());
    let plain = StreamInfo::new(SSRC, OPUS, 48_000).with_mime_type("audio/opus");
    rig.bind(plain.clone());
    let amend = |rig: &mut Rig, info: &StreamInfo| {
        let now = rig.now();
        rig.chain.amend_local(info.clone(), now).unwrap();
        rig.chain.amend_remote(info.clone(), now).unwrap();
    };
    amend(&mut rig, &opus(SSRC));
    rig.write(spoken(1));
    assert_eq!(rig.write(spoken(2)).payload_type(), RED);
    assert_eq!(rig.read(redundant(2, &[1])), [spoken(2)]);
    // Under another number.
    amend(&mut rig, &plain.clone().with_red(RedInfo::new(64, OPUS)));
    assert_eq!(rig.write(spoken(3)).payload_type(), 64);
    assert_eq!(rig.read(redundant(4, &[1]))[0].payload_type(), RED, "that is unknown now");
    amend(&mut rig, &plain);
    assert_eq!(rig.write(spoken(4)), spoken(4));
    assert_eq!(
        (rig.sent().packets, rig.received().packets),
        (2, 1),
        "and it is remembered what they counted"
    );
}
