//! One kind of trouble at a time.

use super::{Receiver, Stream, ms};

/// All ways in which a stream may be described.
fn each(rate: u32, test: impl Fn(Receiver)) {
    for (rtx, clock_is_known) in [(false, true), (false, false), (true, true), (true, false)] {
        // The numbers wrap early on, late, or not at all.
        for first in [65_000, 62_000, 7] {
            test(Receiver::new(Stream { rtx, clock_is_known, ..Stream::new(rate).from(first) }));
        }
    }
}

/// The extended highest of the blocks so far never falls, and no more does the sum of losses unless something came late.
fn assert_monotonic(receiver: &Receiver, sum_too: bool) {
    for pair in receiver.blocks.windows(2) {
        assert!(pair[0].extended_sequence_number <= pair[1].extended_sequence_number, "{pair:?}");
        assert!(!sum_too || pair[0].cumulative_lost <= pair[1].cumulative_lost, "{pair:?}");
    }
}

#[test]
fn two_that_come_again_by_plain_repeats_are_not_lost_however_far_behind() {
    for (rate, behind) in [(2000, 50), (2000, 150), (2000, 900), (700, 350), (4000, 1000)] {
        each(rate, |mut receiver| {
            receiver.run((0..500).chain(502..502 + behind));
            let newest = 501 + behind;
            receiver.receive_with(500, newest);
            receiver.receive_with(501, newest);
            receiver.run(newest + 1..newest + 3 * i64::from(rate));
            let last = receiver.next_block();
            assert_eq!((receiver.lost(), last.cumulative_lost, last.fraction_lost), (0, 0, 0));
            let first = u32::from(receiver.stream.first.0);
            assert_eq!(last.extended_sequence_number, first + newest as u32 + 3 * rate - 1);
            assert_monotonic(&receiver, false);
            let asking = receiver.asking();
            assert_eq!((asking.packets_missing, asking.recovered_late + asking.arrived_too_late), (2, 2));
            assert_eq!((receiver.restarts(), asking.resets), (0, 0));
        });
    }
}

#[test]
fn a_block_that_is_late_by_any_distance_in_the_window_is_not_lost() {
    // Packets of the block, and how far behind: some further than what is asked for, and than anything is kept of.
    for (rate, block, behind) in [(2000, 200, 300), (2000, 20, 1200), (2000, 300, 3500), (1000, 900, 950)] {
        each(rate, |mut receiver| {
            let late = 1000..1000 + block;
            let newest = late.end + behind - 1;
            receiver.run((0..late.start).chain(late.end..=newest));
            late.for_each(|number| receiver.receive_with(number, newest));
            receiver.run(newest + 1..newest + 3 * i64::from(rate));
            let last = receiver.next_block();
            assert_eq!((receiver.lost(), last.cumulative_lost), (0, 0), "{:?}", receiver.stream);
            assert_monotonic(&receiver, false);
            assert_eq!((receiver.restarts(), receiver.asking().resets), (0, 0), "{:?}", receiver.stream);
        });
    }
}

#[test]
fn an_outage_is_lost_in_full_and_shows_in_the_next_report() {
    for (rate, lost_before, outage) in
        [(2000, 200, 2500), (2000, 200, 4000), (400, 30, 3100), (800, 90, 40_000)]
    {
        for clock_is_known in [true, false] {
            let stream = Stream { clock_is_known, ..Stream::new(rate).from(61_000) };
            let mut receiver = Receiver::new(stream);
            // Two seconds with losses, then nothing, then two clean ones.
            let (clean, seconds) = (i64::from(rate), 2 * i64::from(rate));
            let is_lost = |number: i64| number > 10 && number % 20 == 0 && number <= 20 * lost_before;
            let before = (20 * lost_before + 5).max(seconds);
            receiver.run((0..before).filter(|number| !is_lost(*number)));
            let reported = receiver.blocks.len();
            receiver.run(before + outage..before + outage + clean);
            let with_outage = receiver.blocks[reported..].iter().map(|block| block.fraction_lost).max();
            let at_once = with_outage.unwrap_or(0).max(receiver.next_block().fraction_lost);
            assert!(at_once > 64, "{at_once} {stream:?}");
            receiver.run(before + outage + clean..before + outage + 2 * seconds);
            let last = receiver.next_block();
            let lost = lost_before + outage;
            assert_eq!((receiver.lost(), i64::from(last.cumulative_lost)), (lost, lost), "{stream:?}");
            assert_eq!((last.fraction_lost, receiver.restarts()), (0, 0), "{stream:?}");
            assert_monotonic(&receiver, true);
        }
    }
}

#[test]
fn one_far_stray_moves_nothing() {
    for far in [5000, 20_000, 33_000, 60_000] {
        each(500, |mut receiver| {
            receiver.run(0..700);
            receiver.run(703..800);
            let asked = receiver.asked.len();
            let (timestamp, at) = (0x1357_9bdf, receiver.now + ms(1));
            receiver.receive_at(800 + far, timestamp, at);
            assert_eq!((receiver.lost(), receiver.asking().resets), (3, 0));
            receiver.run(800..3000);
            let last = receiver.next_block();
            assert_eq!((receiver.lost(), last.cumulative_lost), (3, 3));
            assert_eq!(last.extended_sequence_number, u32::from(receiver.stream.first.0) + 2999);
            // What was missing is missing still, and asked for.
            assert!(asked > 0 && receiver.asked.len() > asked);
            assert_eq!((receiver.restarts(), receiver.asking().resets), (0, 0));
            assert_monotonic(&receiver, true);
        });
    }
}

#[test]
fn a_true_restart_loses_nothing() {
    for (from, rate) in [(30_000, 50), (9000, 700), (50_000, 2000)] {
        each(rate, |mut receiver| {
            let seconds = 3 * i64::from(rate);
            receiver.run(0..seconds);
            // The sender begins again, numbers and clock.
            let mut at = receiver.now;
            for number in 0..seconds {
                at += receiver.stream.time(1);
                let timestamp = 0x2468_ace0_u32.wrapping_add(receiver.stream.timestamp(number));
                receiver.receive_at(seconds + from + number, timestamp, at);
            }
            let last = receiver.next_block();
            assert_eq!((receiver.lost(), last.cumulative_lost, last.fraction_lost), (0, 0, 0));
            assert_eq!((receiver.restarts(), receiver.asking().resets), (1, 1));
            assert!(receiver.asked.is_empty());
        });
    }
}
