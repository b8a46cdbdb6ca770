//! Late packets: learnt from, and waited for.

use interceptor_nack::{NackOptions, ReorderTolerance};

use crate::kit::{Bench, ms, video};

#[test]
fn learns_to_wait_for_reordered_packets() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(100);
    bench.read_numbers([0, 2]).pass(1).read_numbers([1, 3]);
    assert_eq!(bench.asked(), [[1]], "the first time");
    for pair in 2..100 {
        bench.run(5).read_numbers([2 * pair + 1]).run(1).read_numbers([2 * pair]);
    }
    assert_eq!(bench.asked(), [[0; 0]; 0]);
}

#[test]
fn waits_for_packets_and_time_but_not_longer_than_20_ms() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(100);
    // Late by one packet and 3 ms.
    bench.read_numbers([0, 2]).pass(3).read_numbers([1]);
    bench.asked();
    bench.run(10).read_numbers([4]).run(3).read_numbers([5]);
    assert_eq!(bench.asked(), [[3]], "two newer packets and 3 ms");
    bench.run(50).read_numbers([7, 8]);
    assert_eq!(bench.asked(), [[0; 0]; 0], "two newer packets but 0 ms");
    bench.run(3);
    assert_eq!(bench.asked(), [[6]]);
    bench.run(10).read_numbers([10]).run(19);
    assert_eq!(bench.asked(), [[0; 0]; 0], "19 ms but one newer packet");
    bench.run(1);
    assert_eq!(bench.asked(), [[9]]);
}

#[test]
fn forgets_reordering_after_thirty_seconds() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(100);
    bench.read_numbers([0, 2]).pass(3).read_numbers([1]);
    bench.asked();
    bench.pass(29_900).read_numbers([4]);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
    bench.read_numbers([3]).pass(31_000).read_numbers([6]);
    assert_eq!(bench.asked(), [[5]]);
}

#[test]
fn an_answer_is_not_reordering() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(100);
    for hole in 1..50 {
        bench.read_numbers([2 * hole + 1]).run(0);
        assert_eq!(bench.asked().len(), usize::from(hole > 1), "at once");
        bench.run(100).read_numbers([2 * hole]);
    }
}

#[test]
fn a_duplicate_shows_that_a_request_was_for_nothing() {
    // Without a round-trip time a late packet may be the answer; the answer itself then tells.
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([0, 2]).pass(2).read_numbers([1]);
    assert_eq!(bench.asked(), [[1]]);
    bench.pass(20).read_numbers([4]);
    assert_eq!(bench.asked(), [[3]], "not known yet");
    bench.read_numbers([3]).pass(20).read_numbers([1]);
    bench.read_numbers([6]);
    assert_eq!(bench.asked(), [[0; 0]; 0], "known now");
}

#[test]
fn on_a_stream_with_rtx_a_late_packet_is_an_original() {
    let info = video().with_rtx(77, 97);
    let mut bench = Bench::new(NackOptions::default(), |config| config).with_remote(info);
    bench.read_numbers([0, 2]).pass(2).read_numbers([1, 4]);
    assert_eq!(bench.asked(), [[1]]);
}

#[test]
fn a_fixed_tolerance_stays_as_it_is() {
    let time = ms(7);
    let fixed = ReorderTolerance::Fixed { packets: 3, time };
    let mut bench = Bench::receiver(NackOptions::default().with_reorder_tolerance(fixed));
    bench.read_numbers([0, 2, 3]).run(100);
    assert_eq!(bench.asked(), [[0; 0]; 0], "no third packet");
    bench.read_numbers([4]);
    assert_eq!(bench.asked(), [[1]]);
    bench.read_numbers([6, 7, 8]).run(6);
    assert_eq!(bench.asked(), [[0; 0]; 0], "not 7 ms");
    bench.run(1);
    assert_eq!(bench.asked(), [[5]]);
}

#[test]
fn a_repeat_does_not_draw_a_packet_that_may_still_come() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(100);
    // Late by one packet and 15 ms.
    bench.read_numbers([0, 2]).pass(15).read_numbers([1]);
    bench.read_numbers([4]).run(20);
    assert_eq!(bench.asked(), [[1], [3]]);
    // The repeat for 3 is due after 110 ms, the first request for 5 after 113 ms.
    bench.run(93).read_numbers([6]).run(17);
    assert_eq!(bench.asked(), [[3]]);
    bench.run(3);
    assert_eq!(bench.asked(), [[5]]);
}
