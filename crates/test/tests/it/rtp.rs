//! Packet builders.

use std::time::Duration;

use interceptor_core::packet::{Ecn, Origin};
use interceptor_test::{hex, rtp};

const MS: Duration = Duration::from_millis(1);

#[test]
fn builds_every_field() {
    let packet = rtp(0x0102_0304)
        .pt(111)
        .seq(0x1234)
        .ts(0x5566_7788)
        .marker(true)
        .csrc(0xaabb_ccdd)
        .ext(5, &[0x00, 0x09])
        .payload(&b"pay"[..])
        .padding(2)
        .build();
    let expected = hex("b1 ef 1234 55667788 01020304  # P X CC=1, M PT=111
         aabbccdd                     # CSRC
         bede 0001 51 0009 00         # one-byte extension 5
         70 61 79 00 02               # payload, padding");
    assert_eq!(packet.to_bytes(), expected);
}

#[test]
fn carries_what_is_known_besides_the_bytes() {
    let packet = rtp(1).origin(Origin::Retransmission).ecn(Ecn::Ect1).build();
    assert_eq!(packet.info().origin, Origin::Retransmission);
    assert_eq!(packet.info().ecn, Some(Ecn::Ect1));
}

#[test]
#[should_panic(expected = "payload type")]
fn refuses_what_the_wire_cannot_carry() {
    let _ = rtp(1).pt(128).build();
}

#[test]
fn a_numbered_payload_depends_on_the_sequence_number() {
    let payload = |seq| rtp(1).seq(seq).payload_len(20).build().payload().to_vec();
    assert_eq!(payload(3).len(), 20);
    assert_eq!(payload(3), payload(3));
    assert_ne!(payload(3), payload(4));
}

#[test]
fn a_stream_has_one_timestamp_a_frame_and_wraps() {
    let stream = rtp(1).seq(65_534).ts(u32::MAX).payload_len(8).stream().ts_step(2).packets_per_frame(2);
    let fields: Vec<_> = stream
        .take(5)
        .map(|packet| (packet.sequence_number(), packet.timestamp(), packet.marker()))
        .collect();
    assert_eq!(
        fields,
        [(65_534, u32::MAX, false), (65_535, u32::MAX, true), (0, 1, false), (1, 1, true), (2, 3, false)]
    );
}

#[test]
fn the_payloads_of_a_stream_never_repeat() {
    let first_lap = rtp(1).payload_len(8).stream().next().expect("endless");
    let second_lap = rtp(1).payload_len(8).stream().nth(65_536).expect("endless");
    assert_eq!(first_lap.sequence_number(), second_lap.sequence_number());
    assert_ne!(first_lap.payload(), second_lap.payload());
}

#[test]
fn a_stream_is_paced_by_packet_or_by_frame() {
    let stream = rtp(1).stream().packets_per_frame(2);
    let times: Vec<Duration> = stream.clone().every(10 * MS).take(4).map(|(at, _)| at).collect();
    assert_eq!(times, [Duration::ZERO, 10 * MS, 20 * MS, 30 * MS]);
    let times: Vec<Duration> = stream.frames_every(33 * MS).take(4).map(|(at, _)| at).collect();
    assert_eq!(times, [Duration::ZERO, Duration::ZERO, 33 * MS, 33 * MS]);
}
