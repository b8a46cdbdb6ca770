//! Reports byte by byte (RFC 8888 §3.1).

use std::time::{Duration, Instant};

use interceptor_core::packet::{Ecn, NtpTime, RtpPacket};
use interceptor_rfc8888::Rfc8888Options;
use interceptor_test::{hex, rtp};

use crate::kit::{Bench, MEDIA, ms, stream};

/// A chain whose clock shows this report timestamp `after` its start.
fn bench(report_timestamp: u32, after: Duration) -> Bench {
    let ntp = NtpTime::from_bits(0xec00 << 48 | u64::from(report_timestamp) << 16 | 0x8000);
    let ntp = NtpTime::from_unix(ntp.to_unix() - after);
    Bench::new(Rfc8888Options::default(), |mut config| {
        config.ntp = ntp;
        config
    })
}

fn packet(ssrc: u32, seq: u16, arrival: Instant, ecn: Ecn) -> RtpPacket {
    let mut packet = rtp(ssrc).seq(seq).build();
    (packet.info_mut().arrival, packet.info_mut().ecn) = (Some(arrival), Some(ecn));
    packet
}

#[track_caller]
fn assert_report(bench: &mut Bench, expected: &str) {
    bench.run(ms(0));
    let wire = bench.wire();
    assert_eq!(wire.len(), 1);
    assert_eq!(wire[0].as_bytes(), &hex(expected));
}

#[test]
fn over_the_wrap_with_marks_a_loss_and_an_arrival_too_long_ago() {
    let mut bench = bench(0x1234_5678, ms(20_000));
    bench.bind(stream(MEDIA));
    let end = bench.start + ms(20_000);
    let before = |millis| end - ms(millis);
    bench.read_packet(packet(MEDIA, 65_534, before(500), Ecn::Ect0));
    bench.now = end;
    bench.read_packet(packet(MEDIA, 0, end, Ecn::Ce));
    bench.read_packet(packet(MEDIA, 1, before(10_000), Ecn::NotEct));
    assert_report(&mut bench, "8bcd0006 01020304 0a0b0c0d fffe0004 c2000000 e0009ffe 12345678");
}

#[test]
fn a_block_for_each_ssrc_with_padding() {
    let mut bench = bench(0x0001_0000, ms(1000));
    bench.bind(stream(1).with_rtx(99, 97));
    bench.bind(stream(2));
    let end = bench.start + ms(1000);
    bench.now = end;
    bench.read_packet(packet(2, 20, end, Ecn::NotEct));
    bench.read_packet(packet(2, 22, end - ms(125), Ecn::NotEct));
    bench.read_packet(packet(1, 10, end - ms(250), Ecn::NotEct));
    bench.pass(ms(25));
    let wire = "8bcd0009 01020304 00000002 00140003 80190000 80990000 00000001 000a0001 81190000 00010666";
    assert_report(&mut bench, wire);
}

#[test]
fn an_arrival_after_the_report_has_no_time() {
    let mut bench = bench(0xffff_ffff, ms(1000));
    bench.bind(stream(MEDIA));
    bench.now = bench.start + ms(1000);
    let mut early = packet(MEDIA, 0, bench.now + ms(30), Ecn::Ect1);
    early.set_marker(true);
    bench.read_packet(early);
    assert_report(&mut bench, "8bcd0005 01020304 0a0b0c0d 00000001 bfff0000 ffffffff");
}
