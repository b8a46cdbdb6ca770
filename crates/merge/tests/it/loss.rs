//! Two paths that lose packets.

use std::time::Duration;

use interceptor_merge::{MergeOptions, Order};
use interceptor_test::{Jitter, LinkOptions, Loss};

use crate::kit::{ms, over};

fn link(delay: u64) -> LinkOptions {
    LinkOptions::default().with_delay(ms(delay))
}

#[test]
fn two_paths_that_lose_five_per_cent_lose_a_quarter_per_cent_together_and_add_no_delay() {
    const COUNT: u32 = 100_000;
    let lossy = |delay| link(delay).with_loss(Loss::random(0.05));
    let mut outcome = over(&[lossy(10), lossy(25)], MergeOptions::default(), COUNT);
    let residual = outcome.missing(COUNT) as f64 / f64::from(COUNT);
    assert!((0.0020..=0.0030).contains(&residual), "{residual}");
    assert_eq!(outcome.repeated(COUNT), 0);
    // Each goes on in the millisecond in which its first copy comes.
    assert!(outcome.up.iter().all(|(number, delay)| *delay == outcome.first[number]));
    for path in [0, 1] {
        let report = outcome.rig.path(path);
        let lost = report.lost as f64 / f64::from(COUNT);
        assert!((0.048..0.052).contains(&lost), "path {path}: {report:?}");
    }
    let second = outcome.rig.path(1);
    assert!(second.skew > ms(14) && second.max_skew == ms(15), "{second:?}");
}

#[test]
fn a_path_that_is_gone_for_ten_seconds_costs_nothing() {
    const COUNT: u32 = 15_000;
    let outage = Loss::outage(Duration::from_secs(2)..Duration::from_secs(12));
    for paths in
        [[link(10).with_loss(outage.clone()), link(30)], [link(30), link(10).with_loss(outage.clone())]]
    {
        let outcome = over(&paths, MergeOptions::default(), COUNT);
        assert_eq!((outcome.missing(COUNT), outcome.repeated(COUNT)), (0, 0));
    }
}

#[test]
fn a_skew_of_150_ms_lets_no_copy_through() {
    const COUNT: u32 = 20_000;
    let scattered = link(170).with_jitter(Jitter::uniform(ms(10))).with_jitter_reorders(true);
    let outcome = over(&[link(10), scattered], MergeOptions::default(), COUNT);
    assert_eq!((outcome.missing(COUNT), outcome.repeated(COUNT)), (0, 0));
    assert_eq!(outcome.rig.counters().copies, u64::from(COUNT));
}

#[test]
fn in_order_all_is_in_order_whatever_the_paths_do() {
    const COUNT: u32 = 20_000;
    let lossy = |delay| link(delay).with_loss(Loss::burst(0.05, 4.0)).with_jitter(Jitter::uniform(ms(5)));
    let options = MergeOptions::default().with_order(Order::Held);
    let outcome = over(&[lossy(10), lossy(60)], options, COUNT);
    assert!(outcome.up.is_sorted_by(|(a, _), (b, _)| a < b));
    let (counters, together) = (outcome.rig.counters(), outcome.first.len() as u64);
    assert_eq!(counters.passed + counters.missed_turn, together);
    assert!(counters.missed_turn == 0 && counters.held > 0, "{counters:?}");
}

#[test]
fn three_paths_are_better_than_two() {
    const COUNT: u32 = 20_000;
    let lossy = |delay| link(delay).with_loss(Loss::random(0.1));
    let outcome = over(&[lossy(10), lossy(20), lossy(30)], MergeOptions::default(), COUNT);
    let residual = outcome.missing(COUNT);
    assert!((10..=32).contains(&residual), "{residual}");
}
