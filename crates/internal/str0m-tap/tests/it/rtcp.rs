//! RTCP that str0m has read and our packet crate writes again says what it said.

use std::time::Duration;

use interceptor_core::packet::{NtpTime, ReportBlockData, Rtcp, RtcpBuilder, RtcpPacket};
use interceptor_test::Clock;
use str0m_tap::tap::rtcp::rebuild;

const BLOCK: ReportBlockData = ReportBlockData {
    ssrc: 0x2222,
    fraction_lost: 17,
    cumulative_lost: -3,
    extended_sequence_number: 0x0001_fffe,
    jitter: 90,
    last_sr: 0x1234_5678,
    delay_since_last_sr: 0x9abc,
};

#[test]
fn sender_reports_keep_all_but_a_microsecond_of_their_time() {
    let ntp = NtpTime::from_unix(Duration::new(1_800_000_000, 123_456_789));
    let lost = ReportBlockData { ssrc: 0x3333, cumulative_lost: 0x7f_ffff, ..BLOCK };
    let before = built(|builder| builder.sender_report(0x1111, ntp, 90_000, 7, 8_000, &[BLOCK, lost]));
    let after = again(&before);
    let (Some(Rtcp::SenderReport(was)), Some(Rtcp::SenderReport(is))) =
        (before.packets().next(), after.packets().next())
    else {
        panic!("sender reports");
    };
    assert!(
        is.ntp().difference(was.ntp()).abs() <= (1 << 32) / 1_000_000,
        "{} is not {}",
        is.ntp(),
        was.ntp()
    );
    let rest = |packet: &RtcpPacket| [&packet.as_bytes()[..8], &packet.as_bytes()[16..]].concat();
    assert_eq!(rest(&after), rest(&before));
}

#[test]
fn receiver_reports_keep_every_byte() {
    stays_the_same(|builder| builder.receiver_report(0x1111, &[]));
    stays_the_same(|builder| builder.receiver_report(0x1111, &[BLOCK; 31]));
}

#[test]
fn answers_to_receivers_clocks_keep_every_byte() {
    stays_the_same(|builder| builder.xr_dlrr(0x1111, &[(0x2222, 1, 2), (0x3333, 3, 4)]));
}

#[test]
fn receivers_clocks_keep_all_but_a_microsecond() {
    let ntp = NtpTime::from_unix(Duration::new(1_800_000_000, 987_654_321));
    let before = built(|builder| builder.xr_rrtr(0x1111, ntp));
    let after = again(&before);
    let [was, is] =
        [&before, &after].map(|packet| u64::from_be_bytes(packet.as_bytes()[12..].try_into().unwrap()));
    assert!(is.abs_diff(was) <= (1 << 32) / 1_000_000);
    assert_eq!(after.as_bytes()[..12], before.as_bytes()[..12]);
}

#[test]
fn source_descriptions_keep_every_item() {
    stays_the_same(|builder| builder.sdes_cnames(&[0x1111, 0x2222], "a name"));
    // Two chunks: CNAME and TOOL, the stream's identifier and CNAME.
    let chunks = [
        &[0x82, 202, 0, 8, 0, 0, 0x11, 0x11, 1, 2, b'c', b'n', 6, 3, b'o', b'w', b'n', 0, 0, 0][..],
        &[0, 0, 0x22, 0x22, 12, 1, b'h', 1, 4, b'n', b'a', b'm', b'e', 0, 0, 0],
    ];
    stays_the_same(|builder| builder.raw(&chunks.concat()));
}

#[test]
fn goodbyes_keep_their_sources_and_lose_their_reason() {
    stays_the_same(|builder| builder.bye(&[0x1111, 0x2222], ""));
    let before = built(|builder| builder.bye(&[0x1111], "teardown"));
    assert_eq!(again(&before).as_bytes(), built(|builder| builder.bye(&[0x1111], "")).as_bytes());
}

#[test]
fn nacks_keep_every_byte() {
    stays_the_same(|builder| builder.nack(0x1111, 0x2222, &[65_535, 0, 3, 100]));
}

#[test]
fn requests_for_key_frames_keep_every_byte() {
    stays_the_same(|builder| builder.pli(0x1111, 0x2222));
    stays_the_same(|builder| builder.fir(0x1111, &[(0x2222, 1), (0x3333, 255)]));
}

#[test]
fn estimates_keep_every_byte() {
    for bits_per_second in [1, 300_000, 2_500_000, u64::MAX] {
        stays_the_same(|builder| builder.remb(0x1111, bits_per_second, &[0x2222, 0x3333]));
    }
}

#[test]
fn an_estimate_of_0_is_what_str0m_takes_it_for() {
    let before = built(|builder| builder.remb(0x1111, 0, &[0x2222]));
    let expected = built(|builder| builder.remb(0x1111, 1 << 23, &[0x2222]));
    assert_eq!(again(&before).as_bytes(), expected.as_bytes());
}

#[test]
fn feedback_of_the_application_keeps_every_byte() {
    stays_the_same(|builder| {
        builder
            .raw(&[0x8f, 206, 0, 4, 0, 0, 0x11, 0x11, 0, 0, 0x22, 0x22, b'o', b'w', b'n', b'!', 1, 2, 3, 4])
    });
}

#[test]
fn transport_wide_feedback_keeps_every_arrival() {
    // A run of 9 small deltas; a vector of one bit each; one of two bits with a large and a negative delta.
    let run = feedback(100, 9, &[0x20, 9], &[4; 9]);
    let single = feedback(65_530, 14, &[0b1010_1010, 0b1010_1011], &[0, 1, 2, 3, 4, 5, 6, 255]);
    let double = feedback(0, 7, &[0b1101_1000, 0b0010_0001], &[9, 0x01, 0x00, 0xff, 0xf0, 8]);
    let missing = feedback(7, 100, &[0x00, 99, 0x20, 1], &[1]);
    for message in [run, single, double, missing] {
        let before = built(|builder| builder.raw(&message));
        assert_eq!(arrivals(&again(&before)), arrivals(&before));
    }
}

/// From the bytes to what str0m reads in them, and back.
fn again(packet: &RtcpPacket) -> RtcpPacket {
    let message = str0m::rtp::rtcp::Rtcp::try_from(&packet.as_bytes()[..]).expect("str0m reads it");
    let rebuilt = rebuild(message, Clock::new().now()).expect("it can be said");
    assert!(!rebuilt.shortened);
    rebuilt.packet
}

fn stays_the_same(build: impl Fn(&mut RtcpBuilder) -> &mut RtcpBuilder) {
    let packet = built(build);
    assert_eq!(again(&packet).as_bytes(), packet.as_bytes());
}

fn built(build: impl Fn(&mut RtcpBuilder) -> &mut RtcpBuilder) -> RtcpPacket {
    build(&mut RtcpPacket::builder()).build().unwrap()
}

/// A transport-wide message, padded to whole words.
fn feedback(base: u16, count: u16, chunks: &[u8], deltas: &[u8]) -> Vec<u8> {
    let mut message = vec![0x8f, 205, 0, 0, 0, 0, 0x11, 0x11, 0, 0, 0x22, 0x22];
    message.extend([base, count].map(u16::to_be_bytes).as_flattened());
    message.extend([0, 1, 2, 77]);
    message.extend(chunks);
    message.extend(deltas);
    message.resize(message.len().next_multiple_of(4), 0);
    message[3] = (message.len() / 4 - 1) as u8;
    message
}

/// Everything that a transport-wide message says.
fn arrivals(packet: &RtcpPacket) -> String {
    let Some(Rtcp::Twcc(twcc)) = packet.packets().next() else { panic!("transport-wide feedback") };
    let head = (
        twcc.base_sequence_number(),
        twcc.packet_status_count(),
        twcc.reference_time(),
        twcc.feedback_count(),
    );
    let packets: Vec<_> = twcc.packets().expect("all packets are told of").collect();
    assert!(!packets.is_empty());
    format!("{head:?} {packets:?} {:?}", packet.packets().next().and_then(|packet| packet.sender_ssrc()))
}
