//! Messages whose meaning is known, byte for byte.

use crate::kit::{Bench, MEDIA, PEER, ccfb_video, ms};
use interceptor_congestion::Outcome;
use interceptor_core::packet::Ecn;
use interceptor_test::rtp;

const LOST: i64 = -1;
const UNTIMED: i64 = -3;

/// What transport-wide feedback says of packets of which all were sent, by the low 16 bits of their numbers and in microseconds after the
/// first arrival.
fn twcc(first: u16, count: u16, bytes: &str) -> Vec<(u16, i64)> {
    let mut bench = Bench::sender();
    bench.send((0..count).map(|offset| first.wrapping_add(offset))).run(ms(50)).read(bytes);
    bench.told_once().into_iter().map(|(index, at)| (index as u16, at)).collect()
}

#[test]
fn transport_wide_feedback_means_what_it_says() {
    assert_eq!(twcc(1, 1, "afcd0005010203040a0b0c0d000100010000010020010001"), [(1, 0)]);
    assert_eq!(
        twcc(10, 3, "afcd0006010203040a0b0c0d000a0003000002012003002850000003"),
        [(10, 0), (11, 10_000), (12, 30_000)]
    );
    assert_eq!(
        twcc(65_533, 7, "8fcd0006010203040a0b0c0dfffd000700000502b780000404040404"),
        [(65_533, 0), (65_534, 1000), (65_535, LOST), (0, 2000), (1, 3000), (2, 4000), (3, 5000)]
    );
    assert_eq!(
        twcc(100, 2, "afcd0006010203040a0b0c0d0064000200000a03d800000190000003"),
        [(100, 0), (101, 100_000)]
    );
    assert_eq!(
        twcc(200, 3, "afcd0006010203040a0b0c0d00c8000300000a04d90028fff8100002"),
        [(200, 0), (201, -2000), (202, 2000)]
    );
    assert_eq!(twcc(0, 2, "afcd0006010203040a0b0c0d0000000200000009d800ff0100000003"), [(0, 0), (1, 64_000)]);
    assert_eq!(twcc(7, 1, "afcd0005010203040a0b0c0d00070001ffffff0820011401"), [(7, 0)]);
}

#[test]
fn runs_and_vectors_of_transport_wide_feedback_mean_what_they_say() {
    let told = twcc(
        300,
        36,
        "afcd000b010203040a0b0c0d012c0024000064ff2014000f200100040404040404040404040404040404040404041801",
    );
    let expected: Vec<_> = (0..36)
        .map(|place: u16| match place {
            0..20 => (300 + place, i64::from(place) * 1000),
            20..35 => (300 + place, LOST),
            _ => (335, 25_000),
        })
        .collect();
    assert_eq!(told, expected);
    let told = twcc(500, 14, "afcd0007010203040a0b0c0d01f4000e00000307aaab00020202020202010002");
    let received: Vec<_> = told.iter().filter(|(_, at)| *at != LOST).map(|(number, _)| *number).collect();
    assert_eq!(received, [500, 502, 504, 506, 508, 510, 512, 513]);
}

#[test]
fn a_clock_before_its_origin_and_one_after_agree() {
    // Reference times of -1 and 0: 5 ms before the origin, and 10 ms after that.
    let mut bench = Bench::sender();
    bench.send(7..9).run(ms(50)).read("afcd0005010203040a0b0c0d00070001ffffff0820011401");
    bench.read("afcd0005010203040a0b0c0d000800010000000920011401");
    let told: Vec<_> = bench.told().iter().flat_map(crate::kit::Told::short).collect();
    assert_eq!(told, [(7, 0), (8, 64_000)]);
}

/// What RFC 8888 says of packets of `MEDIA`'s or others' that were sent, with the mark that each came with.
fn ccfb(sent: &[(u32, u16)], bytes: &str) -> Vec<(u64, i64, Option<Ecn>)> {
    let mut bench = Bench::sending([ccfb_video(MEDIA), ccfb_video(1), ccfb_video(2)]);
    for (ssrc, seq) in sent {
        bench.write(rtp(*ssrc).seq(*seq).payload_len(500).build()).run(ms(1));
    }
    bench.run(ms(50)).read(bytes);
    let told = bench.told();
    assert_eq!(told.len(), 1);
    let ecn = |outcome| if let Outcome::Received { ecn, .. } = outcome { Some(ecn) } else { None };
    let marks = told[0].packets.iter().map(|packet| ecn(packet.outcome));
    told[0].short().into_iter().zip(marks).map(|((index, at), ecn)| (index, at, ecn)).collect()
}

#[test]
fn congestion_control_feedback_means_what_it_says() {
    let none = Some(Ecn::NotEct);
    let sent = [65_534, 65_535, 0, 1].map(|seq| (MEDIA, seq));
    // Nothing left ECN-capable, so marks say nothing.
    assert_eq!(
        ccfb(&sent, "8bcd0006010203040a0b0c0dfffe0004c2000000e0009ffe12345678"),
        [(0, 0, none), (1, LOST, None), (2, 500_000, none), (3, UNTIMED, none)]
    );
    let sent = [0, 1, 2].map(|seq| (MEDIA, seq));
    assert_eq!(
        ccfb(&sent, "8bcd0006010203040a0b0c0d00000003a0019fff9ffd0000ffffffff"),
        [(0, 0, none), (1, UNTIMED, none), (2, -7_996_094, none)]
    );
    assert_eq!(
        ccfb(
            &[(2, 20), (1, 10), (2, 21)],
            "8bcd00080102030400000001000a00018100000000000002001400020000808000010000"
        ),
        [(0, LOST, None), (1, 0, none), (2, 125_000, none)]
    );
}

#[test]
fn feedback_about_no_stream_is_no_news() {
    let mut bench = Bench::sending([ccfb_video(MEDIA)]);
    bench.write(rtp(MEDIA).seq(1).build()).read("8bcd00020102030400000001");
    assert_eq!(bench.told().len(), 0);
    assert_eq!(bench.counters().feedback_without_news, 1);
    assert_eq!(PEER, 0x0102_0304);
}
