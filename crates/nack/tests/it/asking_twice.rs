//! Requests that are sent more than once.

use interceptor_core::PlayoutDeadline;
use interceptor_nack::{Copies, NackOptions};

use crate::kit::{Bench, SSRC, ms, rtp};

fn asking(copies: u8) -> NackOptions {
    NackOptions::default().with_request_copies(Copies::Fixed(copies))
}

/// Runs timers, and says how many milliseconds from now requests left.
fn requests_within(bench: &mut Bench, millis: u64) -> Vec<u64> {
    let mut at = Vec::new();
    for passed in 0..=millis {
        bench.run(u64::from(passed > 0));
        at.extend(bench.asked().iter().map(|_| passed));
    }
    at
}

/// A packet every 5 ms for so long, all but those that are `lost`; answers come after a round trip of 100 ms and are never lost.
fn receive(bench: &mut Bench, from: u16, packets: u16, lost: impl Fn(u16) -> bool) {
    for step in 0..packets {
        if step >= 20 && lost(step - 20) {
            bench.read(rtp(from.wrapping_add(step - 20)));
        }
        if !lost(step) {
            bench.read(rtp(from.wrapping_add(step)));
        }
        bench.run(5);
    }
    bench.feedback();
}

#[test]
fn copies_leave_eight_milliseconds_apart_and_the_next_request_when_it_would() {
    let mut bench = Bench::receiver(asking(3));
    bench.set_rtt(100);
    bench.read_numbers([10, 12]);
    assert_eq!(requests_within(&mut bench, 130), [0, 8, 16, 110, 118, 126]);
    let counters = bench.asking();
    assert_eq!((counters.packets_requested, counters.copies_requested), (6, 4));
}

#[test]
fn what_comes_ends_the_copies() {
    let mut bench = Bench::receiver(asking(2));
    bench.read_numbers([10, 12]).run(4).read_numbers([11]).run(1_000);
    assert_eq!(bench.asked().len(), 1);
    assert_eq!(bench.chain.next_timeout(), None);
}

#[test]
fn copies_are_one_request() {
    let mut bench = Bench::receiver(asking(2).with_max_requests(2));
    bench.set_rtt(100);
    bench.read_numbers([10, 12]);
    assert_eq!(requests_within(&mut bench, 900), [0, 8, 110, 118]);
    assert_eq!(bench.asking().given_up, 1);
}

#[test]
fn a_copy_whose_answer_would_come_too_late_is_not_sent() {
    let mut bench = Bench::receiver(asking(2));
    bench.set_rtt(100);
    bench.chain.publish(PlayoutDeadline { ssrc: SSRC, delay: ms(107) }, bench.now);
    bench.read_numbers([10, 12, 14]);
    assert_eq!(requests_within(&mut bench, 500), [0, 0], "a message for each gap");
    assert_eq!((bench.asking().withheld, bench.asking().given_up), (2, 2));
}

#[test]
fn a_stream_that_loses_much_is_asked_twice_and_one_that_loses_little_once() {
    for (every, twice) in [(100, false), (10, true)] {
        let mut bench = Bench::receiver(NackOptions::default());
        bench.set_rtt(100);
        receive(&mut bench, 65_000, 800, |step| step % every == every - 1);
        let counters = bench.asking();
        assert!(counters.packets_missing >= 7, "{counters:?}");
        assert_eq!(counters.copies_requested > 0, twice, "one of {every} lost: {counters:?}");
    }
}

#[test]
fn what_is_only_late_is_no_loss() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(100);
    for step in 0..1_000_u16 {
        // Every tenth packet comes behind the one after it.
        let number = step - step % 10 + [0, 1, 2, 3, 4, 5, 7, 6, 8, 9][usize::from(step % 10)];
        bench.read(rtp(number)).run(5);
    }
    let counters = bench.asking();
    assert!(counters.packets_missing >= 90, "{counters:?}");
    assert_eq!(counters.copies_requested, 0, "{counters:?}");
}

#[test]
fn ten_seconds_without_loss_are_enough_to_ask_once_again() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(100);
    receive(&mut bench, 0, 798, |step| step % 10 == 9);
    // The last ones are never answered.
    bench.run(1_100);
    let copies = bench.asking().copies_requested;
    assert!(copies > 0);
    receive(&mut bench, 798, 2_400, |step| step == 2_300);
    let counters = bench.asking();
    assert_eq!(counters.copies_requested, copies, "{counters:?}");
    assert_eq!(counters.packets_missing, 80);
}
