//! Counts the instructions of gRPC calls over loopback under callgrind, both ends: calls of two lengths, whose difference is the messages'.
//! `cargo xtask bench --instructions --scenario streams` runs this.

#![expect(
    missing_docs,
    clippy::expect_used,
    reason = "the macros write what is missing docs; without a connection there is nothing to count"
)]

use std::hint::black_box;

use bench::contender::Contender as _;
use bench::instructions::{CALLS, MESSAGES};
use bench::streams::grpc::{Calls, Form, Kind};
use gungraun::{library_benchmark, library_benchmark_group, main};

/// Calls before anything counts.
const WARM_UP: usize = 3;

fn calls(kind: Kind, form: Form, items: usize) -> Calls {
    let mut calls = Calls::new(kind, form).expect("loopback is there");
    calls.prepare(items);
    for _ in 0..WARM_UP {
        assert_eq!(calls.talk().expect("the server answers"), items as u64);
    }
    calls
}

/// The contender comes back so that its end is not counted.
fn run(calls: Calls) -> Calls {
    black_box(calls.talk()).expect("the server answers");
    calls
}

#[library_benchmark]
#[bench::bare_short(args = (Kind::Pull, Form::Bare, MESSAGES.short), setup = calls)]
#[bench::bare_long(args = (Kind::Pull, Form::Bare, MESSAGES.long), setup = calls)]
#[bench::counting_short(args = (Kind::Pull, Form::Counting, MESSAGES.short), setup = calls)]
#[bench::counting_long(args = (Kind::Pull, Form::Counting, MESSAGES.long), setup = calls)]
#[bench::limits_short(args = (Kind::Pull, Form::Limits, MESSAGES.short), setup = calls)]
#[bench::limits_long(args = (Kind::Pull, Form::Limits, MESSAGES.long), setup = calls)]
#[bench::both_short(args = (Kind::Pull, Form::Both, MESSAGES.short), setup = calls)]
#[bench::both_long(args = (Kind::Pull, Form::Both, MESSAGES.long), setup = calls)]
#[bench::metrics_short(args = (Kind::Pull, Form::Metrics, MESSAGES.short), setup = calls)]
#[bench::metrics_long(args = (Kind::Pull, Form::Metrics, MESSAGES.long), setup = calls)]
fn pull(calls: Calls) -> Calls {
    run(calls)
}

#[library_benchmark]
#[bench::bare_short(args = (Kind::Push, Form::Bare, MESSAGES.short), setup = calls)]
#[bench::bare_long(args = (Kind::Push, Form::Bare, MESSAGES.long), setup = calls)]
#[bench::counting_short(args = (Kind::Push, Form::Counting, MESSAGES.short), setup = calls)]
#[bench::counting_long(args = (Kind::Push, Form::Counting, MESSAGES.long), setup = calls)]
#[bench::limits_short(args = (Kind::Push, Form::Limits, MESSAGES.short), setup = calls)]
#[bench::limits_long(args = (Kind::Push, Form::Limits, MESSAGES.long), setup = calls)]
#[bench::both_short(args = (Kind::Push, Form::Both, MESSAGES.short), setup = calls)]
#[bench::both_long(args = (Kind::Push, Form::Both, MESSAGES.long), setup = calls)]
#[bench::metrics_short(args = (Kind::Push, Form::Metrics, MESSAGES.short), setup = calls)]
#[bench::metrics_long(args = (Kind::Push, Form::Metrics, MESSAGES.long), setup = calls)]
fn push(calls: Calls) -> Calls {
    run(calls)
}

#[library_benchmark]
#[bench::bare_short(args = (Kind::Unary, Form::Bare, CALLS.short), setup = calls)]
#[bench::bare_long(args = (Kind::Unary, Form::Bare, CALLS.long), setup = calls)]
#[bench::counting_short(args = (Kind::Unary, Form::Counting, CALLS.short), setup = calls)]
#[bench::counting_long(args = (Kind::Unary, Form::Counting, CALLS.long), setup = calls)]
#[bench::limits_short(args = (Kind::Unary, Form::Limits, CALLS.short), setup = calls)]
#[bench::limits_long(args = (Kind::Unary, Form::Limits, CALLS.long), setup = calls)]
#[bench::both_short(args = (Kind::Unary, Form::Both, CALLS.short), setup = calls)]
#[bench::both_long(args = (Kind::Unary, Form::Both, CALLS.long), setup = calls)]
#[bench::metrics_short(args = (Kind::Unary, Form::Metrics, CALLS.short), setup = calls)]
#[bench::metrics_long(args = (Kind::Unary, Form::Metrics, CALLS.long), setup = calls)]
fn unary(calls: Calls) -> Calls {
    run(calls)
}

library_benchmark_group!(name = calls_over_loopback, benchmarks = [pull, push, unary]);

main!(library_benchmark_groups = calls_over_loopback);
