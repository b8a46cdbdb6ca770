//! It finds what a path carries, follows it, and leaves the queue short.

use interceptor_congestion::{Controller, Reason};
use interceptor_core::LinkCondition;

use super::link::{Path, Run};

/// RFC 8867 §5.1.
fn variable() -> Path {
    Path::of(&[(0.0, 1.0e6), (40.0, 2.5e6), (60.0, 0.6e6), (80.0, 1.0e6)])
}

#[test]
fn follows_a_path_that_changes_with_a_short_queue() {
    for seed in 1..=3 {
        let mut run = Run::adaptive(Path { seed, ..variable() });
        run.until(100.0);
        let (used, q95) = (run.utilisation(0.0, 100.0), run.q95(0.0, 100.0));
        println!("5.1 seed {seed}: {used:.3} {q95:.1} ms, {} dropped", run.dropped);
        assert!(used > 0.88, "{used}");
        assert!(q95 < 40.0, "{q95} ms");
    }
}

#[test]
fn reaches_nine_tenths_of_a_path_within_seconds() {
    let mut run = Run::adaptive(Path::of(&[(0.0, 3e6)]));
    run.until(30.0);
    let first = run.utilisation(0.0, 5.0);
    println!("start: {first:.3}, then {:.3}", run.utilisation(5.0, 30.0));
    assert!(first > 0.8, "{first}");
    assert!(run.utilisation(5.0, 30.0) > 0.9);
}

#[test]
fn loss_by_chance_is_no_congestion() {
    for (loss, least) in [(0.02, 0.9), (0.05, 0.88), (0.1, 0.83), (0.2, 0.75)] {
        let mut run = Run::adaptive(Path { loss, ..Path::of(&[(0.0, 3e6)]) });
        run.until(60.0);
        let used = run.utilisation(0.0, 60.0) / (1.0 - loss);
        println!("loss {loss}: {used:.3} {:.1} ms", run.q95(0.0, 60.0));
        assert!(used > least, "{loss}: {used}");
    }
}

#[test]
fn a_path_that_becomes_longer_is_no_queue_for_ever() {
    let mut run = Run::adaptive(Path { delay: vec![(0.0, 30.0), (30.0, 100.0)], ..Path::of(&[(0.0, 2e6)]) });
    run.until(60.0);
    println!("route up: {:.3} {:.3}", run.utilisation(30.0, 45.0), run.utilisation(45.0, 60.0));
    assert!(run.utilisation(30.0, 45.0) > 0.6);
    assert!(run.utilisation(45.0, 60.0) > 0.85);
}

#[test]
fn tries_more_while_the_application_sends_little() {
    let mut run = Run::adaptive(Path { source: (0.5e6, 30.0), ..Path::of(&[(0.0, 2e6)]) });
    run.until(29.0);
    let idle = run.target();
    run.until(40.0);
    println!("idle: {idle}, then {:.3} {:.1} ms", run.utilisation(30.0, 36.0), run.q95(30.0, 36.0));
    assert!((1e6..=2.05e6).contains(&idle), "{idle}");
    assert!(run.utilisation(30.0, 36.0) > 0.8 && run.q95(30.0, 36.0) < 80.0);
}

#[test]
fn a_slow_path_has_a_queue_of_a_packet_or_two() {
    let mut run = Run::adaptive(Path::of(&[(0.0, 0.15e6)]));
    run.until(60.0);
    println!("slow: {:.3} {:.1} ms", run.utilisation(0.0, 60.0), run.q95(0.0, 60.0));
    assert!(run.q95(0.0, 60.0) <= 80.0);
    assert!(run.utilisation(5.0, 60.0) > 0.85);
}

#[test]
fn says_what_it_sees_and_why_it_moved() {
    let mut run = Run::adaptive(Path::of(&[(0.0, 2e6), (20.0, 1e6)]));
    run.until(20.0);
    assert_eq!(run.controller.decision().link.state, LinkCondition::Clear);
    let mut reasons = Vec::new();
    for step in 0..40 {
        run.until(20.0 + f64::from(step) * 0.05);
        reasons.push((run.controller.decision().reason, run.controller.decision().link.state));
    }
    assert!(reasons.contains(&(Reason::Delay, LinkCondition::Draining)), "{reasons:?}");
    let decision = run.controller.decision();
    let pacing = decision.target as f64 * 1.1;
    assert!((decision.pacing as f64 - pacing).abs() < 2.0, "{decision:?}");
    assert!((95..200).contains(&decision.link.rtt.as_millis()), "{decision:?}");
}
