//! Deadlines: one an interceptor, the earliest wins, and a driver never spins.

use std::time::Duration;

use crate::probe::{Act, Bench, SSRC, rtp};

const MS: Duration = Duration::from_millis(1);

#[test]
fn the_earliest_deadline_wins_and_fires_once() {
    let mut bench = Bench::new(&[("slow", Act::Wake(50 * MS)), ("quick", Act::Wake(20 * MS))]).bound();
    bench.write(1);
    bench.chain.write_rtp(rtp(SSRC, 2), bench.start + 10 * MS);
    bench.log();
    assert_eq!(bench.chain.next_timeout(), Some(bench.start + 20 * MS));

    bench.chain.handle_timeout(bench.start + 19 * MS);
    assert!(bench.log().is_empty(), "nothing is due yet");
    bench.chain.handle_timeout(bench.start + 20 * MS);
    assert_eq!(bench.log(), ["quick timeout"]);
    assert_eq!(bench.chain.next_timeout(), Some(bench.start + 40 * MS));
    bench.chain.handle_timeout(bench.start + 500 * MS);
    assert_eq!(bench.log(), ["slow timeout", "quick timeout"], "a late driver fires each once");
}

#[test]
fn a_timer_that_asks_to_fire_at_once_waits_a_little() {
    let mut bench = Bench::new(&[("eager", Act::Wake(Duration::ZERO))]).bound();
    bench.write(1);
    bench.log();
    bench.chain.handle_timeout(bench.start);
    assert_eq!(bench.log(), ["eager timeout"]);
    assert_eq!(bench.chain.next_timeout(), Some(bench.start + MS));
}

#[test]
fn a_removed_interceptor_leaves_no_deadline_behind() {
    let mut bench = Bench::new(&[("timer", Act::Wake(20 * MS))]).bound();
    bench.write(1);
    bench.chain.remove("timer", bench.start).unwrap();
    assert_eq!(bench.chain.next_timeout(), None);
}
