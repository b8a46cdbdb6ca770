//! Times that files say in unusual ways, and times that nobody knows.

use interceptor_inspect::{Problem, Summary};

use crate::call::{MEDIA, media, rtx};
use crate::capture::{ETHERNET, Record, bytes, pcap, problem, run};
use crate::wrapped::{SSRC, ethernet, ipv4, record, rtp, udp};

fn packet(seq: u16) -> Vec<u8> {
    ethernet(0x0800, &ipv4(17, &udp(40_000, 5004, &rtp(SSRC, seq))))
}

fn block(big: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let word = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
    let len = (body.len() + padding.len() + 12) as u32;
    [&word(kind)[..], &word(len), body, &padding, &word(len)].concat()
}

/// A section whose one interface has these options.
fn section(big: bool, options: &[u8]) -> Vec<u8> {
    let word = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let half = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let header = [&word(0x1a2b_3c4d)[..], &half(1), &half(0), &[0xff; 8]].concat();
    let interface = [&half(1)[..], &[0, 0], &word(0), options].concat();
    [block(big, 0x0a0d_0d0a, &header), block(big, 1, &interface)].concat()
}

fn option(big: bool, number: u16, value: &[u8]) -> Vec<u8> {
    let half = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let padding = vec![0; value.len().next_multiple_of(4) - value.len()];
    [&half(number)[..], &half(value.len() as u16), value, &padding].concat()
}

fn packet_at(big: bool, units: u64, frame: &[u8]) -> Vec<u8> {
    let word = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let len = frame.len() as u32;
    let fields = [0, (units >> 32) as u32, units as u32, len, len].map(word).concat();
    block(big, 6, &[&fields, frame].concat())
}

/// A hundred packets, 20 ms apart, on an interface with these options and so many units a second.
fn file(big: bool, options: &[u8], second: u128) -> Vec<u8> {
    let mut file = section(big, options);
    for seq in 0..100_u16 {
        let units = (u128::from(seq) * 20 + 1000) * second / 1000;
        file.extend(packet_at(big, units as u64, &packet(seq)));
    }
    file
}

fn assert_steady(summary: &Summary, step: f64, jitter: f64) {
    assert_eq!(summary.problems, []);
    let stream = &summary.streams[0];
    assert_eq!((summary.streams.len(), stream.packets, stream.lost), (1, 100, 0));
    let (spacing, highest) = (stream.delta_ms.unwrap().mean, stream.jitter_ms.unwrap().max);
    assert!((spacing - 20.0).abs() <= step && highest <= jitter, "{stream:?}");
    assert_eq!(stream.start_seconds, Some(0.0));
    assert!((stream.end_seconds.unwrap() - 1.98).abs() <= 1e-3 + step / 1000.0, "{stream:?}");
}

#[test]
fn every_resolution_of_a_pcapng_interface_gives_the_same_times() {
    for big in [false, true] {
        for exponent in 3..=18 {
            let resolution = option(big, 9, &[exponent]);
            assert_steady(&run(&file(big, &resolution, 10_u128.pow(exponent.into()))), 1e-6, 1e-3);
        }
        for exponent in [10, 20, 30, 32, 40, 60] {
            let resolution = option(big, 9, &[0x80 | exponent]);
            let unit = 1000.0 / (1_u64 << exponent) as f64;
            assert_steady(&run(&file(big, &resolution, 1 << exponent)), unit + 1e-5, 2.0 * unit + 1e-3);
        }
    }
    for name in ["field/tsresol_10_10.pcapng", "field/tsresol_2_30.pcapng"] {
        let summary = run(&bytes(name));
        assert_steady(&summary, 1e-5, 1e-3);
    }
}

#[test]
fn an_option_that_cannot_be_read_costs_that_option_only() {
    let nanos = option(false, 9, &[9]);
    let latin1 = option(false, 2, b"\xdcbertragung \xff");
    let odd_speed = option(false, 8, &[1, 2, 3]);
    for options in
        [[&latin1[..], &nanos].concat(), [&nanos[..], &latin1].concat(), [&odd_speed[..], &nanos].concat()]
    {
        assert_steady(&run(&file(false, &options, 1_000_000_000)), 1e-6, 1e-3);
    }
}

#[test]
fn each_interface_has_its_own_resolution_and_offset() {
    let mut file = section(false, &option(false, 9, &[9]));
    let offset = [option(false, 9, &[3]), option(false, 14, &1000_i64.to_le_bytes())].concat();
    file.extend(block(false, 1, &[&[1, 0, 0, 0, 0, 0, 0, 0][..], &offset].concat()));
    for seq in 0..100_u64 {
        let millis = 2_000_000 + 20 * seq;
        let mut packet = match seq % 2 {
            0 => packet_at(false, millis * 1_000_000, &packet(seq as u16)),
            _ => packet_at(false, millis - 1_000_000, &packet(seq as u16)),
        };
        packet[8] = (seq % 2) as u8;
        file.extend(packet);
    }
    assert_steady(&run(&file), 1e-6, 1e-3);
}

/// Nothing that is made of times, and a problem that says so; counts stay.
fn assert_timeless(summary: &Summary, packets: u64) {
    let stream = &summary.streams[0];
    assert_eq!((summary.streams.len(), stream.packets, stream.lost), (1, packets, 0));
    assert_eq!((stream.start_seconds, stream.end_seconds), (None, None));
    assert!(stream.jitter_ms.is_none() && stream.delta_ms.is_none(), "{stream:?}");
    assert!(stream.skew_ms.is_none() && stream.drift_ppm.is_none() && stream.rtt_ms.is_none(), "{stream:?}");
    assert!(summary.problems.contains(&Problem::UnknownTimes { packets }), "{:?}", summary.problems);
    assert!(problem(summary, "times").starts_with("when 100 packets came is not known"), "{summary:?}");
}

#[test]
fn a_resolution_that_cannot_be_read_leaves_no_times() {
    let too_long = [&option(false, 2, b"eth0")[..], &[9, 0, 200, 0, 9, 0, 0, 0]].concat();
    for options in [option(false, 9, &[9, 9]), option(false, 9, &[]), option(false, 14, &[1; 4]), too_long] {
        let summary = run(&file(false, &options, 1_000_000));
        assert_timeless(&summary, 100);
        assert!(summary.damaged && !problem(&summary, "damaged").is_empty());
    }
}

/// RFC-less but common: simple packet blocks have no time at all.
#[test]
fn simple_packets_have_no_times() {
    let mut file = section(false, &[]);
    for seq in 0..100 {
        let frame = packet(seq);
        file.extend(block(false, 3, &[&(frame.len() as u32).to_le_bytes()[..], &frame].concat()));
    }
    let summary = run(&file);
    assert_timeless(&summary, 100);
    assert!(!summary.damaged);
}

/// What came back did so, but nobody knows how long it took; nor how far timestamps jump.
#[test]
fn repair_without_times_has_no_time_to_recover() {
    let mut file = section(false, &[]);
    for number in 0..100 {
        let packets = match number % 20 {
            5 => continue,
            // With a retransmission of what was lost two packets before.
            7 => vec![media(0, number), rtx(number as u16, 0, number - 2)],
            _ => vec![media(0, number)],
        };
        for mut packet in packets {
            if number > 50 {
                packet[4] ^= 0x80;
            }
            let frame = ethernet(0x0800, &ipv4(17, &udp(40_000, 5004, &packet)));
            file.extend(block(false, 3, &[&(frame.len() as u32).to_le_bytes()[..], &frame].concat()));
        }
    }
    let summary = run(&file);
    let media = summary.streams.iter().find(|stream| stream.ssrc == MEDIA).unwrap();
    let repair = media.repair.unwrap();
    assert_eq!((repair.by_rtx, repair.missing, repair.recovery_ms), (5, 0, None), "{summary:?}");
    assert_eq!((media.timestamp_jumps.count, media.drift_error_ppm), (0, None));
    assert_eq!(problem(&summary, "timestamp-jumps"), "");
}

/// A capture on two interfaces, one of which is described badly: the other's figures stay.
#[test]
fn times_are_missing_where_they_are_unknown_only() {
    let mut file = section(false, &option(false, 9, &[9, 9]));
    file.extend(block(false, 1, &[1, 0, 0, 0, 0, 0, 0, 0]));
    let other = |seq| ethernet(0x0800, &ipv4(17, &udp(40_000, 6000, &rtp(9, seq))));
    for seq in 0..100 {
        file.extend(packet_at(false, 77, &packet(seq)));
        let mut packet = packet_at(false, u64::from(seq) * 20_000, &other(seq));
        packet[8] = 1;
        file.extend(packet);
    }
    let summary = run(&file);
    let stream = |ssrc| summary.streams.iter().find(|stream| stream.ssrc == ssrc).unwrap();
    assert!(
        (stream(9).delta_ms.unwrap().mean - 20.0).abs() < 1e-6 && stream(9).jitter_ms.unwrap().max == 0.0
    );
    assert_eq!((stream(SSRC).packets, stream(SSRC).delta_ms), (100, None));
}

/// A pcap file whose times were rounded or added to: the fraction of a second is one, or nearly two.
#[test]
fn a_fraction_of_a_second_and_more_carries() {
    for nano in [false, true] {
        for excess in [0, 1, 999_999] {
            let rounded = |record: Record| {
                let carried = record.seconds % 2 == 1 && record.micros == excess / 20_000 * 20_000;
                if carried {
                    Record { seconds: record.seconds - 1, micros: record.micros + 1_000_000, ..record }
                } else {
                    record
                }
            };
            let records: Vec<Record> = (0..100).map(|seq| rounded(record(seq, packet(seq as u16)))).collect();
            assert!(records.iter().any(|record| record.micros >= 1_000_000));
            let summary = run(&pcap(ETHERNET, false, nano, &records));
            assert_steady(&summary, 1e-6, 1e-3);
            assert!(!summary.damaged);
        }
    }
    let summary = run(&bytes("field/microseconds_1000000"));
    assert_eq!((summary.streams[0].packets, summary.streams[0].lost, summary.damaged), (100, 0, false));
}

/// Two seconds in a fraction are none that any program writes: damage.
#[test]
fn a_fraction_of_two_seconds_is_damage() {
    let mut records: Vec<Record> = (0..100).map(|seq| record(seq, packet(seq as u16))).collect();
    records[50].micros = 2_000_000;
    let summary = run(&pcap(ETHERNET, false, false, &records));
    assert_eq!((summary.packets, summary.damaged), (99, true));
}
