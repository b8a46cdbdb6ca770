//! Requests for as many copies as there may be, and numbers that are no media's.

use crate::answering_twice::answering;
use crate::kit::{Bench, video};
use crate::repair_numbers::bench;

#[test]
fn copies_stay_within_the_ratio() {
    let mut bench = Bench::sender(answering(2).with_max_resend_ratio(0.1));
    bench.write_numbers(0..10).read_nack(&[3]).run(100);
    assert_eq!(bench.resent(), [3]);
    assert_eq!((bench.answering().suppressed_by_ratio, bench.answering().copies_resent), (1, 0));
}

#[test]
fn what_is_kept_no_more_has_no_copy() {
    let mut bench = Bench::sender(answering(2).with_send_history_packets(4));
    bench.write_numbers(0..4).read_nack(&[2]);
    assert_eq!(bench.resent(), [2]);
    bench.write_numbers(4..8).run(100);
    assert_eq!(bench.resent(), [0; 0]);
    assert_eq!(bench.answering().too_old, 1);
}

#[test]
fn a_number_that_a_repair_packet_took_is_not_asked_for() {
    for (start, repairs) in [(10_u16, 4), (65_530, 5)] {
        let mut bench = bench(video());
        bench.read_numbers((0..20).map(|step| start.wrapping_add(step))).run(500);
        let counters = bench.asking();
        assert_eq!(
            (bench.asked().len(), counters.packets_missing, counters.taken_by_fec),
            (0, 0, repairs),
            "{counters:?}"
        );
    }
}
