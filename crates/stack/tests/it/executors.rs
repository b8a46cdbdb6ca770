//! Every executor beside the model: all stacks of two, and random ones of up to seven.

use std::convert::identity;

use interceptor_stack::{
    AsyncExecute, AsyncStack, Call, Contain, Execute, Immediate, Observer, Outcome, Stack, stack,
};
use proptest::prelude::*;

use crate::model;
use crate::scripted::{Fault, Log, NAMES, Scripted, Waits, complete, kinds, stacks};

/// A stack of the compiler's, of as many as there are.
macro_rules! known {
    ($list:expr, $wrap:expr, |$stack:ident| $body:expr) => {
        known!($list, $wrap, |$stack| $body;
            [], [a], [a, b], [a, b, c], [a, b, c, d], [a, b, c, d, e], [a, b, c, d, e, f], [a, b, c, d, e, f, g])
    };
    ($list:expr, $wrap:expr, |$stack:ident| $body:expr; $($places:tt),*) => {
        match *$list {
            $($places => known!(@ $wrap, |$stack| $body; $places),)*
            _ => panic!("more than there are names"),
        }
    };
    (@ $wrap:expr, |$stack:ident| $body:expr; [$($place:ident),*]) => {{
        let wrap = $wrap;
        let _: fn(Scripted) -> _ = wrap;
        let $stack = stack![$(wrap($place)),*];
        $body
    }};
}

type Ran = (Log, Option<u32>);

fn sync(stack: impl Execute<Log, Fault>) -> Ran {
    let mut log = Log::new();
    let outcome = stack.execute(&mut log);
    (log, outcome.err().map(|fault| fault.0))
}

fn waiting(stack: impl AsyncExecute<Log, Fault>) -> Ran {
    let mut log = Log::new();
    let outcome = complete(stack.execute(&mut log));
    (log, outcome.err().map(|fault| fault.0))
}

/// What an observer has heard, in the terms of the log.
#[derive(Default)]
struct Heard(Log, Option<u32>);

impl Observer<Log, Fault> for Heard {
    fn before(&mut self, call: Call<'_>, log: &Log) {
        assert_eq!((call.name, self.0.len()), (NAMES[call.depth - 3], log.len()), "nothing was left out");
        self.0.push((call.depth - 3, call.phase, self.1));
    }

    fn after(&mut self, call: Call<'_>, log: &Log, outcome: Outcome<'_, Fault>) {
        assert_eq!(
            (call.depth - 3, call.phase, log.len()),
            (self.0.last().unwrap().0, self.0.last().unwrap().1, self.0.len())
        );
        self.1 = if let Outcome::Failed(fault) = outcome { Some(fault.0) } else { None };
    }
}

fn watched(stack: impl Execute<Log, Fault>) -> Ran {
    let (mut log, mut heard) = (Log::new(), Heard::default());
    let outcome = stack.execute_with(&mut log, 3, &mut heard);
    assert_eq!(heard.0, log);
    (log, outcome.err().map(|fault| fault.0))
}

fn watched_waiting(stack: impl AsyncExecute<Log, Fault>) -> Ran {
    let (mut log, mut heard) = (Log::new(), Heard::default());
    let outcome = complete(stack.execute_with(&mut log, 3, &mut heard));
    assert_eq!(heard.0, log);
    (log, outcome.err().map(|fault| fault.0))
}

/// Each form of an execution under its name.
fn all(list: &[Scripted]) -> Vec<(&'static str, Ran)> {
    let at_run_time = || list.iter().fold(Stack::new(), |stack, one| stack.with(*one));
    let async_at_run_time = || list.iter().fold(AsyncStack::new(), |stack, one| stack.with(Waits(*one)));
    // Every second one waits for nothing.
    let mixed = || {
        list.iter().fold(AsyncStack::new(), |stack, one| {
            if one.place % 2 == 0 { stack.with_immediate(*one) } else { stack.with(Waits(*one)) }
        })
    };
    // Boxed ones that are ready when they are polled for the first time, all of them or every third.
    let ready = |every: usize| {
        list.iter().fold(AsyncStack::new(), |stack, one| {
            if one.place % every == 0 { stack.with(Immediate(*one)) } else { stack.with(Waits(*one)) }
        })
    };
    let panicking: Vec<Scripted> = list.iter().map(|one| Scripted { panics: true, ..*one }).collect();
    let contained = panicking.iter().fold(Stack::new(), |stack, one| stack.with(Contain(*one)));
    let async_contained =
        panicking.iter().fold(AsyncStack::new(), |stack, one| stack.with(Contain(Waits(*one))));
    let contain_waits = |one| Contain(Waits(one));
    vec![
        ("static", known!(list, identity::<Scripted>, |stack| sync(stack))),
        ("static, watched", known!(list, identity::<Scripted>, |stack| watched(stack))),
        ("static, contained", known!(panicking, Contain, |stack| sync(stack))),
        ("run time", sync(at_run_time())),
        ("run time, watched", watched(at_run_time())),
        ("run time, contained", sync(contained)),
        ("async static", known!(list, Waits, |stack| waiting(stack))),
        ("async static, watched", known!(list, Waits, |stack| watched_waiting(stack))),
        ("async static, contained", known!(panicking, contain_waits, |stack| waiting(stack))),
        ("async static, immediate", known!(list, Immediate, |stack| waiting(stack))),
        ("async run time", waiting(async_at_run_time())),
        ("async run time, watched", watched_waiting(async_at_run_time())),
        ("async run time, contained", waiting(async_contained)),
        ("async run time, ready", waiting(ready(1))),
        ("async run time, ready, watched", watched_waiting(ready(1))),
        ("async run time, some ready", waiting(ready(3))),
        ("async run time, mixed", waiting(mixed())),
        ("async run time, mixed, watched", watched_waiting(mixed())),
    ]
}

#[test]
fn all_stacks_of_two_do_what_the_text_says() {
    let pairs = kinds(0).flat_map(|outer| kinds(1).map(move |inner| [outer, inner]));
    for pair in pairs {
        let right = model::run(&pair);
        for (form, ran) in all(&pair) {
            assert_eq!(ran, right, "{form}: {pair:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn all_executors_do_what_the_text_says(stack in stacks()) {
        let right = model::run(&stack);
        for (form, ran) in all(&stack) {
            prop_assert_eq!(&ran, &right, "{}", form);
        }
    }
}
