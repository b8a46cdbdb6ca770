//! Stacks of ours.

use std::hint::black_box;

use interceptor_stack::{
    AsyncExecute, AsyncInterceptor, AsyncStack, Contain, Execute, Interceptor, Panicked, Stack, Step, stack,
};

use super::{COMPILED, LENGTHS, RUN_TIME, case, ready, way_in, way_out};
use crate::contender::{Case, Role};

const SYNC: (Role, &str) = (Role::Subject, "interceptor-stack, stack!");
const BY_HAND: (Role, &str) = (Role::Variant, "by hand, without interceptors");
const SYNC_CONTAINED: (Role, &str) = (Role::Variant, "interceptor-stack, stack!, contained");
const ASYNC: (Role, &str) = (Role::Variant, "interceptor-stack, stack!, async");
const ASYNC_BOXED: (Role, &str) = (Role::Subject, "interceptor-stack, AsyncStack");
const ASYNC_IMMEDIATE: (Role, &str) = (Role::Variant, "interceptor-stack, AsyncStack, immediate");
const SYNC_BOXED: (Role, &str) = (Role::Variant, "interceptor-stack, Stack");
const SYNC_BOXED_CONTAINED: (Role, &str) = (Role::Variant, "interceptor-stack, Stack, contained");

#[derive(Debug)]
struct Fault;

impl From<Panicked> for Fault {
    fn from(_: Panicked) -> Self {
        Self
    }
}

/// Adds on the way in, changes on the way out. Its number is not the compiler's to know.
#[derive(Debug)]
struct Adds(u64);

impl Adds {
    fn new() -> Self {
        Self(black_box(3))
    }
}

impl Interceptor<u64, Fault> for Adds {
    fn name(&self) -> &str {
        "adds"
    }

    fn enter(&self, number: &mut u64) -> Result<Step, Fault> {
        *number = way_in(*number, self.0);
        Ok(Step::Next)
    }

    fn leave(&self, number: &mut u64) -> Result<(), Fault> {
        *number = way_out(*number, self.0);
        Ok(())
    }
}

/// The same as one that could wait.
#[derive(Debug)]
struct AddsAsync(u64);

impl AddsAsync {
    fn new() -> Self {
        Self(black_box(3))
    }
}

impl AsyncInterceptor<u64, Fault> for AddsAsync {
    fn name(&self) -> &str {
        "adds"
    }

    async fn enter(&self, number: &mut u64) -> Result<Step, Fault> {
        *number = way_in(*number, self.0);
        Ok(Step::Next)
    }

    async fn leave(&self, number: &mut u64) -> Result<(), Fault> {
        *number = way_out(*number, self.0);
        Ok(())
    }
}

fn sync(stack: impl Execute<u64, Fault>) -> impl FnMut(u64) -> u64 {
    move |mut number| {
        let failed = stack.execute(&mut number).is_err();
        number + u64::from(failed)
    }
}

fn waiting(stack: impl AsyncExecute<u64, Fault>) -> impl FnMut(u64) -> u64 {
    move |number| {
        ready(async {
            let mut number = number;
            let failed = stack.execute(&mut number).await.is_err();
            number + u64::from(failed)
        })
    }
}

/// What interceptors do, without any: numbers that the compiler does not know, in and out.
fn by_hand<const N: usize>() -> impl FnMut(u64) -> u64 {
    let by = [3; N].map(black_box);
    move |number| {
        let inside = by.iter().fold(number, |number, by| way_in(number, *by));
        by.iter().rev().fold(inside, |number, by| way_out(number, *by))
    }
}

/// A stack for each of [`LENGTHS`].
macro_rules! compiled {
    ($cases:ident, $who:expr, $run:ident, $one:expr) => {{
        let [one, two, four, eight] = COMPILED;
        $cases.push(case(one, $who, || $run(stack![$one])));
        $cases.push(case(two, $who, || $run(stack![$one, $one])));
        $cases.push(case(four, $who, || $run(stack![$one, $one, $one, $one])));
        $cases.push(case(eight, $who, || $run(stack![$one, $one, $one, $one, $one, $one, $one, $one])));
    }};
}

pub(super) fn cases() -> Vec<Case> {
    let [one, two, four, eight] = COMPILED;
    let mut cases = vec![
        case(one, BY_HAND, by_hand::<1>),
        case(two, BY_HAND, by_hand::<2>),
        case(four, BY_HAND, by_hand::<4>),
        case(eight, BY_HAND, by_hand::<8>),
    ];
    compiled!(cases, SYNC, sync, Adds::new());
    compiled!(cases, SYNC_CONTAINED, sync, Contain(Adds::new()));
    compiled!(cases, ASYNC, waiting, AddsAsync::new());
    for (length, variant) in LENGTHS.into_iter().zip(RUN_TIME) {
        let stack = move || (0..length).fold(Stack::new(), |stack, _| stack.with(Adds::new()));
        cases.push(case(variant, SYNC_BOXED, move || sync(stack())));
        let contained = move || (0..length).fold(Stack::new(), |stack, _| stack.with(Contain(Adds::new())));
        cases.push(case(variant, SYNC_BOXED_CONTAINED, move || sync(contained())));
        let boxed = move || (0..length).fold(AsyncStack::new(), |stack, _| stack.with(AddsAsync::new()));
        cases.push(case(variant, ASYNC_BOXED, move || waiting(boxed())));
        let immediate =
            move || (0..length).fold(AsyncStack::new(), |stack, _| stack.with_immediate(Adds::new()));
        cases.push(case(variant, ASYNC_IMMEDIATE, move || waiting(immediate())));
    }
    cases
}
