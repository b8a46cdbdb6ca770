//! Panics: what happens with `Contain` and without.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

use interceptor_stack::{
    AsyncExecute, AsyncInterceptor, Contain, Execute, Panicked, Phase, Step, interceptor, stack,
};

use crate::scripted::{complete, pend_once};

type Log = Vec<String>;

fn note(log: &mut Log, what: String) -> Result<(), Panicked> {
    log.push(what);
    Ok(())
}

/// Writes down what it gets, and passes it on.
fn outer() -> impl interceptor_stack::Interceptor<Log, Panicked> {
    interceptor("outer").leave(|log: &mut Log| note(log, "left".to_owned())).error(
        |log: &mut Log, error: Panicked| {
            log.push(error.to_string());
            Err(error)
        },
    )
}

#[test]
fn a_panic_is_an_error_when_contained() {
    let enter =
        interceptor("careless").enter(|_: &mut Log| -> Result<Step, Panicked> { panic!("on the way in") });
    let leave =
        interceptor("careless").leave(|_: &mut Log| -> Result<(), Panicked> { panic!("on the way out") });
    let error = interceptor("careless").enter(|_: &mut Log| panic!("at first")).error(
        |_: &mut Log, first: Panicked| -> Result<(), Panicked> {
            panic!("after: {}", first.message().unwrap_or_default())
        },
    );
    let mut log = Log::new();
    let phases = [
        stack![outer(), Contain(enter)].execute(&mut log),
        stack![outer(), Contain(leave)].execute(&mut log),
        stack![outer(), Contain(error)].execute(&mut log),
    ];
    let phases = phases.map(|outcome| outcome.unwrap_err().phase());
    assert_eq!(phases, [Phase::Enter, Phase::Leave, Phase::Error]);
    assert_eq!(
        log,
        [
            "enter of careless panicked: on the way in",
            "leave of careless panicked: on the way out",
            "error of careless panicked: after: at first",
        ]
    );
}

#[test]
fn its_own_error_may_deal_with_a_panic() {
    let mends = interceptor("mends")
        .enter(|_: &mut Log| -> Result<Step, Panicked> { panic!("oh") })
        .error(|log: &mut Log, error: Panicked| note(log, format!("{} has {}", error.interceptor(), error)));
    let mut log = Log::new();
    assert!(stack![outer(), Contain(mends)].execute(&mut log).is_ok());
    assert_eq!(log, ["mends has enter of mends panicked: oh", "left"]);
}

#[test]
fn what_was_thrown_can_be_thrown_on() {
    let throws = interceptor("throws").enter(|_: &mut Log| -> Result<Step, Panicked> { panic_any(7_u64) });
    let panicked = stack![Contain(throws)].execute(&mut Log::new()).unwrap_err();
    assert_eq!((panicked.message(), panicked.to_string()), (None, "enter of throws panicked".to_owned()));
    assert!(format!("{panicked:?}").contains("throws"));
    assert_eq!(panicked.into_payload().downcast_ref(), Some(&7_u64));
}

#[test]
fn without_it_a_panic_unwinds_past_every_leave() {
    let careless = interceptor("careless").enter(|_: &mut Log| -> Result<Step, Panicked> { panic!("oh") });
    let mut log = Log::new();
    let unwound = catch_unwind(AssertUnwindSafe(|| stack![outer(), careless].execute(&mut log)));
    assert!(unwound.is_err());
    assert_eq!(log, Log::new());
}

/// Panics before it is a future, or after it has waited.
struct Careless {
    after_waiting: bool,
}

impl AsyncInterceptor<Log, Panicked> for Careless {
    fn name(&self) -> &str {
        "careless"
    }

    fn enter(&self, _: &mut Log) -> impl Future<Output = Result<Step, Panicked>> + Send {
        assert!(self.after_waiting, "at once");
        async {
            pend_once().await;
            panic!("after waiting")
        }
    }
}

#[test]
fn a_panic_is_contained_before_and_after_waiting() {
    for (after_waiting, text) in [(false, "at once"), (true, "after waiting")] {
        let outcome = complete(stack![Contain(Careless { after_waiting })].execute(&mut Log::new()));
        assert_eq!(outcome.unwrap_err().message(), Some(text));
    }
}

#[test]
fn a_panic_is_an_error_that_can_be_shared() {
    fn is_error<T: std::error::Error + Send + Sync + 'static>() {}
    is_error::<Panicked>();
}
