//! What becomes of packets that come in.

use interceptor_core::packet::{Origin, Recovery, RtpPacket};
use interceptor_core::{Event, Fact, FecStats, Registry, StreamInfo};
use interceptor_nack::{Nack, NackFactory};
use interceptor_test::{hex, rtp};
use interceptor_ulpfec::{UlpfecFactory, UlpfecOptions};

use crate::kit::{FEC, MS, RED, Rig, SSRC, VP8, in_red, media, picture, repair, repair_of, template, video};

fn numbers(packets: &[RtpPacket]) -> Vec<u16> {
    packets.iter().map(RtpPacket::sequence_number).collect()
}

#[test]
fn media_goes_on_without_red_and_without_a_copy() {
    let mut rig = Rig::new(UlpfecOptions::default());
    let wire = in_red(media(1));
    let start = wire.payload()[1..].as_ptr();
    let out = rig.read(wire);
    assert_eq!(out, [media(1)]);
    assert_eq!(out[0].payload().as_ptr(), start);
    assert_eq!(rig.read(media(2)), [media(2)], "and what is not in RED as it is");
}

#[test]
fn each_packet_of_a_block_comes_back() {
    for lost in 0..4 {
        let mut rig = Rig::new(UlpfecOptions::default());
        let packets: Vec<_> = (0..4).map(media).collect();
        for packet in packets.iter().filter(|packet| packet.sequence_number() != lost) {
            rig.read(in_red(packet.clone()));
        }
        let out = rig.read(repair(4, &repair_of(&packets)));
        assert_eq!(out, [packets[usize::from(lost)].clone()], "the repair packet itself ends");
        let info = out[0].info();
        assert_eq!(
            (info.origin, info.recovered_by, info.arrival),
            (Origin::Media, Some(Recovery::Fec), None)
        );
        assert_eq!((rig.received().recovered, rig.tally().used, rig.ended().swallowed), (1, 1, 1));
    }
}

/// The vectors of RFC 5109's arithmetic, over packets with padding, extensions and markers of their own.
#[test]
fn vectors_bring_each_packet_back() {
    let all = [
        "80600001000000641122334401020304",
        "80e000020000006411223344aabbccddee",
        "8060000300000c1c11223344ffee",
    ];
    let all = all.map(|text| RtpPacket::parse(hex(text)).unwrap());
    let vectors: [(&str, &[usize]); 3] = [
        ("008000010000000000010005c000abb9cfd9ee", &[0, 1]),
        ("0000000100000c7800060004a000feec0304", &[0, 2]),
        ("40e0000100000c1c00030005e000000000005457cfd9ee", &[0, 1, 2]),
    ];
    for (payload, protected) in vectors {
        for lost in protected {
            let mut rig = Rig::new(UlpfecOptions::default());
            for other in protected.iter().filter(|other| *other != lost) {
                rig.read(in_red(all[*other].clone()));
            }
            assert_eq!(rig.read(repair(9, &hex(payload))), [all[*lost].clone()], "{payload} {lost}");
        }
    }
}

#[test]
fn what_comes_back_goes_on_before_the_packet_that_completed_it() {
    let mut rig = Rig::new(UlpfecOptions::default());
    let packets: Vec<_> = (0..3).map(media).collect();
    rig.read(in_red(packets[0].clone()));
    assert_eq!(rig.read(repair(3, &repair_of(&packets))), [], "two are missing");
    assert_eq!(numbers(&rig.read(in_red(packets[2].clone()))), [1, 2]);
    assert_eq!(rig.read(in_red(packets[1].clone())), [], "a late original is one too many");
    assert_eq!(rig.tally().duplicates, 1);
}

#[test]
fn a_repair_packet_goes_on_emptied_up_to_the_upper_half() {
    let mut rig = Rig::of(&Registry::new().with(UlpfecFactory::default()));
    rig.bind(video(SSRC));
    let packets: Vec<_> = (0..2).map(media).collect();
    rig.read(in_red(packets[0].clone()));
    let out = rig.read(repair(2, &repair_of(&packets)));
    assert_eq!(numbers(&out), [1, 2]);
    assert!(out[1].payload_and_padding().is_empty());
    assert_eq!(out[1].info().origin, Origin::FecRepair);
}

#[test]
fn an_emptied_repair_packet_goes_on_to_a_jitter_buffer_that_wants_its_number() {
    let mut rig = Rig::new(UlpfecOptions::default().with_forward_empty(true));
    let packets: Vec<_> = (0..2).map(media).collect();
    rig.read(in_red(packets[0].clone()));
    let out = rig.read(repair(2, &repair_of(&packets)));
    assert_eq!(numbers(&out), [1, 2]);
    assert!(out[1].payload_and_padding().is_empty());
    assert_eq!(rig.ended().swallowed, 0);
}

#[test]
fn numbers_of_repair_packets_are_not_asked_for() {
    let lower = UlpfecFactory::default();
    let mut rig = Rig::of(&Registry::new().with(lower.upper()).with(lower).with(NackFactory::default()));
    rig.bind(video(SSRC).with_feedback("nack", ""));
    for round in 0..50_u16 {
        let packets: Vec<_> = (0..4).map(|n| media(5 * round + n)).collect();
        // Of every second block one is lost, which comes back before the next packet.
        for packet in packets.iter().filter(|it| round % 2 == 0 || it.sequence_number() != 5 * round + 3) {
            rig.read(in_red(packet.clone()));
            rig.clock.advance(5 * MS);
        }
        rig.read(repair(5 * round + 4, &repair_of(&packets)));
    }
    let asking = rig.chain.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams)).unwrap().asking;
    assert_eq!((asking.packets_missing, asking.packets_requested), (0, 0), "{asking:?}");
    assert_eq!((rig.received().recovered, rig.ended().swallowed), (25, 50));
}

#[test]
fn repairs_may_come_bare_or_in_front_of_media() {
    let packets: Vec<_> = (0..2).map(media).collect();
    let payload = repair_of(&packets);
    let mut rig = Rig::new(UlpfecOptions::default());
    rig.read(in_red(packets[0].clone()));
    let bare = rtp(SSRC).pt(FEC).seq(2).payload(payload.clone()).build();
    assert_eq!(rig.read(bare), [packets[1].clone()]);
    // RFC 5109 §14.2.
    let mut rig = Rig::new(UlpfecOptions::default());
    rig.read(in_red(packets[0].clone()));
    let header = [0x80 | FEC, 0, (payload.len() >> 8) as u8, payload.len() as u8, VP8];
    let both = template(2).pt(RED).payload([&header[..], &payload, &picture(2)].concat()).build();
    assert_eq!(rig.read(both), [packets[1].clone(), media(2)]);
    assert_eq!(rig.received().repairs, 1);
}

#[test]
fn a_repair_in_front_of_a_packet_that_it_covers_leaves_that_packet_as_it_came() {
    let mut rig = Rig::new(UlpfecOptions::default());
    let packets = [media(0), media(1)];
    rig.read(in_red(packets[0].clone()));
    let payload = repair_of(&packets);
    let header = [0x80 | FEC, 0, (payload.len() >> 8) as u8, payload.len() as u8, VP8];
    let mut both = packets[1].clone();
    both.set_payload_type(RED);
    both.set_payload([&header[..], &payload, &picture(1)].concat());
    let out = rig.read(both);
    assert_eq!((out[..] == packets[1..], out[0].info().recovered_by), (true, None));
    assert_eq!((rig.received().recovered, rig.tally().duplicates, rig.tally().useless), (0, 0, 1));
}

#[test]
fn what_came_back_by_rtx_is_no_longer_missing() {
    let mut rig = Rig::new(UlpfecOptions::default());
    let packets: Vec<_> = (0..2).map(media).collect();
    rig.read(in_red(packets[0].clone()));
    let mut restored = in_red(packets[1].clone());
    restored.info_mut().recovered_by = Some(Recovery::Rtx);
    assert_eq!(rig.read(restored).len(), 1);
    assert_eq!(rig.read(repair(2, &repair_of(&packets))), []);
    assert_eq!(rig.tally().useless, 1);
}

#[test]
fn padding_keeps_its_number_and_goes_on() {
    let mut rig = Rig::new(UlpfecOptions::default());
    let padding = template(1).pt(RED).payload_len(0).padding(200).build();
    assert_eq!(rig.read(padding.clone()), [padding]);
    assert_eq!(rig.ended().swallowed, 0);
}

#[test]
fn statistics_hear_of_repairs() {
    let mut rig = Rig::new(UlpfecOptions::default());
    rig.clock.advance(1000 * MS);
    let packets: Vec<_> = (0..2).map(media).collect();
    packets.iter().for_each(|packet| drop(rig.read(in_red(packet.clone()))));
    for seq in 2..10 {
        rig.read(repair(seq, &repair_of(&packets)));
    }
    let told = std::iter::from_fn(|| rig.chain.poll_event());
    let told: Vec<_> = told.filter(|event| matches!(event, Event::Fact(Fact::FecStats(_)))).collect();
    let [Event::Fact(Fact::FecStats(stats))] = told[..] else {
        unreachable!("once in half a second: {told:?}")
    };
    assert_eq!(stats, FecStats { ssrc: SSRC, received: 1, discarded: 1 });
}

#[test]
fn streams_without_ulpfec_are_left_alone_and_may_gain_it() {
    let mut rig = Rig::of(&crate::kit::registry(UlpfecOptions::default()));
    let plain = StreamInfo::new(SSRC, VP8, 90_000).with_mime_type("video/VP8");
    rig.bind(plain.clone());
    assert_eq!(rig.read(in_red(media(1))), [in_red(media(1))]);
    let now = rig.now();
    rig.chain.amend_remote(video(SSRC), now).unwrap();
    assert_eq!(rig.read(in_red(media(2))), [media(2)]);
    rig.chain.amend_remote(plain, now).unwrap();
    assert_eq!(rig.read(in_red(media(3))), [in_red(media(3))]);
    assert_eq!(rig.received().red_packets, 1);
}
