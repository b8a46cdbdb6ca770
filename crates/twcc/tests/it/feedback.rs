//! What feedback says.

use interceptor_core::packet::{Recovery, Rtcp};
use interceptor_twcc::TwccOptions;

use crate::kit::{Bench, MEDIA, Report, SENDER, micros, ms, numbered};

/// A chain that has reported the numbers before `next` a moment ago.
fn reported_up_to(next: u16) -> Bench {
    let mut bench = Bench::receiver(TwccOptions::default());
    for number in 0..next {
        bench.read(number).run(ms(1));
    }
    bench.run(ms(300)).wire();
    bench
}

#[test]
fn feedback_is_about_all_numbers_once_without_a_gap() {
    let mut bench = Bench::receiver(TwccOptions::default());
    for number in (0..2000_u16).filter(|number| number % 7 != 3) {
        bench.read(number.wrapping_add(65_000)).run(ms(3));
    }
    let reports = bench.run(ms(300)).reports();
    assert!(reports.len() > 50);
    assert!(reports.windows(2).all(|pair| pair[1].base == pair[0].end()), "contiguous");
    assert!(reports.windows(2).all(|pair| pair[1].feedback_count == pair[0].feedback_count.wrapping_add(1)));
    let missing: Vec<u16> = reports.iter().flat_map(Report::missing).collect();
    let expected = (0..1999_u16).filter(|number| number % 7 == 3).map(|number| number.wrapping_add(65_000));
    assert_eq!(missing, expected.collect::<Vec<_>>());
    bench.assert_book_closes();
    assert_eq!(bench.pending(), 0);
}

/// A thousand packets 333 µs apart: rounding must not add up.
#[test]
fn times_do_not_drift() {
    let mut bench = Bench::receiver(TwccOptions::default());
    for step in 0..1000_u16 {
        bench.read_at(step, micros(333 * u64::from(step)));
    }
    let reports = bench.run(ms(1)).reports();
    for (number, at) in reports.iter().flat_map(|report| &report.packets) {
        let error = at.unwrap() - 333 * i64::from(*number);
        assert!(error.abs() <= 125, "{number}: {error} µs");
    }
}

#[test]
fn a_packet_that_comes_late_is_reported_again_with_what_is_between_late_ones_only() {
    let mut bench = Bench::receiver(TwccOptions::default());
    for number in (0..100).filter(|number| ![20, 23, 90].contains(number)) {
        bench.read(number).run(ms(1));
    }
    bench.run(ms(300)).wire();
    bench.read(23).read(20).read(100).run(ms(250));
    let reports = bench.reports();
    let packets: Vec<_> =
        reports.iter().map(|report| (report.base, report.received(), report.missing())).collect();
    let expected = [(20, vec![20, 21, 22, 23], vec![]), (100, vec![100], vec![])];
    assert_eq!(packets, expected);
    assert_eq!(reports[1].feedback_count, reports[0].feedback_count.wrapping_add(1));
    assert_eq!(bench.counters().arrivals_late, 2);
    bench.assert_book_closes();
}

#[test]
fn a_packet_that_comes_too_late_is_not_reported() {
    let mut bench = Bench::receiver(TwccOptions::default());
    for number in (0..400).filter(|number| ![200, 250, 390].contains(number)) {
        bench.read(number).run(ms(1));
    }
    bench.run(ms(300)).wire();
    bench.read(250).run(ms(250));
    assert_eq!(bench.reports(), [], "more than 128 numbers behind");
    bench.pass(ms(500)).read(390).run(ms(250));
    assert_eq!(bench.reports(), [], "more than 500 ms behind its neighbour");
    assert_eq!((bench.counters().too_late, bench.counters().arrivals_late), (2, 0));
    bench.assert_book_closes();
}

#[test]
fn packets_from_before_the_first_are_reported_if_nothing_has_been() {
    let mut bench = Bench::receiver(TwccOptions::default());
    bench.read(5).read(3).read(4).run(ms(1));
    assert_eq!(bench.reports()[0].received(), [3, 4, 5]);
    bench.assert_book_closes();
}

#[test]
fn of_copies_the_first_arrival_counts() {
    let mut bench = Bench::receiver(TwccOptions::default());
    bench.read_at(1, ms(10)).read_at(2, ms(11)).read_at(1, ms(40)).run(ms(1));
    assert_eq!(bench.reports()[0].packets, [(1, Some(10_000)), (2, Some(11_000))]);
    assert_eq!(bench.counters().duplicates, 1);
}

#[test]
fn what_does_not_fit_a_message_goes_into_further_ones() {
    for (options, mtu, most) in [
        (TwccOptions::default(), 1200, 1200),
        (TwccOptions::default(), 600, 600),
        (TwccOptions::default().with_max_feedback_bytes(128), 1200, 128),
    ] {
        let mut bench = Bench::new(options, |config| config.with_mtu(mtu));
        bench.chain.bind_remote(crate::kit::video(), bench.now).unwrap();
        for number in 0..4000_u16 {
            // Large deltas, and a loss now and then.
            if number % 11 != 4 {
                bench.read_at(number, ms(100 * u64::from(number)));
            }
        }
        let reports = bench.run(ms(1)).reports();
        assert!(reports.len() > 4000 * 2 / most, "{}", reports.len());
        assert!(reports.iter().all(|report| report.bytes <= most), "{most}");
        assert!(reports[..reports.len() - 1].iter().all(|report| report.bytes + 16 >= most), "well filled");
        assert!(reports.windows(2).all(|pair| pair[1].base == pair[0].end()));
        assert!(
            reports.windows(2).all(|pair| pair[1].feedback_count == pair[0].feedback_count.wrapping_add(1))
        );
        let all: usize = reports.iter().map(|report| report.packets.len()).sum();
        assert_eq!(all, 4000);
        for (number, at) in reports.iter().flat_map(|report| &report.packets) {
            assert_eq!(*at, (number % 11 != 4).then_some(100_000 * i64::from(*number)));
        }
        bench.assert_book_closes();
    }
}

/// 8191.75 ms forth and 8192 ms back are the last that fit.
#[test]
fn a_delta_that_does_not_fit_begins_a_message() {
    let cases = [(8_191_750, 1), (8_192_000, 2), (-8_192_000, 1), (-8_192_250, 2)];
    for (delta, messages) in cases {
        let mut bench = Bench::receiver(TwccOptions::default());
        let first = 20_000_000_i64 / 64_000 * 64_000;
        bench.pass(ms(60_000));
        for (number, at) in [(1, first), (2, first + delta)] {
            bench.read_at(number, micros(at as u64));
        }
        let reports = bench.run(ms(1)).reports();
        assert_eq!(reports.len(), messages, "{delta}");
        let packets: Vec<_> = reports.iter().flat_map(|report| report.packets.clone()).collect();
        assert_eq!(packets, [(1, Some(first)), (2, Some(first + delta))]);
    }
}

#[test]
fn a_gap_longer_than_a_run_takes_several_chunks() {
    let mut bench = Bench::receiver(TwccOptions::default());
    bench.read(0).read(30_000).run(ms(1));
    let reports = bench.reports();
    assert_eq!(reports.len(), 1);
    assert_eq!((reports[0].packets.len(), reports[0].received()), (30_001, vec![0, 30_000]));
    assert!(reports[0].bytes <= 36, "{}", reports[0].bytes);
}

#[test]
fn what_was_restored_or_passes_a_second_time_did_not_arrive_now() {
    let mut bench = reported_up_to(1);
    let mut restored = numbered(1);
    restored.info_mut().recovered_by = Some(Recovery::Rtx);
    let mut again = numbered(2);
    again.info_mut().seen_unbound = true;
    bench.read_packet(restored).read_packet(again).run(ms(300));
    assert_eq!((bench.reports(), bench.counters().arrivals), (vec![], 1));
}

#[test]
fn feedback_names_the_media_stream_of_the_last_packet() {
    let mut bench = reported_up_to(1);
    bench.chain.bind_remote(interceptor_test::stream_info::video_with_rtx(7, 8), bench.now).unwrap();
    bench.read_packet(interceptor_test::rtp(8).ext(5, &[0, 1]).build()).run(ms(300));
    assert_eq!(bench.reports()[0].media_ssrc, 7);
    bench.read(2).run(ms(300));
    assert_eq!(bench.reports()[0].media_ssrc, MEDIA);
}

/// RFC 3550 §6.1, RFC 5506: the report of who stands farther from the wire cannot be put before it any more.
#[test]
fn without_reduced_size_feedback_stands_behind_an_empty_report_and_a_name() {
    let mut bench = Bench::new(TwccOptions::default(), |config| {
        config.with_reduced_size_rtcp(false).with_cname("somebody").with_mtu(548)
    });
    bench.chain.bind_remote(crate::kit::video(), bench.now).unwrap();
    for number in 0..2000 {
        bench.read_at(number, ms(100 * u64::from(number)));
    }
    let wire = bench.run(ms(1)).wire();
    assert!(wire.len() > 5);
    for packet in &wire {
        assert!(packet.is_compound() && packet.len() <= 548 && packet.malformed() == 0);
        let kinds: Vec<u8> = packet.packets().map(|view| view.packet_type()).collect();
        assert_eq!(kinds, [201, 202, 205]);
        let Some(Rtcp::Sdes(sdes)) = packet.packets().nth(1) else { panic!("a name") };
        assert!(sdes.cnames().eq([(SENDER, &b"somebody"[..])]));
    }
    let reported: usize = wire.iter().flat_map(Report::all).map(|report| report.packets.len()).sum();
    assert_eq!(reported, 2000);
    let bytes: usize = wire.iter().map(|packet| packet.len()).sum();
    assert_eq!(bench.counters().feedback_bytes, bytes as u64);
}

#[test]
fn each_path_has_feedback_of_its_own() {
    let mut bench = Bench::receiver(TwccOptions::default());
    for (number, path) in [(1, 0), (1, 1), (2, 0), (3, 1)] {
        let mut packet = numbered(number);
        packet.info_mut().path = path;
        bench.read_packet(packet);
    }
    let wire = bench.run(ms(1)).wire();
    let told: Vec<_> =
        wire.iter().map(|packet| (packet.info().path, Report::all(packet)[0].received())).collect();
    assert_eq!(told, [(0, vec![1, 2]), (1, vec![1, 3])]);
    assert_eq!(bench.counters().duplicates, 0);
}
