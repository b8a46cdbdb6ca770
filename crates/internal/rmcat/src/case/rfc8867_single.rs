//! RFC 8867 §5.1, one flow over a capacity that changes, and what else its path can do meanwhile.

use std::time::Duration;

use interceptor_test::{Jitter, MarkRamp, Stalls};

use super::{Case, single};
use crate::measure::Measure;
use crate::plan::Plan;
use crate::schedule::Schedule;

pub(super) fn cases() -> Vec<Case> {
    let ms = Duration::from_millis;
    vec![
        case("5.1", "capacity 1.0, 2.5, 0.6, 1.0 Mb/s")
            .show("drop % 60-65 s", Measure::Dropped(60.0, 65.0))
            .show("s to 2.5", Measure::Rise(40.0, 20.0))
            .show("s to 1.0", Measure::Rise(80.0, 20.0)),
        case("5.1w", "5.1 over Wi-Fi: stalls of up to 30 ms, ten a second")
            .with_flow(|flow| flow.tail.stalls = Some(Stalls::new(ms(85), ms(30)))),
        case("5.1j", "5.1 with jitter, normal with 5 ms")
            .with_flow(|flow| flow.tail.jitter = Some(Jitter::normal(ms(5), ms(15)))),
        case("5.1s", "5.1 with a queue of 20 ms")
            .with(|plan| plan.forward.queue = ms(20))
            .show("drop %", Measure::Dropped(0.0, 100.0)),
        case("5.1H", "5.1 times four").with(times_four),
        case("5.1E", "5.1 times four, with L4S marks from 2 to 10 ms")
            .with(times_four)
            .with(|plan| plan.forward.marks = Some(MarkRamp::new(ms(2), ms(10))))
            .with_flow(|flow| flow.l4s = true),
        case("5.1f10", "5.1, 10 % of feedback messages lost").with_flow(|flow| flow.tail.feedback_loss = 0.1),
        case("5.1f30", "5.1, 30 % of feedback messages lost").with_flow(|flow| flow.tail.feedback_loss = 0.3),
        case("5.1d+", "5.1, the receiver's clock 100 ppm fast").with_flow(|flow| flow.drift_ppm = 100),
        case("5.1d-", "5.1, the receiver's clock 100 ppm slow").with_flow(|flow| flow.drift_ppm = -100),
    ]
}

fn case(name: &'static str, about: &'static str) -> Case {
    let capacity = Schedule::constant(1.0).then(40.0, 2.5).then(60.0, 0.6).then(80.0, 1.0);
    Case::new(name, about, single(capacity, 100.0)).show_util_and_queue(0.0, 100.0)
}

fn times_four(plan: &mut Plan) {
    plan.forward.capacity = plan.forward.capacity.take().map(|capacity| capacity.times(4.0));
    plan.max = 12_500_000;
}
