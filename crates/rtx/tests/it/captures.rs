//! Retransmissions of GStreamer and of Chromium beside their originals, as both left the sender before the loss.

use std::collections::BTreeMap;

use bytes::Bytes;
use interceptor_core::StreamInfo;
use interceptor_core::packet::{Recovery, RtpPacket};

use interceptor_rtx::ReceiveCounters;

use crate::kit::Bench;

/// Payloads of UDP over IPv4 over Ethernet in a capture in microsecond pcap.
fn datagrams(capture: &'static [u8]) -> Vec<Bytes> {
    const HEADERS: usize = 14 + 20 + 8;
    let mut rest = Bytes::from_static(&capture[24..]);
    let mut datagrams = Vec::new();
    while !rest.is_empty() {
        let len = u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        datagrams.push(rest.slice(16 + HEADERS..16 + len));
        rest = rest.slice(16 + len..);
    }
    datagrams
}

/// Restores every RTX packet and compares it with its original. Gives the numbers of restored packets and of probes.
fn restore_all(capture: &'static [u8], info: &StreamInfo) -> (u64, u64) {
    let received = restore(capture, info);
    assert_eq!((received.unknown_payload_type, received.before_media), (0, 0));
    (received.restored, received.padding)
}

fn restore(capture: &'static [u8], info: &StreamInfo) -> ReceiveCounters {
    let datagrams = datagrams(capture);
    let parse = |datagram: &Bytes| RtpPacket::parse(datagram.clone()).unwrap();
    let originals = datagrams.iter().map(parse).filter(|packet| packet.ssrc() == info.ssrc);
    let originals: BTreeMap<u16, RtpPacket> =
        originals.map(|packet| (packet.sequence_number(), packet)).collect();
    let mut bench = Bench::new(info.clone(), None);
    for datagram in datagrams {
        let repair = parse(&datagram).ssrc() != info.ssrc;
        let Some(packet) = bench.read(datagram) else { continue };
        let original = &originals[&packet.sequence_number()];
        assert_eq!(packet.ssrc(), info.ssrc);
        assert_eq!(packet.payload(), original.payload(), "{original:?}");
        assert_eq!(packet.timestamp(), original.timestamp());
        assert_eq!((packet.marker(), packet.payload_type()), (original.marker(), original.payload_type()));
        assert_eq!(packet.info().recovered_by, repair.then_some(Recovery::Rtx));
    }
    bench.counters().received
}

#[test]
fn gstreamers_are_restored_exactly() {
    let info = StreamInfo::new(0x1122_3344, 98, 90_000).with_rtx(0x5566_7788, 97);
    assert_eq!(restore_all(include_bytes!("../data/gstreamer_vp8_rtx.pcap"), &info), (21, 0));
}

/// VP8 in RED: the retransmissions are of RED packets, and 64 probes are of nothing but padding.
#[test]
fn chromiums_are_restored_exactly_and_its_probes_consumed() {
    let info =
        StreamInfo::new(1_448_599_044, 96, 90_000).with_rtx(717_799_354, 97).with_rtx_payload_type(119, 118);
    assert_eq!(restore_all(include_bytes!("../data/chromium_red_rtx.pcap"), &info), (114, 64));
}

/// Only the SSRC is known: the type of media tells.
#[test]
fn chromiums_are_restored_exactly_without_its_pairs() {
    let info = StreamInfo::unknown(1_448_599_044).with_rtx_ssrc(717_799_354);
    assert_eq!(restore_all(include_bytes!("../data/chromium_red_rtx.pcap"), &info), (114, 64));
}

/// Without the pair of RED nothing of RED reaches the application as if it were media.
#[test]
fn chromiums_red_without_its_pair_is_consumed() {
    let info = StreamInfo::new(1_448_599_044, 96, 90_000).with_rtx(717_799_354, 97);
    let received = restore(include_bytes!("../data/chromium_red_rtx.pcap"), &info);
    assert_eq!((received.restored, received.unknown_payload_type, received.padding), (0, 114, 64));
}
