//! Losses, late packets, wraps, probation: what counts, and how.

use std::time::Duration;

use super::Stream;
use crate::rfc3550::{
    Arrival, Interval, MAX_MISORDER, MIN_SEQUENTIAL, Mark, SourceState, clamp_cumulative, fraction_lost,
};

/// Numbers of a line, one after the other.
fn stream(numbers: &[i64]) -> Stream {
    let mut stream = Stream::new(50, 8000);
    for (index, number) in (0..).zip(numbers) {
        stream.receive_with(*number, index);
    }
    stream
}

#[test]
fn counts_loss_reordering_and_wraps() {
    let case = |numbers: &[i64]| {
        let source = stream(numbers).source;
        (source.extended_highest(), source.cumulative_lost(), source.since(Mark::default()).fraction())
    };
    assert_eq!(case(&[]), (0, 0, 0));
    assert_eq!(case(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), (9, 0, 0));
    assert_eq!(case(&[1, 3]), (3, 1, 85));
    assert_eq!(case(&[65_535, 65_537]), (0x1_0001, 1, 85));
    assert_eq!(case(&[1, 3, 2, 4]), (4, 0, 0));
    // Before the first, so not expected, but received.
    assert_eq!(case(&[65_535, 65_536, 65_534]), (0x1_0000, -1, 0));
    assert_eq!(case(&[5, 5, 5, 6]), (6, -2, 0));
}

#[test]
fn a_late_packet_takes_back_an_earlier_loss() {
    let mut stream = stream(&[10, 12]);
    let mark = stream.source.mark();
    assert_eq!(stream.source.since(Mark::default()), Interval { expected: 3, received: 2 });
    assert_eq!(stream.receive_with(11, 3), Arrival::Late);
    let since = stream.source.since(mark);
    assert_eq!((stream.source.cumulative_lost(), since), (0, Interval { expected: 0, received: 1 }));
    assert_eq!((since.lost(), since.fraction()), (-1, 0));
}

#[test]
fn what_is_known_to_be_missing_is_late_however_late_and_never_a_restart() {
    // Two in a row, 700 packets late, over a wrap of the numbers.
    let mut stream = Stream::new(40, 90_000).from(65_000);
    stream.run(0..300);
    stream.run(302..1002);
    assert_eq!(stream.sums(), (1002, 1000, 2));
    assert_eq!(stream.receive_with(300, 1002), Arrival::Late);
    assert_eq!(stream.receive_with(301, 1002), Arrival::Late);
    assert_eq!(stream.sums(), (1002, 1002, 0));
    assert_eq!((stream.source.extended_highest(), stream.source.restarts()), (66_001, 0));
    stream.run(1002..1100);
    assert_eq!(stream.sums(), (1100, 1100, 0));
}

#[test]
fn a_window_of_4096_numbers_is_known() {
    let mut stream = Stream::new(3000, 90_000);
    stream.run(0..1);
    stream.run(3..4099);
    // 4095 and 4096 behind the newest.
    assert_eq!(stream.receive_with(3, 4099), Arrival::Duplicate);
    assert_eq!(stream.receive_with(2, 4099), Arrival::Stray);
    assert_eq!(stream.sums(), (4099, 4098, 1));
    let mut stream = Stream::new(3000, 90_000);
    stream.run(0..1);
    stream.run(3..4098);
    assert_eq!(stream.receive_with(2, 4098), Arrival::Late);
    assert_eq!(stream.receive_with(1, 4098), Arrival::Stray);
}

#[test]
fn before_the_first_two_seconds_are_late() {
    let late = |rate: u32, packets: i64, behind: i64| {
        let mut stream = Stream::new(rate, 90_000).from(9000);
        stream.run(0..packets);
        stream.receive_with(packets - 1 - behind, packets)
    };
    let misorder = i64::from(MAX_MISORDER);
    // At least what RFC 3550 has, for slow streams and for those whose rate is not known yet.
    for (rate, packets) in [(10, 20), (50, 60), (1000, 20)] {
        assert_eq!(late(rate, packets, misorder - 1), Arrival::Late, "{rate}");
        assert_eq!(late(rate, packets, misorder), Arrival::Stray, "{rate}");
    }
    // As many as the stream sends in that time, as nearly as 1/1024 s tells.
    assert_eq!(late(500, 800, 990), Arrival::Late);
    assert_eq!(late(500, 800, 1010), Arrival::Stray);
    // And at most the window.
    assert_eq!(late(20_000, 20_000, 19_999), Arrival::Stray);
    assert_eq!(late(20_000, 12_000, 4095), Arrival::Duplicate);
    assert_eq!(late(5000, 4000, 4095), Arrival::Late);
    assert_eq!(late(5000, 4000, 4096), Arrival::Stray);
}

#[test]
fn what_comes_again_before_the_first_is_a_duplicate() {
    let mut stream = stream(&[10, 11, 7, 7, 8]);
    assert_eq!(stream.sums(), (2, 5, -3));
    assert_eq!(stream.receive_with(9, 5), Arrival::Late);
    assert_eq!(stream.receive_with(9, 5), Arrival::Duplicate);
    assert_eq!(stream.receive_with(12, 5), Arrival::Newest { skipped: 0 });
}

#[test]
fn gaps_up_to_the_limit_of_a_1_need_no_clock() {
    for told in [0, 8000] {
        let mut stream = Stream::new(50, 8000);
        stream.told = told;
        stream.run(0..10);
        // The clock stands still.
        let (at, timestamp) = (stream.time(10), stream.timestamp(9));
        let arrival = stream.source.update(9 + 2999, timestamp, at, told);
        assert_eq!(arrival, Arrival::Newest { skipped: 2998 });
        assert_eq!(stream.sums(), (3009, 11, 2998));
    }
}

#[test]
fn what_came_another_way_is_missing_no_more_and_not_received() {
    let mut stream = Stream::new(50, 8000).from(65_530);
    assert!(!stream.source.recover(65_530));
    stream.run(0..3);
    assert!(!stream.source.recover(65_532), "it came");
    stream.run(10..12);
    assert!(stream.source.recover(stream.seq(5)));
    assert!(!stream.source.recover(stream.seq(5)), "it is missing no more");
    for number in [-1, 2, 12, 5000] {
        assert!(!stream.source.recover(stream.seq(number)), "{number} was not missing");
    }
    assert_eq!(stream.sums(), (12, 5, 7));
    assert_eq!(stream.receive_with(5, 12), Arrival::Duplicate);
    assert_eq!(stream.receive_with(6, 12), Arrival::Late);
    assert_eq!(stream.sums(), (12, 7, 5));
}

#[test]
fn probation_counts_from_the_second_in_sequence() {
    let mut source = SourceState::with_probation(MIN_SEQUENTIAL);
    let mut update = |seq| source.update(seq, 0, Duration::ZERO, 0);
    assert_eq!([7, 9, 65_535].map(&mut update), [Arrival::Probation; 3]);
    assert_eq!(update(0), Arrival::First);
    assert_eq!(update(2), Arrival::Newest { skipped: 1 });
    assert_eq!((source.received(), source.expected()), (2, 3));

    let mut source = SourceState::with_probation(255);
    for seq in 0..254 {
        assert_eq!(source.update(seq, 0, Duration::ZERO, 0), Arrival::Probation);
    }
    assert!(!source.is_valid());
    let sums = (source.extended_highest(), source.expected(), source.received(), source.lost());
    assert_eq!((sums, source.total_lost(), source.restarts()), ((0, 0, 0, 0), 0, 0));
    assert_eq!(source.update(254, 0, Duration::ZERO, 0), Arrival::First);
    assert_eq!(source.extended_highest(), 254);
    assert_eq!(SourceState::with_probation(1).update(0, 0, Duration::ZERO, 0), Arrival::First);
}

#[test]
fn fractions_and_clamps() {
    let cases = [
        (100, 100, 0, 0),
        (100, 95, 5, 12),
        (100, 75, 25, 64),
        (256, 255, 1, 1),
        (257, 256, 1, 0),
        (100, 0, 100, 255),
        (100, 101, -1, 0),
        (0, 0, 0, 0),
        (3, 2, 1, 85),
        (10, 5, 5, 128),
    ];
    for (expected, received, lost, fraction) in cases {
        let interval = Interval { expected, received };
        assert_eq!((interval.lost(), interval.fraction()), (lost, fraction), "{interval:?}");
    }
    let clamps = [
        (1, 0x1),
        (-1, -1),
        (8_388_607, 0x7f_ffff),
        (8_388_608, 0x7f_ffff),
        (-8_388_608, -0x80_0000),
        (-8_388_609, -0x80_0000),
        (12_345, 0x3039),
        (i64::MAX, 0x7f_ffff),
        (i64::MIN, -0x80_0000),
    ];
    assert!(clamps.iter().all(|(lost, clamped)| clamp_cumulative(*lost) == *clamped));
    assert_eq!((fraction_lost(u64::MAX, i64::MAX), fraction_lost(u64::MAX, 1)), (128, 0));
}
