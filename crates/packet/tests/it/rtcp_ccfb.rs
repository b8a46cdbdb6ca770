//! Congestion control feedback (RFC 8888).

use std::time::Duration;

use interceptor_packet::rtcp::{CcfbArrival, CcfbMetric, CcfbStream};
use interceptor_packet::{BuildError, Ecn, Rtcp, RtcpPacket};

use crate::hex::hex;

const SENDER: u32 = 0x0102_0304;

const fn before(ecn: Ecn, millionths: u64) -> CcfbMetric {
    CcfbMetric::received(ecn, Some(Duration::from_micros(millionths)))
}

#[track_caller]
fn vector(text: &str, streams: &[CcfbStream<'_>], report_timestamp: u32) {
    let bytes = hex(text);
    let packet = RtcpPacket::parse(bytes.clone()).unwrap();
    assert_eq!(packet.malformed(), 0);
    let Some(Rtcp::Ccfb(feedback)) = packet.packets().next() else { panic!("{packet:?}") };
    assert_eq!((feedback.sender_ssrc(), feedback.report_timestamp()), (SENDER, report_timestamp));
    assert_eq!(feedback.blocks().count(), streams.len());
    for (block, stream) in feedback.blocks().zip(streams) {
        assert_eq!((block.ssrc(), block.begin_sequence()), (stream.ssrc, stream.begin_sequence));
        assert_eq!((block.len(), block.is_empty()), (stream.metrics.len(), stream.metrics.is_empty()));
        assert!(block.metrics().map(|(_, metric)| metric).eq(stream.metrics.iter().copied()));
    }
    assert_eq!(packet.as_bytes(), &bytes);
    assert_eq!(RtcpPacket::builder().ccfb(SENDER, streams, report_timestamp).build().unwrap(), packet);
}

#[test]
fn over_the_wrap_with_marks_and_a_loss() {
    let metrics =
        [before(Ecn::Ect0, 500_000), CcfbMetric::LOST, before(Ecn::Ce, 0), before(Ecn::NotEct, 10_000_000)];
    let stream = CcfbStream { ssrc: 0x0a0b_0c0d, begin_sequence: 65_534, metrics: &metrics };
    vector("8bcd0006 01020304 0a0b0c0d fffe0004 c2000000 e0009ffe 12345678", &[stream], 0x1234_5678);
    let packet = RtcpPacket::builder().ccfb(1, &[stream], 2).build().unwrap();
    let Some(Rtcp::Ccfb(feedback)) = packet.packets().next() else { panic!("{packet:?}") };
    let numbers = feedback.blocks().flat_map(|block| block.metrics()).map(|(seq, _)| seq);
    assert!(numbers.eq([65_534, 65_535, 0, 1]));
}

#[test]
fn limits_of_the_offset() {
    let metrics = [
        CcfbMetric::received(Ecn::Ect1, Some(Duration::from_nanos(976_562))),
        CcfbMetric::received(Ecn::NotEct, None),
        CcfbMetric::received(Ecn::NotEct, Some(Duration::from_nanos(7_997_070_312))),
    ];
    let stream = CcfbStream { ssrc: 0x0a0b_0c0d, begin_sequence: 0, metrics: &metrics };
    vector("8bcd0006 01020304 0a0b0c0d 00000003 a0019fff 9ffd0000 ffffffff", &[stream], u32::MAX);
}

#[test]
fn two_streams() {
    let first = [before(Ecn::NotEct, 250_000)];
    let second = [CcfbMetric::LOST, before(Ecn::NotEct, 125_000)];
    let streams = [
        CcfbStream { ssrc: 1, begin_sequence: 10, metrics: &first },
        CcfbStream { ssrc: 2, begin_sequence: 20, metrics: &second },
    ];
    vector(
        "8bcd0008 01020304 00000001 000a0001 81000000 00000002 00140002 00008080 00010000",
        &streams,
        0x1_0000,
    );
}

#[test]
fn no_streams() {
    vector("8bcd0002 01020304 00000001", &[], 1);
}

#[test]
fn a_stream_without_packets() {
    vector(
        "8bcd0004 01020304 00000005 00070000 00000001",
        &[CcfbStream { ssrc: 5, begin_sequence: 7, metrics: &[] }],
        1,
    );
}

#[test]
fn encodes_offsets() {
    let cases = [
        (0, 0),
        (976_561, 0),
        (976_562, 1),
        (500_000_000, 512),
        (7_997_070_312, 0x1ffd),
        (7_997_070_313, 0x1ffe),
        (8_000_000_000, 0x1ffe),
        (10_000_000_000, 0x1ffe),
    ];
    for (nanos, offset) in cases {
        let metric = CcfbMetric::received(Ecn::NotEct, Some(Duration::from_nanos(nanos)));
        assert_eq!(metric.0, 0x8000 | offset, "{nanos}");
    }
    assert_eq!(CcfbMetric::received(Ecn::NotEct, None).0, 0x9fff);
}

#[test]
fn decodes_metrics() {
    assert_eq!(CcfbMetric(0x9ffd).arrival(), Some(CcfbArrival::Before(Duration::from_nanos(7_997_070_312))));
    assert_eq!(CcfbMetric(0x9ffe).arrival(), Some(CcfbArrival::OverRange));
    assert_eq!(CcfbMetric(0x9fff).arrival(), Some(CcfbArrival::Unavailable));
    let marked = CcfbMetric(0xfff8);
    assert_eq!(marked.ecn(), Some(Ecn::Ce));
    assert_eq!(
        marked.arrival(),
        Some(CcfbArrival::Before(Duration::from_nanos(8184 * 1_000_000_000 / 1024)))
    );
}

#[test]
fn every_offset_is_written_as_it_was_read() {
    for units in 0..0x1ffe {
        let Some(CcfbArrival::Before(before)) = CcfbMetric(0x8000 | units).arrival() else {
            panic!("{units}")
        };
        assert_eq!(CcfbMetric::received(Ecn::NotEct, Some(before)).0, 0x8000 | units);
    }
}

#[test]
fn a_lost_packet_says_nothing_else() {
    for bits in [0x6200, 0x2200, 0x7fff, 0] {
        let metric = CcfbMetric(bits);
        assert_eq!((metric.is_received(), metric.ecn(), metric.arrival()), (false, None, None), "{bits:x}");
    }
}

#[test]
fn refuses_blocks_over_the_end_and_over_the_limit() {
    for text in [
        "8bcd0001 01020304",
        "8bcd0003 01020304 00000001 00000001",
        "8bcd0004 01020304 00000001 00070001 00000001",
        "8bcd0005 01020304 00000001 00070003 00000000 00000001",
    ] {
        let packet = RtcpPacket::parse(hex(text)).unwrap();
        assert_eq!((packet.packets().count(), packet.malformed()), (0, 1), "{text}");
    }
    let metrics = vec![CcfbMetric::LOST; 16_385];
    let full = CcfbStream { ssrc: 1, begin_sequence: 0, metrics: &metrics[..16_384] };
    assert!(RtcpPacket::builder().ccfb(1, &[full], 0).build().is_ok());
    let over = CcfbStream { metrics: &metrics, ..full };
    let error = RtcpPacket::builder().ccfb(1, &[over], 0).build().unwrap_err();
    assert!(matches!(error, BuildError::TooMany { count: 16_385, max: 16_384, .. }), "{error}");
}
