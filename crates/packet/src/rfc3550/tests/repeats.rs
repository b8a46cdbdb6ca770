//! Numbers that come again: repeats of old packets, second paths, and senders that fall back by little.

use super::Stream;
use crate::rfc3550::Arrival;

#[test]
fn repeats_of_adjacent_old_packets_are_no_restart() {
    for told in [90_000, 0] {
        let mut stream = Stream::new(200, 90_000).from(65_000);
        stream.told = told;
        stream.run(0..6000);
        // In the window, and beyond it.
        for number in [5000, 5001, 2500, 2501, 5899, 5900, 5998, 5999] {
            assert_eq!(stream.receive_with(number, 6000), Arrival::Duplicate, "{number}");
        }
        assert_eq!(stream.sums(), (6000, 6008, -8));
        assert_eq!(stream.source.restarts(), 0);
        stream.run(6000..6100);
    }
    let mut stream = Stream::new(200, 90_000);
    stream.run(0..9000);
    for number in 1000..1010 {
        assert_eq!(stream.receive_with(number, 9000), Arrival::Stray, "{number}");
    }
    stream.run(9000..9100);
    assert_eq!((stream.sums(), stream.source.restarts()), ((9100, 9100, 0), 0));
}

#[test]
fn a_second_path_that_is_late_by_any_time_adds_duplicates_alone() {
    // Frames of 40 packets; the second path brings each again 30 frames later.
    let mut stream = Stream::new(1200, 90_000);
    for frame in 0..100 {
        stream.run(40 * frame..40 * (frame + 1));
        for number in 40 * (frame - 30)..40 * (frame - 29) {
            if number >= 0 {
                assert_eq!(stream.receive_with(number, 40 * (frame + 1)), Arrival::Duplicate);
            }
        }
    }
    assert_eq!((stream.sums(), stream.source.restarts()), ((4000, 6800, -2800), 0));
}

#[test]
fn a_first_path_that_breaks_off_is_no_restart_of_the_second() {
    // The second path is two seconds behind, and alone from number 3000 on.
    let mut stream = Stream::new(300, 90_000);
    stream.run(0..3000);
    for number in 2400..3000 {
        assert_eq!(stream.receive_with(number, number + 600), Arrival::Duplicate);
    }
    for number in 3000..3300 {
        assert_eq!(stream.receive_with(number, number + 600), Arrival::Newest { skipped: 0 });
    }
    assert_eq!((stream.sums(), stream.source.restarts()), ((3300, 3900, -600), 0));
}

#[test]
fn a_sender_that_falls_back_to_numbers_it_had_is_followed_when_nothing_else_comes_for_a_second() {
    // The timestamps go on, or begin elsewhere.
    for jump in [0, 0x4000_0000] {
        let mut stream = Stream::new(100, 90_000);
        stream.run(0..3000);
        let mut restarted = None;
        for step in 0..300 {
            let (timestamp, at) =
                (stream.timestamp(3000 + step).wrapping_add(jump), stream.time(3000 + step));
            let arrival = stream.source.update(1000 + step as u16, timestamp, at, 90_000);
            if restarted.is_some() {
                assert_eq!(arrival, Arrival::Newest { skipped: 0 });
            } else if arrival == Arrival::Restarted {
                restarted = Some(step);
            } else {
                assert_eq!(arrival, Arrival::Duplicate);
            }
        }
        assert!(restarted.is_some_and(|step| (99..105).contains(&step)), "{restarted:?}");
        // What was taken for repeats before has been none.
        assert_eq!((stream.source.total_lost(), stream.source.restarts()), (0, 1));
    }
}

#[test]
fn without_a_clock_rate_falling_back_takes_five_seconds_to_be_sure() {
    let mut stream = Stream::new(100, 90_000).with_unknown_clock();
    stream.run(0..3000);
    let restarted = (0..1000).find(|step| {
        let (timestamp, at) = (stream.timestamp(3000 + step), stream.time(3000 + step));
        stream.source.update(1000 + *step as u16, timestamp, at, 0) == Arrival::Restarted
    });
    assert!(restarted.is_some_and(|step| (499..505).contains(&step)), "{restarted:?}");
}

#[test]
fn falling_back_by_less_than_the_misorder_of_a_1_is_late_and_no_restart() {
    let mut stream = Stream::new(50, 8000);
    stream.run(0..500);
    for step in 0..99 {
        let at = stream.time(500 + step);
        let arrival = stream.source.update(400 + step as u16 + 1, stream.timestamp(500 + step), at, 8000);
        assert_eq!(arrival, Arrival::Duplicate);
    }
    assert_eq!(stream.receive(500), Arrival::Newest { skipped: 0 });
}
