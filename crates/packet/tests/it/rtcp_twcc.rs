//! Transport-wide feedback, decoded (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).

use bytes::Bytes;
use interceptor_packet::rtcp::{Twcc, TwccStatus};
use interceptor_packet::{Rtcp, RtcpPacket};
use proptest::prelude::*;

use crate::hex::hex;

fn with<R>(packet: &RtcpPacket, read: impl FnOnce(Twcc<'_>) -> R) -> R {
    let Some(Rtcp::Twcc(feedback)) = packet.packets().next() else { panic!("{packet:?}") };
    read(feedback)
}

fn parse(text: &str) -> RtcpPacket {
    let packet = RtcpPacket::parse(hex(text)).unwrap();
    assert_eq!(packet.malformed(), 0);
    packet
}

/// Feedback with these status count, chunks and deltas.
fn feedback(count: u16, rest: &[u8]) -> RtcpPacket {
    let padding = (4 - rest.len() % 4) % 4;
    let first = if padding > 0 { 0xaf } else { 0x8f };
    let [high, low] = ((4 + rest.len().div_ceil(4)) as u16).to_be_bytes();
    let mut bytes = vec![first, 205, high, low, 1, 2, 3, 4, 10, 11, 12, 13, 0, 0];
    bytes.extend(count.to_be_bytes());
    bytes.extend([0, 0, 0, 0]);
    bytes.extend(rest);
    bytes.extend((0..padding).map(|at| if at + 1 == padding { padding as u8 } else { 0 }));
    RtcpPacket::parse(Bytes::from(bytes)).unwrap()
}

/// When each packet arrived, in microseconds since the reference time; `None` for those that did not.
fn arrivals(packet: &RtcpPacket) -> Option<Vec<(u16, Option<i64>)>> {
    with(packet, |feedback| {
        let packets = feedback.packets()?;
        assert_eq!(packets.len(), usize::from(feedback.packet_status_count()));
        let time = |status| match status {
            TwccStatus::Received { micros } => Some(micros),
            _ => None,
        };
        Some(packets.map(|(number, status)| (number, time(status))).collect())
    })
}

/// Base, reference time, and arrivals in microseconds of the sender's clock.
#[track_caller]
fn vector(text: &str, base: u16, reference: i64, expected: &[Option<i64>]) {
    let packet = parse(text);
    let at = |micros: i64| micros - reference * 64_000;
    let expected: Vec<_> =
        (0..).zip(expected).map(|(step, micros)| (base.wrapping_add(step), micros.map(at))).collect();
    assert_eq!(with(&packet, |feedback| i64::from(feedback.reference_time())), reference);
    assert_eq!(arrivals(&packet), Some(expected));
}

#[test]
fn arrivals_are_those_that_were_reported() {
    let ms = |millis: i64| Some(1000 * millis);
    vector("afcd0005010203040a0b0c0d000100010000010020010001", 1, 1, &[ms(64)]);
    let three = [ms(128), ms(138), ms(158)];
    vector("afcd0006010203040a0b0c0d000a0003000002012003002850000003", 10, 2, &three);
    let lost = [ms(320), ms(321), None, ms(322), ms(323), ms(324), ms(325)];
    vector("8fcd0006010203040a0b0c0dfffd000700000502b780000404040404", 65_533, 5, &lost);
    let large = [ms(640), ms(740)];
    vector("afcd0006010203040a0b0c0d0064000200000a03d800000190000003", 100, 10, &large);
    let negative = [ms(650), ms(648), ms(652)];
    vector("afcd0006010203040a0b0c0d00c8000300000a04d90028fff8100002", 200, 10, &negative);
    let limit = [Some(63_750), Some(127_750)];
    vector("afcd0006010203040a0b0c0d0000000200000009d800ff0100000003", 0, 0, &limit);
    vector("afcd0005010203040a0b0c0d00070001ffffff0820011401", 7, -1, &[ms(-59)]);
    let alternating: Vec<_> = (0..14)
        .map(|step| (step % 2 == 0 || step == 13).then_some(192_000 + 500 * i64::from(step)))
        .collect();
    let packet = parse("afcd0007010203040a0b0c0d01f4000e00000307aaab00020202020202010002");
    let decoded: Vec<bool> = arrivals(&packet).unwrap().iter().map(|(_, at)| at.is_some()).collect();
    assert_eq!(decoded, alternating.iter().map(Option::is_some).collect::<Vec<_>>());
}

#[test]
fn runs_of_received_and_lost_packets_are_told_apart() {
    let packet = parse(
        "afcd000b010203040a0b0c0d012c0024000064ff2014000f200100040404040404040404040404040404040404041801",
    );
    let expected = (0..20).map(|step| Some(1000 * step)).chain([None; 15]).chain([Some(25_000)]);
    assert_eq!(arrivals(&packet).unwrap(), (300..).zip(expected).collect::<Vec<_>>());
}

#[test]
fn every_form_of_a_chunk_is_read() {
    use TwccStatus::{NotReceived as Lost, ReceivedUntimed as Untimed};
    let small = TwccStatus::Received { micros: 0 };
    let zeros = |count| vec![0; count];
    let cases: [(u16, &[u8], usize, Vec<TwccStatus>); 8] = [
        (221, &[0x00, 0xdd], 0, vec![Lost; 221]),
        (24, &[0x60, 0x18], 0, vec![Untimed; 24]),
        (8191, &[0x3f, 0xff], 8191, vec![small; 8191]),
        (
            14,
            &[0x9f, 0x1c],
            8,
            [0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0]
                .map(|bit| if bit == 1 { small } else { Lost })
                .to_vec(),
        ),
        (7, &[0xcd, 0x50], 3, vec![Lost, Untimed, small, small, small, Lost, Lost]),
        (7, &[0xd5, 0x55], 7, vec![small; 7]),
        (14, &[0xbf, 0xff], 14, vec![small; 14]),
        (14, &[0x80, 0x00], 0, vec![Lost; 14]),
    ];
    for (count, chunk, deltas, expected) in cases {
        let packet = feedback(count, &[chunk, &zeros(deltas)].concat());
        let statuses = with(&packet, |feedback| {
            feedback.packets().map(|packets| packets.map(|(_, status)| status).collect::<Vec<_>>())
        });
        assert_eq!(statuses, Some(expected), "{chunk:02x?}");
        assert!(Lost != small && small.is_received() && Untimed.is_received() && !Lost.is_received());
    }
}

#[test]
fn symbols_beyond_the_last_packet_say_nothing() {
    // A run of 116 for seven packets, as a peer sends it.
    let packet = parse("afcd0007010203040a0b0c0d0004000710636e0120744c2424100c0c10000003");
    let each = [19, 9, 9, 4, 3, 3, 4].map(|millis| 1000 * millis);
    let sums = each.iter().scan(0, |sum, delta| {
        *sum += delta;
        Some(Some(*sum))
    });
    assert_eq!(arrivals(&packet), Some((4..).zip(sums).collect()));
    let packet = parse("8fcd0007010203040a0b0c0d0174000645b15a40400220041ffe1f9ad000d000");
    let sums = [2_047_500, 4_070_000, 4_122_000, 4_122_000, 4_174_000, 4_174_000];
    assert_eq!(arrivals(&packet), Some((372..).zip(sums.map(Some)).collect()));
}

#[test]
fn feedback_that_ends_before_its_packets_do_is_not_read() {
    let cases: [(u16, &[u8]); 7] = [
        (0, &[0x20, 0x01, 0x00, 0x00]),
        (8, &[0xd5, 0x55]),
        (3, &[0x20, 0x03, 0x00, 0x00]),
        (2, &[0xd8, 0x00, 0x00, 0x00]),
        (1, &[0x20]),
        (1, &[0x00, 0x00, 0x00, 0x00]),
        (65_535, &[0x1f, 0xff]),
    ];
    for (count, rest) in cases {
        assert_eq!(arrivals(&feedback(count, rest)), None, "{count} packets of {rest:02x?}");
    }
    // All that can be said with eight bytes: 65 535 lost packets, and no more than that is read.
    let runs = [0x1f, 0xff].repeat(9);
    assert_eq!(arrivals(&feedback(65_535, &runs)).map(|packets| packets.len()), Some(65_535));
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_the_end_or_not_at_all(
        count in any::<u16>(),
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let packet = feedback(count, &rest);
        if let Some(packets) = arrivals(&packet) {
            prop_assert_eq!(packets.len(), usize::from(count));
        }
    }
}
