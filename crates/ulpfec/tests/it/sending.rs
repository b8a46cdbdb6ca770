//! What leaves: numbered anew, in RED, with repair packets in between.

use interceptor_core::packet::fec::UlpFec;
use interceptor_core::packet::{NtpTime, Origin, RtcpPacket, RtpPacket};
use interceptor_core::{ChainConfig, Limits, Registry};
use interceptor_hdrext::AbsSendTimeFactory;
use interceptor_nack::{Nack, NackFactory};
use interceptor_test::Clock;
use interceptor_ulpfec::{UlpfecFactory, UlpfecOptions};

use crate::kit::{
    FEC, MS, RED, Rig, SSRC, VP8, in_red, media, registry, repair_of, sending, template, video,
};

const SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";

fn numbers(packets: &[RtpPacket]) -> Vec<u16> {
    packets.iter().map(RtpPacket::sequence_number).collect()
}

fn renumbered(mut packet: RtpPacket, seq: u16) -> RtpPacket {
    packet.set_sequence_number(seq);
    packet
}

#[test]
fn by_default_nothing_changes() {
    let mut rig = Rig::new(UlpfecOptions::default());
    assert_eq!(rig.write(media(1)), [media(1)]);
    assert_eq!(rig.chain.headroom(SSRC), Some(0));
}

#[test]
fn a_block_is_followed_by_its_repair_packets_and_media_moves_on() {
    let mut rig = Rig::new(sending(3, 1));
    let out: Vec<_> = (0..7).flat_map(|seq| rig.write(media(seq))).collect();
    assert_eq!(numbers(&out), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    let block: Vec<_> = (4..7).map(|seq| renumbered(media(seq - 1), seq)).collect();
    assert_eq!(out[4..7], block.iter().cloned().map(in_red).collect::<Vec<_>>());
    let repair = &out[7];
    assert_eq!((repair.payload_type(), repair.payload()[0], repair.marker()), (RED, FEC, false));
    assert_eq!(repair.payload()[1..], repair_of(&block)[..]);
    assert_eq!((repair.timestamp(), repair.info().origin), (media(5).timestamp(), Origin::FecRepair));
    let sent = rig.sent();
    assert_eq!((sent.protected, sent.repairs, sent.unprotected), (7, 2, 0));
    assert_eq!(rig.chain.headroom(SSRC), Some(19));
}

#[test]
fn several_repair_packets_protect_every_other_packet() {
    let mut rig = Rig::new(sending(5, 2));
    let out: Vec<_> = (10..15).flat_map(|seq| rig.write(media(seq))).collect();
    let protected = |packet: &RtpPacket| {
        UlpFec::read(&packet.payload()[1..]).unwrap().protected().numbers().collect::<Vec<_>>()
    };
    assert_eq!(numbers(&out), [10, 11, 12, 13, 14, 15, 16]);
    assert_eq!((protected(&out[5]), protected(&out[6])), (vec![10, 12, 14], vec![11, 13]));
    // RFC 5109 §7.3: the lowest of them.
    let base = |packet: &RtpPacket| UlpFec::read(&packet.payload()[1..]).unwrap().protected().base;
    assert_eq!((base(&out[5]), base(&out[6])), (10, 11));
}

#[test]
fn a_block_ends_in_time() {
    let mut rig = Rig::new(sending(10, 1));
    rig.write(media(0));
    rig.clock.advance(40 * MS);
    rig.write(media(1));
    assert_eq!(rig.chain.next_timeout(), Some(rig.now() + 60 * MS));
    rig.clock.advance(60 * MS);
    let now = rig.now();
    rig.chain.handle_timeout(now);
    let out = rig.wire();
    assert_eq!(out[0].payload()[1..], repair_of(&[media(0), media(1)])[..]);
    assert_eq!((numbers(&out), rig.chain.next_timeout()), (vec![2], None));
    assert_eq!(numbers(&rig.write(media(2))), [3]);
}

#[test]
fn a_gap_too_wide_for_a_mask_ends_the_block_first() {
    let mut rig = Rig::new(sending(10, 1));
    rig.write(media(0));
    assert_eq!(numbers(&rig.write(media(47))), [47], "48 numbers fit");
    assert_eq!(numbers(&rig.write(media(48))), [48, 49]);
    assert_eq!(rig.sent().repairs, 1);
}

#[test]
fn repair_packets_leave_room_for_the_packet_that_ends_their_block() {
    let clock = Clock::new();
    let config = ChainConfig::new("call", clock.now(), NtpTime::default(), 1)
        .with_limits(Limits::default().with_max_emitted_per_input(2));
    let mut rig = Rig { chain: registry(sending(10, 3)).build(config).unwrap(), clock };
    rig.bind(video(SSRC));
    for seq in 0..3 {
        rig.write(media(seq));
    }
    assert_eq!(numbers(&rig.write(media(100))), [3, 101]);
    assert_eq!((rig.sent().repairs, rig.sent().unsent), (1, 2));
    assert_eq!(rig.chain.counters().dropped_emissions, 0);
}

#[test]
fn what_is_written_late_keeps_its_number_and_is_not_protected() {
    let mut rig = Rig::new(sending(2, 1));
    for seq in [0, 1, 3, 4] {
        rig.write(media(seq));
    }
    // On the wire 0 1 (2) _ 4 5 (6).
    assert_eq!(numbers(&rig.write(media(2))), [3]);
    assert_eq!((rig.sent().protected, rig.sent().unprotected), (4, 1));
}

#[test]
fn a_sender_that_begins_anew_is_protected_at_once() {
    let mut rig = Rig::new(sending(2, 1));
    for seq in [1000, 1001] {
        rig.write(media(seq));
    }
    // On the wire 1000 1001 (1002), and from here on one ahead.
    assert_eq!(numbers(&rig.write(media(500))), [501]);
    assert_eq!(numbers(&rig.write(media(501))), [502, 503]);
    assert_eq!((rig.sent().protected, rig.sent().unprotected), (4, 0));
}

#[test]
fn the_last_block_is_sent_when_its_stream_ends() {
    for close in [true, false] {
        let mut rig = Rig::new(sending(10, 1));
        rig.write(media(0));
        let now = rig.now();
        if close {
            rig.chain.close(now).unwrap();
        } else {
            rig.chain.unbind_local(SSRC, now).unwrap();
        }
        assert_eq!(numbers(&rig.wire()), [1]);
    }
}

#[test]
fn other_payload_types_and_padding_have_their_numbers_and_no_red() {
    let mut rig = Rig::new(sending(2, 1));
    [0, 1].into_iter().for_each(|seq| drop(rig.write(media(seq))));
    for packet in [template(2).pt(100).payload_len(9).build(), template(2).payload_len(0).padding(9).build()]
    {
        assert_eq!(rig.write(packet.clone()), [renumbered(packet, 3)]);
    }
    let padded = template(3).payload_len(50).padding(20).build();
    let out = rig.write(padded);
    assert_eq!((out[0].payload_len(), out[0].padding_len(), out[0].payload()[0]), (51, 0, VP8));
}

#[test]
fn stamps_of_below_are_in_the_sum_as_zeros() {
    let lower = UlpfecFactory::new(sending(2, 1)).unwrap();
    let registry = Registry::new().with(lower.upper()).with(lower).with(AbsSendTimeFactory::default());
    let (mut sender, mut receiver) = (Rig::of(&registry), Rig::of(&registry));
    let info = video(SSRC).with_extension(4, SEND_TIME);
    sender.bind(info.clone());
    receiver.bind(info);
    let mut wire = vec![];
    for seq in 0..20 {
        sender.clock.advance(7 * MS);
        wire.extend(sender.write(media(seq)));
    }
    // Each block loses its second packet.
    let out: Vec<_> = wire
        .into_iter()
        .filter(|it| it.sequence_number() % 3 != 1)
        .flat_map(|it| receiver.read(it))
        .collect();
    assert_eq!(out.len(), 20);
    let sent: Vec<_> = (0..20).map(media).collect();
    assert!(out.iter().map(RtpPacket::payload).eq(sent.iter().map(RtpPacket::payload)));
    assert_eq!(receiver.tally().inconsistent, 0);
}

#[test]
fn header_extensions_that_change_end_the_block() {
    let mut rig = Rig::new(sending(3, 1));
    rig.write(media(0));
    let now = rig.now();
    rig.chain.amend_local(video(SSRC).with_extension(4, SEND_TIME), now).unwrap();
    assert_eq!(numbers(&rig.wire()), [1], "what was summed was summed as it was described then");
    assert_eq!(numbers(&rig.write(media(1))), [2]);
}

#[test]
fn a_request_is_answered_by_the_number_on_the_wire() {
    let lower = UlpfecFactory::new(sending(2, 1)).unwrap();
    let registry = Registry::new().with(lower.upper()).with(lower).with(NackFactory::default());
    let mut rig = Rig::of(&registry);
    rig.bind(video(SSRC).with_feedback("nack", ""));
    let out: Vec<_> = (0..6).flat_map(|seq| rig.write(media(seq))).collect();
    let request = RtcpPacket::builder().receiver_report(1, &[]).nack(1, SSRC, &[4, 5]).build().unwrap();
    let now = rig.now();
    rig.chain.read_rtcp(request, now);
    // 5 is a repair packet: those are not kept.
    assert_eq!(rig.wire(), [out[4].clone()]);
    let nack = rig.chain.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams)).unwrap();
    assert_eq!((nack.answering.packets_resent, nack.answering.never_sent), (1, 1));
}

#[test]
fn a_stream_that_loses_ulpfec_keeps_its_numbers() {
    let mut rig = Rig::new(sending(3, 1));
    (0..4).for_each(|seq| drop(rig.write(media(seq))));
    let now = rig.now();
    let plain = interceptor_core::StreamInfo::new(SSRC, VP8, 90_000);
    rig.chain.amend_local(plain, now).unwrap();
    assert_eq!(numbers(&rig.wire()), [5], "the open block");
    assert_eq!(rig.write(media(4)), [renumbered(media(4), 6)]);
}
