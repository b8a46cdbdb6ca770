//! The rows of the table of malformed and hostile input that are about repair packets.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{FecScheme, Registry};
use interceptor_flexfec::{Code, RecoveryOptions};
use interceptor_nack::NackFactory;
use interceptor_test::{hex, rtp};

use crate::kit::{MEDIA, MS, REPAIR, SECOND, media, video};

use crate::recovering::rig::{Receiver, assert_right, sent};

fn repair(payload: &str) -> RtpPacket {
    rtp(REPAIR).pt(49).payload(hex(payload)).build()
}

#[test]
fn what_is_no_repair_packet_is_counted_and_ends_here() {
    for (scheme, csrcs, payloads) in [
        (
            FecScheme::FlexFec03,
            0,
            &[
                "",
                "0080",
                "00800001000000000100000011223344000180",
                "0080000100000000010000001122334400018000",
                "00800001000000000000000011223344000180000000",
                "4080000100000000010000001122334400011122",
                "8080000100000000010000001122334400011122",
            ][..],
        ),
        (
            FecScheme::FlexFec,
            1,
            &[
                "",
                "0080000100000000000180",
                "00800001000000000001000000",
                "40800001000000000001000100",
                "c08000010000000000016000",
                "8060",
            ],
        ),
    ] {
        let mut receiver = Receiver::new(scheme);
        receiver.read(&media(0));
        for payload in payloads {
            let mut packet = rtp(REPAIR).pt(49).payload(hex(payload));
            for _ in 0..csrcs {
                packet = packet.csrc(MEDIA);
            }
            receiver.read(&packet.build());
        }
        let counters = receiver.counters();
        assert_eq!(
            (counters.malformed, counters.repairs),
            (payloads.len() as u64, payloads.len() as u64),
            "{scheme:?}"
        );
        assert_eq!(receiver.got.len(), 1);
    }
}

#[test]
fn a_repair_packet_of_another_stream_is_counted() {
    let mut receiver = Receiver::new(FecScheme::FlexFec03);
    receiver.read(&media(0));
    receiver.read(&repair("0080000100000000 01000000 99999999 0001e000 abb9cfd9ee"));
    assert_eq!((receiver.counters().unknown_stream, receiver.got.len()), (1, 1));
}

#[test]
fn a_repair_packet_of_what_is_long_gone_never_waits() {
    let (media, repairs) = sent(FecScheme::FlexFec03, Code::Rows { l: 5 }, 0..5);
    let mut receiver = Receiver::new(FecScheme::FlexFec03);
    receiver.read_all(&media[..3]);
    let (far, _) = sent(FecScheme::FlexFec03, Code::Rows { l: 109 }, 3..1100);
    receiver.read_all(&far);
    receiver.read_all(&repairs);
    assert_eq!((receiver.counters().expired + receiver.counters().useless, receiver.back().len()), (1, 0));
    receiver.read(&repair("0080000100000000 01000000 11223344 8f00e000 abb9cfd9ee"));
    assert_eq!(receiver.counters().expired + receiver.counters().useless, 2);
}

#[test]
fn a_repair_packet_waits_for_a_second_and_no_longer() {
    let (media, repairs) = sent(FecScheme::FlexFec03, Code::Rows { l: 5 }, 0..5);
    let mut receiver = Receiver::new(FecScheme::FlexFec03);
    receiver.read_all(&media[..3]);
    receiver.read_all(&repairs);
    receiver.pass(2 * SECOND);
    receiver.read(&media[3]);
    assert_eq!((receiver.counters().expired, receiver.back().len()), (1, 0));
}

#[test]
fn what_contradicts_what_came_is_not_believed() {
    let (media, repairs) = sent(FecScheme::FlexFec03, Code::Rows { l: 3 }, 0..3);
    // A length that is longer than the sum; fifteen CSRCs, and an extension block behind them that ends nowhere.
    for (at, value) in [(2, 0x7f), (0, 0x1f)] {
        let mut payload = repairs[0].payload().to_vec();
        payload[at] ^= value;
        let mut receiver = Receiver::new(FecScheme::FlexFec03);
        receiver.read_all([&media[0], &media[2]]);
        receiver.read(&rtp(REPAIR).pt(49).payload(payload).build());
        assert_eq!(receiver.back().len(), 0);
        assert_eq!(receiver.counters().inconsistent, 1, "byte {at}");
    }
}

#[test]
fn repair_packets_without_end_are_bounded() {
    let mut receiver = Receiver::new(FecScheme::FlexFec03);
    receiver.read(&media(0));
    for base in 0..5000_u16 {
        let payload = format!("0080000100000000 01000000 11223344 {:04x}b000 abb9cfd9ee", 1 + base % 200);
        receiver.read(&repair(&payload));
    }
    let counters = receiver.counters();
    assert_eq!((counters.repairs, receiver.got.len()), (5000, 1));
    // All but the 64 that wait at most are counted.
    let counted = counters.expired + counters.useless;
    assert!((5000 - 64..=5000).contains(&counted), "{counters:?}");
}

#[test]
fn a_repeated_packet_is_read_as_such_and_comes_once() {
    let mut receiver = Receiver::of(RecoveryOptions::default(), video(FecScheme::FlexFec));
    let (first, second) = (media(1), media(2));
    receiver.read_all([&media(0), &second]);
    let repeat = rtp(REPAIR).pt(49).payload(first.to_bytes()).build();
    receiver.read_all([&repeat, &repeat]);
    assert_eq!(receiver.numbers(), [0, 2, 1]);
    assert_right(&receiver.got);
    assert_eq!(receiver.counters().repeats, 2);
}

#[test]
fn repair_packets_end_here_or_go_on_where_a_relay_wants_them() {
    let (media, repairs) = sent(FecScheme::FlexFec03, Code::Rows { l: 3 }, 0..3);
    for forward in [false, true] {
        let options = RecoveryOptions::default().with_forward_repair(forward);
        let mut receiver = Receiver::of(options, crate::kit::video(FecScheme::FlexFec03));
        receiver.read_all(media.iter().chain(&repairs));
        assert_eq!(receiver.got.iter().any(|packet| packet.ssrc() == REPAIR), forward);
        assert_eq!((receiver.counters().useless, receiver.counters().discarded()), (1, 1));
    }
}

#[test]
fn a_packet_that_came_back_is_not_asked_for_again_and_its_second_copy_ends_here() {
    let nack = NackFactory::default();
    let (media, repairs) = sent(FecScheme::FlexFec03, Code::Rows { l: 3 }, 0..3);
    let info = crate::kit::video(FecScheme::FlexFec03);
    let mut receiver =
        Receiver::with(RecoveryOptions::default(), info.clone(), |registry: Registry| registry.with(nack));
    let asked = |receiver: &mut Receiver| std::iter::from_fn(|| receiver.chain.poll_wire()).count();
    receiver.read_all([&media[0], &media[2]]);
    assert_eq!(asked(&mut receiver), 1, "at once: the repair packet may be lost as well");
    receiver.read_all(&repairs);
    for _ in 0..20 {
        receiver.pass(50 * MS);
        let now = receiver.clock.now();
        receiver.chain.handle_timeout(now);
    }
    assert_eq!((asked(&mut receiver), receiver.back()), (0, vec![1]));
    // Without NACK above, too, the application gets it once.
    let mut receiver = Receiver::of(RecoveryOptions::default(), info);
    receiver.read_all([&media[0], &media[2]]);
    receiver.read_all(&repairs);
    receiver.read(&media[1]);
    assert_eq!((receiver.numbers(), receiver.counters().duplicates), (vec![0, 2, 1], 1));
}
