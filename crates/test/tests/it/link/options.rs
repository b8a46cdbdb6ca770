//! Options outside their range are refused by name.

use std::time::Duration;

use interceptor_test::{
    Capacity, Clock, Duplicate, Jitter, Link, LinkOptions, Loss, MarkRamp, Reorder, Stalls,
};

use super::{MS, Probe};

fn refused(options: LinkOptions) -> &'static str {
    Link::<Probe>::new(Clock::new().now(), 1, options).expect_err("must be refused").field
}

#[test]
fn every_bound_is_checked() {
    let plain = LinkOptions::default;
    let elliott = |enter, leave, loss_in_good, loss_in_bad| {
        plain().with_loss(Loss::GilbertElliott { enter, leave, loss_in_good, loss_in_bad })
    };
    for (options, field) in [
        (plain().with_loss(Loss::random(-0.1)), "loss.rate"),
        (plain().with_loss(Loss::random(f64::NAN)), "loss.rate"),
        (plain().with_loss(Loss::burst(1.0, 4.0)), "loss.rate"),
        (plain().with_loss(Loss::burst(0.1, 0.9)), "loss.mean_packets"),
        (plain().with_loss(Loss::burst(0.9, 5.0)), "loss.mean_packets"),
        (plain().with_loss(Loss::burst(0.1, f64::INFINITY)), "loss.mean_packets"),
        (elliott(1.1, 0.5, 0.0, 1.0), "loss.enter"),
        (elliott(0.1, -0.5, 0.0, 1.0), "loss.leave"),
        (elliott(0.1, 0.5, 2.0, 1.0), "loss.loss_in_good"),
        (elliott(0.1, 0.5, 0.0, 1.01), "loss.loss_in_bad"),
        (plain().with_loss(Loss::random(0.1)).with_loss(Loss::random(7.0)), "loss.rate"),
        (plain().with_delay(MS).with_jitter(Jitter::uniform(2 * MS)), "jitter.spread"),
        (plain().with_delay(MS).with_jitter(Jitter::normal(MS, 2 * MS)), "jitter.limit"),
        (plain().with_delay(9 * MS).with_jitter(Jitter::normal(4 * MS, 3 * MS)), "jitter.limit"),
        (plain().with_reorder(Reorder::by_packets(1.5, 1)), "reorder.fraction"),
        (plain().with_duplicate(Duplicate::new(-1.0)), "duplicate.fraction"),
        (plain().with_delay_step(MS, MS).with_delay_step(MS, MS), "delay_steps.at"),
        (
            plain().with_delay(9 * MS).with_delay_step(MS, MS).with_jitter(Jitter::uniform(2 * MS)),
            "jitter.spread",
        ),
        (plain().with_stalls(Stalls::new(Duration::ZERO, MS)), "stalls.every"),
        (plain().with_mark_ramp(MarkRamp::new(2 * MS, MS)), "mark_ramp.to"),
        (plain().with_capacity(Capacity::constant(1).then(Duration::ZERO, 2)), "capacity.then.at"),
        (plain().with_capacity(Capacity::constant(1).then(5 * MS, 2).then(5 * MS, 3)), "capacity.then.at"),
    ] {
        assert_eq!(refused(options.clone()), field, "{options:?}");
    }
}

#[test]
fn the_error_names_field_value_and_range() {
    let error = LinkOptions::default().with_loss(Loss::random(1.5)).validate().expect_err("out of range");
    assert_eq!(error.to_string(), "LinkOptions::loss.rate is 1.5, it has to be in 0.0..=1.0");
}
