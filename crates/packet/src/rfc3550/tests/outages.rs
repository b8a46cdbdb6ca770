//! Gaps of 3000 numbers and more: outages, and senders that restart.

use std::time::Duration;

use super::Stream;
use crate::rfc3550::{Arrival, Interval, MAX_DROPOUT, Mark};

/// Half a minute of packets, then nothing for so many numbers; the next two.
fn outage(mut stream: Stream, lost: i64) -> (Stream, [Arrival; 2]) {
    let before = 30 * i64::from(stream.rate);
    stream.run(0..before);
    let after = before + lost;
    let arrivals = [stream.receive(after), stream.receive(after + 1)];
    (stream, arrivals)
}

#[test]
fn an_outage_whose_clock_goes_on_is_a_loss_in_full() {
    for (rate, lost) in [(50, 3000), (50, 7000), (250, 9000), (300, 32_000), (2000, 6000), (30, 20_000)] {
        let (mut stream, arrivals) = outage(Stream::new(rate, 90_000).from(40_000), lost);
        let resumed = Arrival::Resumed { lost: lost as u16, skipped: 0 };
        assert_eq!(arrivals, [Arrival::Stray, resumed], "{rate} {lost}");
        let (before, end) = (30 * i64::from(rate), 30 * i64::from(rate) + lost + 2);
        assert_eq!(stream.sums(), (end as u64, before as u64 + 2, lost), "{rate} {lost}");
        assert_eq!(stream.source.extended_highest(), 40_000 + end as u32 - 1);
        assert_eq!((stream.source.restarts(), stream.source.since(Mark::default()).lost()), (0, lost));
        stream.run(end..end + 100);
        assert_eq!(stream.sums().2, lost);
    }
}

#[test]
fn more_than_half_a_circle_is_a_loss_if_so_much_fits_into_the_time() {
    for clock_rate in [8000, 0] {
        let mut stream = Stream::new(100, 8000);
        stream.told = clock_rate;
        let (stream, arrivals) = outage(stream, 45_000);
        assert_eq!(arrivals[1], Arrival::Resumed { lost: 45_000, skipped: 0 });
        assert_eq!((stream.sums().2, stream.source.extended_highest()), (45_000, 48_001));
    }
}

#[test]
fn an_outage_no_longer_than_the_window_and_a_minute_needs_no_second_packet() {
    let (stream, arrivals) = outage(Stream::new(500, 48_000), 4094);
    assert_eq!(arrivals, [Arrival::Newest { skipped: 4094 }, Arrival::Newest { skipped: 0 }]);
    assert_eq!(stream.sums().2, 4094);
    let (_, arrivals) = outage(Stream::new(500, 48_000), 4095);
    assert_eq!(arrivals, [Arrival::Stray, Arrival::Resumed { lost: 4095, skipped: 0 }]);
    // A minute of this stream is 3300 packets.
    let (_, arrivals) = outage(Stream::new(55, 8000), 3280);
    assert_eq!(arrivals[0], Arrival::Newest { skipped: 3280 });
    let (_, arrivals) = outage(Stream::new(55, 8000), 3320);
    assert_eq!(arrivals[0], Arrival::Stray);
}

#[test]
fn without_a_clock_rate_the_packet_rate_tells() {
    let (stream, arrivals) = outage(Stream::new(80, 8000).with_unknown_clock(), 8000);
    assert_eq!(arrivals[1], Arrival::Resumed { lost: 8000, skipped: 0 });
    assert_eq!(stream.sums().2, 8000);
    // The same numbers in no time are none that this sender has sent.
    let mut stream = Stream::new(80, 8000).with_unknown_clock();
    stream.run(0..2400);
    assert_eq!(stream.receive_with(10_400, 2400), Arrival::Stray);
    assert_eq!(stream.receive_with(10_401, 2401), Arrival::Restarted);
}

#[test]
fn a_clock_that_does_not_fit_is_a_restart() {
    let mut stream = Stream::new(100, 90_000);
    stream.run(0..1000);
    let mark = stream.source.mark();
    // Fifty seconds without packets, and a clock that began anew.
    let at = stream.time(6000);
    let mut update = |seq, timestamp| stream.source.update(seq, timestamp, at, 90_000);
    assert_eq!(update(6000, 0x1234_5678), Arrival::Stray);
    assert_eq!(update(6001, 0x1234_5678), Arrival::Restarted);
    assert_eq!(update(6003, 0x1234_5a00), Arrival::Newest { skipped: 1 });
    assert_eq!(stream.sums(), (3, 2, 1));
    assert_eq!((stream.source.total_expected(), stream.source.total_lost()), (1003, 1));
    assert_eq!(stream.source.since(mark), Interval { expected: 3, received: 2 });
    assert_eq!((stream.source.restarts(), stream.source.extended_highest()), (1, 6003));
}

#[test]
fn numbers_that_fall_back_are_a_restart_although_the_clock_goes_on() {
    for told in [90_000, 0] {
        let mut stream = Stream::new(25, 90_000).from(36_000);
        stream.told = told;
        stream.run(0..200);
        let mut restart = |number: i64| {
            let (timestamp, at) = (stream.timestamp(200 + number), stream.time(200 + number));
            stream.source.update(5000 + number as u16, timestamp, at, told)
        };
        assert_eq!(restart(0), Arrival::Stray);
        assert_eq!(restart(1), Arrival::Restarted);
        assert_eq!(restart(2), Arrival::Newest { skipped: 0 });
        assert_eq!(stream.sums(), (2, 2, 0));
        assert_eq!(stream.source.extended_highest(), 5002);
    }
}

#[test]
fn a_restart_with_timestamps_that_begin_at_zero_again_is_one() {
    // The second packet far back has a timestamp that the stream had half a minute ago, at another number.
    let mut stream = Stream::new(100, 90_000).from(50_000);
    stream.first.1 = 0;
    stream.run(0..3000);
    let at = stream.time(3000);
    let mut update = |seq, timestamp| stream.source.update(seq, timestamp, at, 90_000);
    assert_eq!(update(20_000, 0), Arrival::Stray);
    assert_eq!(update(20_001, 900), Arrival::Restarted);
}

#[test]
fn one_packet_far_away_moves_nothing() {
    for far in [20_000, -20_000, 5000, -5000] {
        let mut stream = Stream::new(50, 8000).from(30_000);
        stream.run(0..200);
        // With the clock of the stream: a broken number.
        let (timestamp, at) = (stream.timestamp(200), stream.time(200));
        let arrival = stream.source.update(stream.seq(200 + far), timestamp, at, 8000);
        assert_eq!(arrival, Arrival::Stray, "{far}");
        stream.run(200..300);
        let arrival = stream.source.update(stream.seq(301 + far), timestamp, at, 8000);
        assert_eq!(arrival, Arrival::Stray, "{far}: the stream has gone on in between");
        assert_eq!(stream.sums(), (300, 300, 0));
    }
}

#[test]
fn a_restart_may_have_a_few_old_packets_in_its_midst() {
    let mut stream = Stream::new(50, 8000);
    stream.run(0..100);
    let at = stream.time(102);
    assert_eq!(stream.source.update(40_000, 77, at, 8000), Arrival::Stray);
    stream.run(100..102);
    assert_eq!(stream.source.update(40_001, 237, at, 8000), Arrival::Restarted);
}

#[test]
fn the_first_packets_after_an_outage_may_be_lost_or_out_of_order() {
    let resumed = |numbers: [i64; 2]| {
        let mut stream = Stream::new(50, 8000).from(60_000);
        stream.run(0..500);
        assert_eq!(stream.receive(numbers[0]), Arrival::Stray);
        (stream.receive_with(numbers[1], numbers[0]), stream)
    };
    let (arrival, mut stream) = resumed([8000, 8004]);
    assert_eq!(arrival, Arrival::Resumed { lost: 7500, skipped: 3 });
    assert_eq!(stream.sums(), (8005, 502, 7503));
    assert_eq!(stream.receive_with(8002, 8004), Arrival::Late);
    assert_eq!(stream.receive_with(8000, 8004), Arrival::Duplicate);
    assert_eq!(stream.receive_with(8004, 8004), Arrival::Duplicate);

    let (arrival, mut stream) = resumed([8004, 8003]);
    assert_eq!(arrival, Arrival::Resumed { lost: 7503, skipped: 0 });
    assert_eq!((stream.sums(), stream.source.extended_highest()), ((8005, 502, 7503), 68_004));
    assert_eq!(stream.receive(8005), Arrival::Newest { skipped: 0 });

    let (arrival, _) = resumed([8000, 8099]);
    assert_eq!(arrival, Arrival::Resumed { lost: 7500, skipped: 98 });
    let (arrival, mut stream) = resumed([8000, 8100]);
    assert_eq!(arrival, Arrival::Stray);
    assert_eq!(stream.receive(8101), Arrival::Resumed { lost: 7600, skipped: 0 });
}

#[test]
fn a_frame_with_a_wild_timestamp_does_not_hide_an_outage() {
    let mut stream = Stream::new(50, 8000);
    stream.run(0..500);
    let at = stream.time(9000);
    assert_eq!(stream.source.update(9000, 0x7777_7777, at, 8000), Arrival::Stray);
    assert_eq!(stream.receive(9001), Arrival::Resumed { lost: 8500, skipped: 0 });
    assert_eq!(stream.sums(), (9002, 502, 8500));

    let mut stream = Stream::new(50, 8000);
    stream.run(0..500);
    assert_eq!(stream.receive(9000), Arrival::Stray);
    let at = stream.time(9001);
    assert_eq!(stream.source.update(9001, 0x7777_7777, at, 8000), Arrival::Stray);
    assert_eq!(stream.receive(9002), Arrival::Resumed { lost: 8500, skipped: 1 });
    assert_eq!(stream.sums(), (9003, 503, 8500));
}

#[test]
fn a_queue_that_has_filled_up_does_not_make_an_outage_a_restart() {
    let mut stream = Stream::new(200, 90_000);
    stream.run(0..2000);
    // Half a minute lost, and what then comes has waited for two seconds more.
    let late = |stream: &mut Stream, number| stream.receive_with(number, number + 400);
    assert_eq!(late(&mut stream, 8000), Arrival::Stray);
    assert_eq!(late(&mut stream, 8001), Arrival::Resumed { lost: 6000, skipped: 0 });
}

#[test]
fn a_clock_that_goes_back_breaks_nothing() {
    let mut stream = Stream::new(50, 8000);
    stream.run(0..100);
    let early = Duration::from_secs(1);
    assert_eq!(stream.source.update(100, stream.timestamp(100), early, 8000), Arrival::Newest { skipped: 0 });
    assert_eq!(stream.source.update(102, stream.timestamp(102), early, 8000), Arrival::Newest { skipped: 1 });
    assert_eq!(stream.source.update(102 + MAX_DROPOUT, 0, early, 8000), Arrival::Stray);
    assert_eq!(stream.source.update(101, stream.timestamp(101), Duration::ZERO, 8000), Arrival::Late);
}
