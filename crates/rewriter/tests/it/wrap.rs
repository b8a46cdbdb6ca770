//! A lap of sequence numbers and of timestamps, on both sides.

use interceptor_rewriter::RewriterOptions;

use crate::kit::{A, B, Bench};

#[test]
fn laps_of_the_source_and_of_what_goes_out_follow_on() {
    let mut bench = Bench::with(RewriterOptions::default(), 65_000);
    bench.begin(30_000);
    let mut expected = 65_000_u16;
    for step in 1..200_000_u32 {
        let seq = 30_000_u16.wrapping_add(step as u16);
        if step % 7 == 0 {
            bench.leave_out(seq).unwrap();
            continue;
        }
        expected = expected.wrapping_add(1);
        assert_eq!(bench.number(seq), Ok(expected));
        assert_eq!(bench.source_of(expected), Some((A, seq)));
    }
}

#[test]
fn a_packet_that_is_late_over_the_wrap_has_its_number() {
    let mut bench = Bench::with(RewriterOptions::default(), 65_534);
    bench.begin(65_535); // 65 534
    bench.leave_out(0).unwrap();
    assert_eq!(bench.number(3), Ok(1));
    assert_eq!(bench.number(1), Ok(65_535));
    assert_eq!(bench.number(2), Ok(0));
    assert_eq!(bench.number(65_535), Ok(65_534));
}

#[test]
fn timestamps_wrap_in_the_source_and_in_what_goes_out() {
    let mut bench = Bench::new();
    bench.rewriter.switch_to(A);
    bench.key(A, 0, u32::MAX - 1, 0).unwrap();
    assert_eq!(bench.delta(A, 1, 1, 0).unwrap().timestamp, 1003);
    // Six hours in steps of an hour each take the outgoing clock round nearly half of its lap, and twelve more beyond it.
    let mut newest = 1003_u32;
    for hour in 1..=18_u64 {
        let source = if hour % 2 == 1 { B } else { A };
        bench.rewriter.switch_to(source);
        let sent = bench.key(source, hour as u16, 5, hour * 3_600_000).unwrap().timestamp;
        assert_eq!(sent.wrapping_sub(newest), 324_000_000, "hour {hour}");
        newest = sent;
    }
}
