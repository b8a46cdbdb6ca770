//! With nothing but receiver reports, and with limits that others set.

use interceptor_congestion::{Adaptive, AdaptiveOptions, Controller, LossReport, RateLimits, Time};

use super::link::{Path, Run, reported};

#[test]
fn reports_without_loss_let_it_grow_to_half_of_the_path_and_more() {
    let targets = reported(1e6, 0.0, 30);
    println!("reports: {targets:?}");
    assert!(targets[20..].iter().all(|target| *target >= 0.5e6));
    assert!(targets.iter().all(|target| *target <= 1.3e6));
}

#[test]
fn reports_of_loss_take_it_down() {
    let targets = reported(1e6, 0.15, 20);
    assert!(targets[19] <= 0.3e6, "{targets:?}");
}

#[test]
fn who_gives_no_feedback_gets_no_more_to_start_with_than_300_kb_a_second() {
    let mut controller = Adaptive::new(AdaptiveOptions::default().with_start(2_000_000)).unwrap();
    controller.on_report(Time::from_micros(1), &LossReport { packets: 0, lost: 0, rtt: None });
    assert_eq!(controller.decision().target, 300_000);
}

#[test]
fn a_limit_holds_at_once_and_is_forgotten_when_it_is_lifted() {
    let mut run = Run::adaptive(Path::of(&[(0.0, 2e6)]));
    run.until(10.0);
    assert!(run.target() > 1.5e6, "{}", run.target());
    run.controller.on_limits(Time::from_micros(10_000_000), RateLimits { min: 0, max: 250_000 });
    assert_eq!(run.target(), 250_000.0);
    run.until(20.0);
    assert_eq!(run.target(), 250_000.0);
    run.controller.on_limits(Time::from_micros(20_000_000), RateLimits { min: 0, max: 10_000_000 });
    run.until(30.0);
    assert!(run.target() > 1.5e6, "{}", run.target());
    run.controller.on_limits(Time::from_micros(30_000_000), RateLimits { min: 0, max: 1 });
    assert_eq!(run.target(), 5000.0, "the least of the options stays");
}

#[test]
fn a_new_route_is_learnt_from_the_start() {
    let path = Path { delay: vec![(0.0, 10.0), (20.0, 150.0)], ..Path::of(&[(0.0, 2e6), (20.0, 1e6)]) };
    let mut run = Run::adaptive(path);
    run.until(20.0);
    run.controller.on_route_change(Time::from_micros(20_000_000));
    run.until(40.0);
    println!("new route: {:.3}", run.utilisation(22.0, 40.0));
    assert!(run.utilisation(22.0, 40.0) > 0.85);
}
