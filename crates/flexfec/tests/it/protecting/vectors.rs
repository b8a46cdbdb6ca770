//! Repair packets, byte by byte.

use interceptor_core::FecScheme;
use interceptor_core::packet::RtpPacket;
use interceptor_flexfec::Code;
use interceptor_test::hex;

use crate::kit::{MEDIA, REPAIR, REPAIR_TYPE, Sender, coded, media, video};

/// Three packets, the second with the marker.
const PACKETS: [&str; 3] = [
    "80600001 00000064 11223344 01020304",
    "80e00002 00000064 11223344 aabbccddee",
    "80600003 00000c1c 11223344 ffee",
];

fn protect(scheme: FecScheme, packets: usize) -> RtpPacket {
    let mut sender = Sender::of(coded(Code::Rows { l: packets as u8 }), video(scheme));
    PACKETS[..packets].iter().for_each(|packet| sender.give(RtpPacket::parse(hex(packet)).unwrap()));
    let [repair] = &sender.repairs()[..] else { panic!("{:?}", sender.out) };
    repair.clone()
}

#[test]
fn sums_of_two_and_of_three_packets() {
    for (scheme, packets, payload) in [
        (FecScheme::FlexFec03, 2, "0080000100000000 01000000112233440001e000 abb9cfd9ee"),
        (FecScheme::FlexFec03, 3, "00e0000300000c1c 01000000112233440001f000 5457cfd9ee"),
        (FecScheme::FlexFec, 2, "0080000100000000 00016000 abb9cfd9ee"),
        (FecScheme::FlexFec, 3, "00e0000300000c1c 00017000 5457cfd9ee"),
    ] {
        assert_eq!(protect(scheme, packets).payload(), hex(payload), "{scheme:?}, {packets} packets");
    }
}

#[test]
fn the_rtp_header_of_a_repair_packet() {
    for (scheme, csrcs) in [(FecScheme::FlexFec03, vec![]), (FecScheme::FlexFec, vec![MEDIA])] {
        let repair = protect(scheme, 3);
        assert_eq!(
            (repair.ssrc(), repair.payload_type(), repair.sequence_number()),
            (REPAIR, REPAIR_TYPE, 1)
        );
        // That of the newest packet that it covers.
        assert_eq!((repair.timestamp(), repair.marker(), repair.padding_len()), (0xc1c, false, 0));
        assert_eq!(repair.csrcs().collect::<Vec<_>>(), csrcs);
        assert_eq!(repair.extensions().count(), 0);
    }
}

#[test]
fn masks_say_which_numbers() {
    for (offsets, draft, rfc) in [
        (&[0, 1][..], "e000", "6000"),
        (&[0, 14], "c001", "4001"),
        (&[0, 15], "4000c0000000", "c00040000000"),
        (&[0, 45], "400080000001", "c00000000001"),
        (&[0, 46], "400000000000c000000000000000", "c000800000008000000000000000"),
        (&[0, 14, 15, 45, 46, 47], "400140000001e000000000000000", "c001c0000001c000000000000000"),
        (&[0, 108], "4000000000008000000000000001", "c000800000000000000000000002"),
    ] {
        for (scheme, start, mask) in [(FecScheme::FlexFec03, 18, draft), (FecScheme::FlexFec, 10, rfc)] {
            let mut sender = Sender::of(coded(Code::Rows { l: 100 }), video(scheme));
            // Over the wrap of numbers, and as late as they can come.
            sender.give_all(offsets.iter().rev().map(|offset: &u16| 65_530_u16.wrapping_add(*offset)));
            sender.unbind();
            let repairs = sender.repairs();
            let (base, mask) = (hex("fffa"), hex(mask));
            assert_eq!(repairs.len(), 1, "{offsets:?}");
            let payload = repairs[0].payload();
            assert_eq!(payload[start - 2..start], base);
            assert_eq!(payload[start..start + mask.len()], mask, "{scheme:?} {offsets:?}");
        }
    }
}

#[test]
fn numbers_of_repair_packets_follow_each_other_over_the_wrap() {
    let options = coded(Code::Interleaved { n: 4, f: 2 }).with_first_sequence_number(Some(65_534));
    let mut sender = Sender::new(options);
    sender.give_all(0..8);
    let numbers: Vec<u16> = sender.repairs().iter().map(RtpPacket::sequence_number).collect();
    assert_eq!(numbers, [65_534, 65_535, 0, 1]);
}

#[test]
fn media_leaves_as_it_came_and_before_what_covers_it() {
    let mut sender = Sender::new(coded(Code::Rows { l: 3 }));
    sender.give_all(0..6);
    assert_eq!(sender.media(), (0..6).map(media).collect::<Vec<_>>());
    let ssrcs: Vec<u32> = sender.out.iter().map(|(_, packet)| packet.ssrc()).collect();
    assert_eq!(ssrcs, [MEDIA, MEDIA, MEDIA, REPAIR, MEDIA, MEDIA, MEDIA, REPAIR]);
}
