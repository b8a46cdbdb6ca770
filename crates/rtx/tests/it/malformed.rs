//! The rows of the table of malformed and hostile input: each costs what the table says, and is counted.

mod unsignalled;

use std::time::Duration;

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{Event, FecInfo, FecScheme, StreamInfo};
use interceptor_rtx::{ReceiveCounters, RtxOptions, UnknownRtxPayloadType};

use crate::kit::{Bench, MEDIA, RTX, media, rtx, video};

#[test]
fn an_rtx_payload_under_2_bytes_is_consumed() {
    let mut bench = Bench::new(video(), None);
    for (payload, padding) in [(&b""[..], 0), (b"", 255), (b"\x00", 0), (b"\x00", 4)] {
        let mut packet = rtx(payload);
        packet.set_padding(padding);
        assert_eq!(bench.read(packet.to_bytes()), None);
    }
    assert_eq!((bench.counters().received.padding, bench.counters().received.restored), (4, 0));
}

/// The packet arrives as it was sent.
fn pass_untouched(bench: &mut Bench, packet: &RtpPacket) {
    let read = bench.read(packet.to_bytes()).unwrap();
    assert_eq!((&read, read.info().recovered_by), (packet, None));
}

#[test]
fn a_payload_type_that_no_pair_names_is_consumed_and_told_once() {
    let mut bench = Bench::new(video(), None);
    // Of nobody, the media stream's own, and 5000 more: a peer does not pace events.
    for payload_type in [100, 96].into_iter().chain((98..=105).cycle().take(5_000)) {
        let mut packet = rtx(b"\x00\x07media");
        packet.set_payload_type(payload_type);
        assert_eq!(bench.read(packet.to_bytes()), None);
    }
    assert_eq!(bench.counters().received.unknown_payload_type, 5_002);
    let events: Vec<_> = std::iter::from_fn(|| bench.chain.poll_event()).collect();
    let told: Vec<_> = events.iter().filter_map(Event::raised::<UnknownRtxPayloadType>).collect();
    assert_eq!((events.len(), told.len()), (1, 1));
    assert_eq!((told[0].ssrc, told[0].rtx_ssrc, told[0].payload_type), (MEDIA, RTX, 100));
    // What has a pair is restored as before.
    assert!(bench.read(rtx(b"\x00\x07media").to_bytes()).is_some());
}

#[test]
fn rtx_before_any_media_on_a_stream_of_unknown_pairs_is_consumed() {
    let mut bench = Bench::new(StreamInfo::new(MEDIA, 96, 90_000).with_rtx_ssrc(RTX), None);
    for _ in 0..3 {
        assert_eq!(bench.read(rtx(b"\x00\x07media").to_bytes()), None);
    }
    let received = bench.counters().received;
    assert_eq!((received.before_media, received.unknown_payload_type), (3, 0));
    assert!(bench.chain.poll_event().is_none());
}

#[test]
fn an_ssrc_that_no_stream_has_passes_untouched() {
    let mut bench = Bench::new(video(), None);
    let mut packet = rtx(b"\x00\x07media");
    packet.set_ssrc(1);
    pass_untouched(&mut bench, &packet);
    assert_eq!(bench.chain.counters().unbound_read, 1);
    assert_eq!(bench.counters().received, ReceiveCounters::default());
}

#[test]
fn an_osn_far_from_all_others_is_restored() {
    let mut bench = Bench::new(video(), None);
    pass_untouched(&mut bench, &media(7));
    for (payload, osn) in [(&b"\x9c\x40far"[..], 40_000), (b"\xff\xfffar", 65_535), (b"\x00\x00far", 0)] {
        let restored = bench.read(rtx(payload).to_bytes()).unwrap();
        assert_eq!(
            (restored.ssrc(), restored.sequence_number(), restored.payload()),
            (MEDIA, osn, &b"far"[..])
        );
    }
    assert_eq!(bench.counters().received.restored, 3);
}

#[test]
fn an_rtx_payload_type_on_the_media_ssrc_passes_untouched() {
    let mut bench = Bench::new(video().with_fec(FecInfo::new(FecScheme::FlexFec03, 119).with_ssrc(3)), None);
    for payload_type in [97, 119] {
        let mut packet = media(1);
        packet.set_payload_type(payload_type);
        pass_untouched(&mut bench, &packet);
    }
    assert_eq!(bench.counters().received.on_media_ssrc, 2);
    // Media is no such packet, and neither is FEC, whose payload types are its own.
    let mut fec = media(2);
    fec.set_ssrc(3);
    fec.set_payload_type(119);
    pass_untouched(&mut bench, &media(1));
    pass_untouched(&mut bench, &fec);
    assert_eq!(bench.counters().received.on_media_ssrc, 2);
}

#[test]
fn nested_rtx_is_unpacked_once() {
    // 97 retransmits 96, and 98 retransmits 97: on the media SSRC 97 is media then.
    let mut bench = Bench::new(video().with_rtx_payload_type(98, 97), None);
    let mut packet = rtx(b"\x00\x07\x00\x05media");
    packet.set_payload_type(98);
    let restored = bench.read(packet.to_bytes()).unwrap();
    assert_eq!((restored.payload_type(), restored.sequence_number()), (97, 7));
    assert_eq!(restored.payload(), b"\x00\x05media");
    assert_eq!((bench.counters().received.restored, bench.counters().received.on_media_ssrc), (1, 0));
}

/// With `plain_fallback`, after an answer on the RTX stream to a request for each of these numbers.
fn answered(numbers: impl IntoIterator<Item = u16>) -> Bench {
    let mut bench = Bench::with_options(video(), RtxOptions::default().with_plain_fallback(true), 7);
    for seq in numbers {
        assert_eq!(bench.resend(media(seq)).ssrc(), RTX);
    }
    bench
}

/// Requests in one datagram, long after the answers.
fn request(bench: &mut Bench, ssrc: u32, numbers: &[u16]) {
    bench.now += Duration::from_millis(350);
    bench.chain.read_rtcp(RtcpPacket::builder().nack(1, ssrc, numbers).build().unwrap(), bench.now);
    while bench.chain.poll_app().is_some() {}
}

#[test]
fn requests_for_the_rtx_stream_itself_say_nothing_about_media() {
    let mut bench = answered([7]);
    for _ in 0..10 {
        request(&mut bench, RTX, &[7]);
    }
    assert_eq!(bench.counters().sent.in_vain, 0);
    assert_eq!(bench.resend(media(7)).ssrc(), RTX);
}

#[test]
fn requests_for_all_numbers_over_and_over_count_each_answer_once() {
    let mut bench = answered(0..1_000);
    let all: Vec<u16> = (0..=u16::MAX).chain(0..=u16::MAX).collect();
    request(&mut bench, MEDIA, &all);
    assert_eq!(bench.counters().sent.in_vain, 256, "those that are remembered");
    request(&mut bench, MEDIA, &all);
    request(&mut bench, MEDIA, &all);
    assert_eq!(bench.counters().sent.in_vain, 512, "a third time shows nothing more");
}
