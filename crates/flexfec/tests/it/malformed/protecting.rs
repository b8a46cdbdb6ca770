//! What a hostile peer, or a broken one, can do to who protects: nothing by what it sends, and little by what it reports.

use std::time::Duration;

use bytes::Bytes;
use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::ext::AbsSendTime;
use interceptor_core::{FecScheme, Limits, Loss, Registry, Rtt, StreamTarget, TargetBitrate};
use interceptor_flexfec::{Code, FecDecoder, ProtectionOptions};
use interceptor_hdrext::AbsSendTimeFactory;
use interceptor_test::{hex, rtp};
use interceptor_twcc::TwccFactory;

use crate::kit::{MEDIA, MS, SECOND, Sender, coded, video};

#[test]
fn absurd_figures_of_the_path_cost_no_more_than_the_most_that_protection_may_take() {
    for receiver in [FecDecoder::Peeling, FecDecoder::Elimination] {
        let mut sender = Sender::new(ProtectionOptions::default().with_receiver(receiver));
        let extremes = [0, 1, 50_000, 1_000_000, u32::MAX];
        let mut seq = 0;
        let mut send = |sender: &mut Sender, packets: u16| {
            for _ in 0..packets {
                sender.give(rtp(MEDIA).seq(seq).marker(seq % 5 == 4).payload_len(500).build());
                seq += 1;
                sender.pass(7 * MS);
            }
        };
        // Something sane first, so that there is protection to be led astray.
        send(&mut sender, 50);
        sender.tell(Rtt::first(SECOND));
        sender.tell(Loss { ssrc: MEDIA, ppm: 50_000, burst_packets_q8: 256, burst_duration: Duration::ZERO });
        send(&mut sender, 200);
        for ppm in extremes {
            for burst_packets_q8 in extremes {
                for time in [Duration::ZERO, SECOND, Duration::MAX] {
                    sender.tell(Rtt::first(time));
                    sender.tell(Loss { ssrc: MEDIA, ppm, burst_packets_q8, burst_duration: time });
                    sender.tell(TargetBitrate { bits_per_second: ppm.into(), stable: 0 });
                    sender.tell(StreamTarget { ssrc: MEDIA, bits_per_second: u64::MAX, paused: ppm == 1 });
                    send(&mut sender, 20);
                }
            }
        }
        sender.pass(SECOND);
        let (media, repairs) = (sender.media().len(), sender.repairs().len());
        assert_eq!(media, usize::from(seq));
        assert!(0 < repairs && repairs <= media / 2 + 1, "{repairs} of {media}");
        assert!(sender.counters().over_budget < 50, "{:?}", sender.counters());
    }
}

#[test]
fn what_comes_in_does_not_touch_what_is_open() {
    let mut sender = Sender::new(coded(Code::Rows { l: 2 }));
    sender.give_all(0..1);
    let now = sender.now();
    for datagram in [&[0x80, 49, 0, 1][..], &[0x80, 96, 0, 1, 0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 1]] {
        sender.chain.read_datagram(Bytes::copy_from_slice(datagram), now);
    }
    sender.give_all(1..2);
    assert_eq!(sender.blocks(), [[0, 1]]);
}

#[test]
fn numbers_that_jump_about_open_and_close_blocks_and_no_more() {
    let mut sender = Sender::new(coded(Code::Interleaved { n: 40, f: 5 }).with_max_overhead_percent(20));
    for index in 0..5000_u32 {
        sender.give(rtp(MEDIA).seq((index * 7919 % 65_536) as u16).payload_len(100).build());
    }
    let counters = sender.counters();
    assert_eq!(sender.media().len(), 5000);
    assert_eq!(counters.protected + counters.duplicates + counters.unprotected, 5000);
    assert!(counters.repairs <= 1120 && counters.over_budget > 0 && counters.early > 0, "{counters:?}");
}

#[test]
fn a_packet_that_is_written_twice_counts_once() {
    let mut sender = Sender::new(coded(Code::Rows { l: 3 }));
    sender.give_all([0, 1, 1, 0, 2]);
    assert_eq!(sender.blocks(), [[0, 1, 2]]);
    let mut once = Sender::new(coded(Code::Rows { l: 3 }));
    once.give_all(0..3);
    assert_eq!(sender.repairs(), once.repairs());
    assert_eq!((sender.counters().duplicates, sender.media().len()), (2, 5));
}

#[test]
fn a_packet_that_comes_too_late_for_the_mask_passes_and_the_block_goes_on() {
    let mut sender = Sender::new(coded(Code::Interleaved { n: 6, f: 2 }));
    sender.give_all([100, 101, 102, 80, 103, 104, 105]);
    assert_eq!(sender.blocks(), [[100, 102, 104], [101, 103, 105]]);
    assert_eq!((sender.counters().unprotected, sender.media().len()), (1, 7));
}

#[test]
fn a_packet_that_has_no_room_for_a_stamp_is_counted() {
    let stampers =
        |registry: Registry| registry.with(AbsSendTimeFactory::default()).with(TwccFactory::default());
    let mut sender = Sender::with(coded(Code::Rows { l: 2 }), Limits::default(), stampers);
    sender.bind(video(FecScheme::FlexFec03).with_extension(2, AbsSendTime::URI));
    // An extension block of a profile that has no elements.
    let bytes = hex("90600001 00000064 11223344 abcd0001 01020304 aabbccdd");
    sender.give(RtpPacket::parse(bytes.clone()).unwrap());
    assert_eq!((sender.counters().unreserved, sender.media()[0].to_bytes()), (2, bytes));
}

#[test]
fn the_room_that_repair_packets_need_is_declared() {
    for (scheme, code, bytes) in [
        (FecScheme::FlexFec03, Code::Rows { l: 10 }, 20),
        (FecScheme::FlexFec03, Code::Rows { l: 40 }, 24),
        (FecScheme::FlexFec03, Code::Adaptive, 32),
        (FecScheme::FlexFec, Code::Rows { l: 10 }, 16),
        (FecScheme::FlexFec, Code::Adaptive, 28),
    ] {
        let mut sender = Sender::of(coded(code), video(scheme));
        assert_eq!(sender.chain.headroom(MEDIA), Some(bytes), "{scheme:?} {code}");
        // A packet that leaves just that room makes repair packets as large as the MTU, and no larger.
        let room = 1200 - bytes - 12;
        let packets = code.packets().max(1) as u16;
        (0..packets).for_each(|seq| sender.give(rtp(MEDIA).seq(seq).payload_len(room).build()));
        assert_eq!(sender.counters().oversize, 0);
        assert!(sender.repairs().iter().all(|repair| repair.total_len() == 1200));
        (packets..2 * packets).for_each(|seq| sender.give(rtp(MEDIA).seq(seq).payload_len(room + 1).build()));
        assert_eq!(sender.counters().oversize, u64::from(code != Code::Adaptive));
    }
}

#[test]
fn no_more_leave_at_once_than_the_chain_lets() {
    let limits = Limits::default().with_max_emitted_per_input(3);
    let mut sender = Sender::with(coded(Code::Interleaved { n: 10, f: 5 }), limits, |registry| registry);
    sender.bind(video(FecScheme::FlexFec03));
    sender.give_all(0..10);
    assert_eq!((sender.repairs().len(), sender.counters().unsent), (3, 2));
    // Numbers of repair packets have no gap therefore.
    sender.give_all(10..20);
    let numbers: Vec<u16> = sender.repairs().iter().map(|repair| repair.sequence_number()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    // Nor does a block that closes by time wait for what never comes.
    sender.give_all(20..24);
    sender.pass(SECOND);
    assert_eq!((sender.repairs().len(), sender.chain.next_timeout()), (8, None));
    assert_eq!(sender.chain.counters().dropped_emissions, 0);
}
