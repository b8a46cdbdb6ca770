//! Loss by chance, and links that never change.

use super::{Case, single};
use crate::measure::Measure;
use crate::schedule::Schedule;

pub(super) fn cases() -> Vec<Case> {
    vec![
        lossy("r0", "3 Mb/s", 0.0).show("util 0-5 s", Measure::Util(0.0, 5.0)),
        lossy("r2", "3 Mb/s, 2 % lost by chance", 0.02),
        lossy("r5", "3 Mb/s, 5 % lost by chance", 0.05),
        lossy("r10", "3 Mb/s, 10 % lost by chance", 0.1),
        lossy("r20", "3 Mb/s, 20 % lost by chance", 0.2),
        constant("c0.15", "0.15 Mb/s", 0.15),
        constant("c0.4", "0.4 Mb/s", 0.4),
    ]
}

fn lossy(name: &'static str, about: &'static str, loss: f64) -> Case {
    constant(name, about, 3.0).with(|plan| {
        plan.forward.loss = loss;
        plan.max = 5_000_000;
    })
}

fn constant(name: &'static str, about: &'static str, mbit: f64) -> Case {
    Case::new(name, about, single(Schedule::constant(mbit), 100.0)).show_util_and_queue(0.0, 100.0)
}
