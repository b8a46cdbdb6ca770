//! Numbers that end and begin again.

use crate::kit::{Bench, KEY, SSRC, only_told, packet, video};

#[test]
fn timestamps_that_wrap_are_the_same_stream() {
    let mut bench = Bench::new(only_told()).with_remote(video());
    let before = 0_u32.wrapping_sub(3_000);
    bench.read(packet(SSRC, 65_535, before, &crate::kit::DELTA)).need(SSRC);
    bench.run(10).read(packet(SSRC, 65_530, before.wrapping_sub(15_000), &KEY));
    assert_eq!(bench.asking().stale_keyframes, 1);
    bench.read(packet(SSRC, 0, 0, &KEY));
    assert_eq!(bench.asking().answered, 1);
}

#[test]
fn a_clock_that_begins_anew_answers() {
    let mut bench = Bench::new(only_told()).with_remote(video());
    bench.read(packet(SSRC, 1, 4_000_000_000, &crate::kit::DELTA)).need(SSRC);
    bench.read(packet(SSRC, 2, 3_500_000_000, &KEY));
    assert_eq!(bench.asking().answered, 1);
}
