//! What the controller does, by rule.

use std::time::Duration;

use interceptor_core::LinkCondition;
use interceptor_core::packet::Ecn;

use super::super::{Scream, ScreamOptions};
use super::{Script, after, at, feedback, lost, received, unknown};
use crate::{Controller as _, Feedback, FeedbackFormat, LossReport, RateLimits, Reason, Time};

fn options() -> ScreamOptions {
    ScreamOptions::default().with_max(5_000_000)
}

/// So many steps without a queue.
fn grown(steps: usize) -> Script {
    let mut script = Script::new(options());
    for _ in 0..steps {
        script.step(after(0));
    }
    script
}

#[test]
fn begins_with_the_rate_to_start_with_and_no_window() {
    let decision = Scream::new(options()).expect("right options").decision();
    assert_eq!((decision.target, decision.pacing, decision.window), (300_000, 330_000, None));
    assert_eq!((decision.ect, decision.burst), (Ecn::Ect1, Duration::from_millis(1)));
    assert_eq!(decision.reason, Reason::Start);
}

#[test]
fn feedback_without_marks_ends_marking_and_lengthens_the_burst() {
    let decision = grown(1).controller.decision();
    assert_eq!((decision.ect, decision.burst), (Ecn::NotEct, Duration::from_millis(10)));
}

#[test]
fn the_window_is_the_target_over_the_time_until_packets_are_told_of() {
    let script = grown(1);
    // 300 kb/s over the 125 ms or so until a packet is told of are four packets; three times that may be on the way while queues are empty.
    let window = script.controller.decision().window.expect("known by now");
    assert!((3 * 4000..3 * 6500).contains(&window), "{window}");
}

#[test]
fn grows_without_a_queue_and_not_beyond_the_limit() {
    let script = grown(400);
    assert_eq!(script.target(), 5_000_000);
}

#[test]
fn a_queue_makes_it_shrink_and_an_empty_one_lets_it_grow_again() {
    let mut script = grown(60);
    let before = script.target();
    for _ in 0..8 {
        script.step(after(90));
    }
    let decision = script.controller.decision();
    assert!(decision.target < before * 7 / 10, "{before} {}", decision.target);
    assert_eq!((decision.link.state, decision.reason), (LinkCondition::Congested, Reason::Delay));
    let low = decision.target;
    for _ in 0..40 {
        script.step(after(0));
    }
    assert!(script.target() > low * 6 / 5, "{low} {}", script.target());
}

#[test]
fn two_losses_in_ten_packets_make_it_shrink_by_three_tenths() {
    let mut script = grown(60);
    let before = script.controller.window.bytes();
    script.step(|index, sent| if index % 3 == 0 { lost(index, sent) } else { after(0)(index, sent) });
    let left = script.controller.window.bytes() / before;
    assert!((0.7..0.75).contains(&left), "{left}");
    assert_eq!(script.controller.decision().reason, Reason::Loss);
}

#[test]
fn what_nobody_tells_of_is_not_lost() {
    let mut script = grown(60);
    let before = script.target();
    for _ in 0..20 {
        script.step(|index, sent| if index % 3 == 0 { unknown(index, sent) } else { after(0)(index, sent) });
    }
    assert!(script.target() >= before);
}

#[test]
fn marks_make_it_shrink_by_half_their_share() {
    let mut script = Script::new(options());
    let step = |script: &mut Script, ecn| {
        script.now += 50;
        let packets: Vec<_> = (0..20).map(|n| received(n, script.now - 100, script.now - 50, ecn)).collect();
        let told = Feedback { format: FeedbackFormat::Ccfb, ..feedback(&packets, 24_000) };
        script.controller.on_feedback(at(script.now), &told);
    };
    for _ in 0..40 {
        step(&mut script, Ecn::Ect1);
    }
    let before = script.controller.window.bytes();
    step(&mut script, Ecn::Ce);
    let decision = script.controller.decision();
    assert_eq!((decision.ect, decision.reason), (Ecn::Ect1, Reason::Ecn));
    // The first marks for long: the window is what was on the way, alpha a quarter, and half a round trip has passed.
    let left = script.controller.window.bytes();
    assert!(before > 27_000.0, "{before}");
    assert!((left / 24_000.0 - (1.0 - 0.25 / 2.0 * 0.5)).abs() < 0.003, "{left}");
}

#[test]
fn what_is_not_used_does_not_grow() {
    let mut script = Script::new(options());
    for step in 0..200 {
        let now = 50 * step;
        let packets: Vec<_> = (0..4).map(|n| received(n, now - 100, now - 50, Ecn::NotEct)).collect();
        script.controller.on_feedback(at(now), &feedback(&packets, 10_000));
    }
    // 10 000 bytes are on the way at most: the window is a tenth and a packet more, over 100 ms.
    assert!(script.target() <= (11_000 + 1280) * 8 * 10, "{}", script.target());
}

#[test]
fn silence_makes_it_shrink_and_feedback_gives_it_back() {
    let mut script = grown(100);
    let before = script.target();
    let controller = &mut script.controller;
    let mut steps = 0;
    while let Some(due) = controller.next_timeout().filter(|due| *due < at(script.now + 5000)) {
        controller.on_timeout(due);
        steps += 1;
        assert_eq!(controller.decision().link.state, LinkCondition::Silent);
        assert_eq!(controller.decision().reason, Reason::Silence);
    }
    // After 600 ms, and then each 400 ms.
    assert_eq!(steps, 11);
    let silent = controller.decision().target;
    assert!(silent < before / 5, "{before} {silent}");
    script.now += 5000;
    script.step(after(0));
    assert!(script.target() > before * 3 / 4, "{before} {}", script.target());
}

#[test]
fn a_queue_after_silence_gives_nothing_back() {
    let mut script = grown(100);
    let before = script.target();
    for _ in 0..10 {
        let due = script.controller.next_timeout().expect("packets are on the way");
        script.controller.on_timeout(due);
    }
    script.now += 5000;
    script.step(after(100));
    assert!(script.target() < before / 4, "{before} {}", script.target());
}

#[test]
fn another_route_is_learnt_anew_from_no_more_than_half() {
    let mut script = grown(400);
    script.controller.on_route_change(at(script.now));
    let decision = script.controller.decision();
    assert_eq!((decision.target, decision.window, decision.ect), (2_500_000, None, Ecn::Ect1));
    for _ in 0..10 {
        script.step(|index, sent| received(index, sent, sent + 250, Ecn::NotEct));
    }
    assert!(script.target() > 2_000_000, "longer, and no queue: {}", script.target());
}

#[test]
fn limits_hold_at_once_and_the_window_lets_the_least_rate_pass() {
    let mut script = grown(100);
    script.controller.on_limits(at(script.now), RateLimits { min: 100_000, max: 200_000 });
    assert_eq!(script.target(), 200_000);
    assert_eq!(script.controller.decision().reason, Reason::Limit);
    script.controller.on_limits(at(script.now), RateLimits { min: 4_000_000, max: 5_000_000 });
    // Not for so long that it would be taken for a longer path.
    for _ in 0..30 {
        script.step(after(400));
    }
    assert_eq!(script.target(), 4_000_000);
    let window = script.controller.decision().window.expect("known by now");
    assert!(f64::from(window) > 1.5 * 4e6 / 8.0 * 0.1, "{window}");
}

#[test]
fn reports_count_until_feedback_comes() {
    let mut controller = Scream::new(options()).expect("right options");
    let report = |lost| LossReport { packets: 100, lost, rtt: Some(Duration::from_millis(100)) };
    controller.on_report(at(0), &report(0));
    assert_eq!(controller.next_timeout(), Some(at(1000)));
    controller.on_timeout(at(1000));
    assert_eq!(controller.decision().target, 325_000, "1.08 x 300 kb/s and 1 kb/s");
    controller.on_report(at(2000), &report(20));
    assert_eq!((controller.decision().target, controller.decision().reason), (292_500, Reason::Loss));
    controller.on_feedback(at(2100), &feedback(&[received(0, 2000, 2050, Ecn::NotEct)], 0));
    let target = controller.decision().target;
    controller.on_report(at(3000), &report(50));
    assert_eq!(controller.decision().target, target);
}

#[test]
fn padding_is_off_unless_asked_for() {
    let (mut without, mut with) = (Script::new(options()), Script::new(options().with_padding(true)));
    let (mut most, mut padded) = (0, 0);
    for _ in 0..100 {
        without.step(after(0));
        with.step(after(0));
        most = without.controller.decision().padding.max(most);
        padded = with.controller.decision().padding.max(padded);
    }
    assert_eq!(most, 0);
    assert!(padded > 300_000);
}

#[test]
fn a_clock_of_any_time_is_as_good() {
    let first = grown(60).target();
    let mut script = Script::new(options());
    for _ in 0..60 {
        script.step(|index, sent| {
            let mut packet = after(0)(index, sent);
            if let crate::Outcome::Received { at: Some(at), .. } = &mut packet.outcome {
                *at = Time::from_micros(at.micros() - 86_400_000_000);
            }
            packet
        });
    }
    assert_eq!(script.target(), first);
}
