//! Retransmissions on their way out.

use interceptor_core::StreamInfo;
use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{FecInfo, FecScheme};
use interceptor_test::hex;

use crate::kit::{Bench, MEDIA, RTX, media, video};

/// Own arithmetic; aiortc writes the same.
#[test]
fn writes_the_vector() {
    let mut bench = Bench::new(video(), Some(1));
    // The vector's own media SSRC.
    let mut original = RtpPacket::parse(hex("80e01234a0b0c0d011223344deadbeef")).unwrap();
    original.info_mut().origin = Origin::Retransmission;
    assert_eq!(bench.write(original).to_bytes(), hex("80e10001a0b0c0d0556677881234deadbeef"));
}

/// pion's responder vector: `originalContent` and one byte of padding.
#[test]
fn leaves_the_original_padding_out() {
    let mut bench = Bench::new(video(), Some(1));
    let mut original = media(1);
    original.set_payload(&b"originalContent"[..]);
    original.set_padding(1);
    let packet = bench.resend(original);
    assert_eq!(packet.payload(), b"\x00\x01originalContent");
    assert_eq!((packet.padding_len(), packet.header()[0] & 0x20), (0, 0));
}

#[test]
fn keeps_timestamp_marker_contributors_and_extensions() {
    let mut bench = Bench::new(video(), None);
    let original =
        RtpPacket::builder().ssrc(MEDIA).payload_type(96).sequence_number(9).timestamp(77).marker(true);
    let original = original.csrc(5).csrc(6).extension(3, &[1, 2, 3]).extension(9, b"0").payload(&b"x"[..]);
    let original = original.build().unwrap();
    let packet = bench.resend(original.clone());
    assert_eq!((packet.ssrc(), packet.payload_type(), packet.timestamp()), (RTX, 97, 77));
    assert!(packet.marker() && packet.csrcs().eq([5, 6]));
    assert_eq!(packet.header()[12..], original.header()[12..], "extensions byte by byte");
    assert_eq!(packet.info().origin, Origin::Retransmission);
}

#[test]
fn counts_one_for_each_packet_sent_and_wraps() {
    let mut bench = Bench::new(video(), Some(65_534));
    for (original, expected) in [(7, 65_534), (7, 65_535), (9, 0), (8, 1)] {
        // Media in between takes no number.
        assert_eq!(bench.write(media(100)), media(100));
        assert_eq!(bench.resend(media(original)).sequence_number(), expected);
    }
    assert_eq!(bench.counters().sent.encapsulated, 4);
}

#[test]
fn starts_at_a_number_from_the_seed() {
    let start = |seed| Bench::seeded(video(), None, seed).resend(media(1)).sequence_number();
    let starts: Vec<u16> = (0..8).map(start).collect();
    assert_eq!(starts, (0..8).map(start).collect::<Vec<_>>());
    assert!(starts.windows(2).any(|pair| pair[0].abs_diff(pair[1]) > 1_000), "{starts:?}");
}

#[test]
fn each_payload_type_has_its_own_retransmission_type() {
    let mut bench = Bench::new(video(), None);
    let mut red = media(1);
    red.set_payload_type(118);
    assert_eq!(bench.resend(red).payload_type(), 119);
    assert_eq!(bench.resend(media(2)).payload_type(), 97);
}

#[test]
fn a_payload_type_without_a_pair_leaves_as_it_is() {
    let mut bench = Bench::new(video(), Some(5));
    let mut other = media(1);
    other.set_payload_type(100);
    assert_eq!(bench.resend(other.clone()), other);
    assert_eq!(bench.counters().sent.without_payload_type, 1);
    assert_eq!(bench.resend(media(2)).sequence_number(), 5, "it took no number");
}

#[test]
fn what_is_no_retransmission_or_on_the_rtx_stream_already_stays_as_it_is() {
    let mut bench = Bench::new(video().with_fec(FecInfo::new(FecScheme::FlexFec03, 100).with_ssrc(3)), None);
    let mut on_rtx = media(1);
    on_rtx.set_ssrc(RTX);
    let mut fec = media(2);
    fec.set_ssrc(3);
    for packet in [media(3), on_rtx, fec] {
        assert_eq!(bench.write(packet.clone()), packet);
    }
    assert_eq!(bench.counters().sent.encapsulated, 0);
}

#[test]
fn streams_without_rtx_are_left_alone() {
    let mut bench = Bench::new(StreamInfo::new(MEDIA, 96, 90_000), None);
    assert_eq!(bench.resend(media(1)), media(1));
    assert!(bench.counters_of_bound().0.is_none());
}

/// RFC 8852 §3.2 and §4: on an RTX packet the name of the stream is that of the repaired one.
#[test]
fn names_the_repaired_stream() {
    let info = video()
        .with_extension(10, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id")
        .with_extension(11, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id");
    let mut bench = Bench::new(info, None);
    let mut original = media(1);
    original.set_extension(10, b"hi").unwrap();
    let packet = bench.resend(original.clone());
    assert_eq!((packet.extension(10), packet.extension(11)), (None, Some(&b"hi"[..])));
    let restored = bench.read(packet.to_bytes()).unwrap();
    assert_eq!((restored.extension(10), restored.extension(11)), (Some(&b"hi"[..]), None));
    assert_eq!(restored.payload(), original.payload());
}
