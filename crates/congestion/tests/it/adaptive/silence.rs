//! Without feedback less is sent, down to the least; when it returns, so does the rate.

use interceptor_congestion::{Controller, Reason, Sent, Time};
use interceptor_core::LinkCondition;

use super::link::{Path, Run};

#[test]
fn falls_while_feedback_is_missing_and_returns_with_it() {
    let mut run = Run::adaptive(Path { no_feedback: (20.0, 25.0), ..Path::of(&[(0.0, 2e6)]) });
    run.until(20.0);
    let before = run.target();
    run.until(20.3);
    let mut last = run.target();
    for step in 0..22 {
        run.until(20.5 + f64::from(step) * 0.2);
        assert!(run.target() <= last, "it never grows in silence");
        last = run.target();
    }
    assert_eq!(run.controller.decision().reason, Reason::Silence);
    assert_eq!(run.controller.decision().link.state, LinkCondition::Silent);
    assert!(last <= 0.5 * before, "{last} of {before}");
    run.until(26.0);
    println!("silence: {before} {last} {}", run.target());
    assert!(run.target() >= 0.7 * before, "{} of {before}", run.target());
}

#[test]
fn falls_to_the_least_and_stays_there() {
    let mut run = Run::adaptive(Path { no_feedback: (10.0, 1e9), ..Path::of(&[(0.0, 2e6)]) });
    run.until(60.0);
    assert_eq!(run.target(), 5000.0);
}

#[test]
fn a_pause_of_the_application_is_no_silence() {
    let mut run = Run::adaptive(Path::of(&[(0.0, 2e6)]));
    run.until(20.0);
    let before = run.target();
    let mut controller = run.controller;
    // Everything has been told of, and nothing leaves for a minute.
    let end = Time::from_micros(20_200_000);
    let packets = [];
    let format = interceptor_congestion::FeedbackFormat::Twcc;
    let feedback = interceptor_congestion::Feedback { packets: &packets, in_flight: 0, format, rtt: None };
    controller.on_feedback(end, &feedback);
    assert_eq!(controller.next_timeout(), None);
    let later = Time::from_micros(80_000_000);
    let sent = Sent { index: 1, bytes: 1000, class: Default::default(), probe: None };
    controller.on_sent(later, &sent, 1000);
    controller.on_timeout(later);
    assert_eq!(controller.decision().target as f64, before);
    assert!(controller.next_timeout().is_some_and(|at| at > later));
}
