//! What observers hear, in stacks inside stacks as well.

use std::cell::RefCell;
use std::collections::VecDeque;

use interceptor_stack::{Call, Execute, Observer, Outcome, Phase, Step, interceptor, stack};

/// What was heard: before with the context, after with the outcome.
#[derive(Default)]
struct Heard(RefCell<Vec<String>>);

impl<C: std::fmt::Debug> Observer<C, &'static str> for &Heard {
    fn before(&mut self, Call { name, phase, depth }: Call<'_>, context: &C) {
        self.0.borrow_mut().push(format!("{depth} {name}.{phase} {context:?}"));
    }

    fn after(&mut self, call: Call<'_>, context: &C, outcome: Outcome<'_, &'static str>) {
        self.0.borrow_mut().push(format!("{} {} → {outcome:?} {context:?}", call.depth, call.phase));
    }
}

#[test]
fn observers_see_every_call_and_no_absent_function() {
    let counts = interceptor("counts").enter(|n: &mut u32| {
        *n += 1;
        Ok(Step::Next)
    });
    let nothing = interceptor("nothing");
    let mends = interceptor("mends").error(|_: &mut u32, _| Ok(()));
    let replaces = interceptor("replaces")
        .leave(|n: &mut u32| {
            *n += 10;
            Err("lost")
        })
        .error(|_: &mut u32, _| Err("replaced"));
    let turns = interceptor("turns").enter(|_: &mut u32| Ok(Step::Turn));
    let heard = Heard::default();
    let mut n = 0;
    let stack = stack![counts, nothing, mends, replaces, turns, counts];
    assert_eq!(stack.execute_with(&mut n, 0, &mut &heard), Ok(()));
    assert_eq!(
        heard.0.take(),
        [
            "0 counts.enter 0",
            "0 enter → Next 1",
            "4 turns.enter 1",
            "4 enter → Turn 1",
            "3 replaces.leave 1",
            "3 leave → Failed(\"lost\") 11",
            "3 replaces.error 11",
            "3 error → Failed(\"replaced\") 11",
            "2 mends.error 11",
            "2 error → Done 11",
        ]
    );
}

#[test]
fn observers_see_the_depth_of_a_stack_inside_a_stack() {
    let heard = Heard::default();
    let work = interceptor("work").enter(|n: &mut u32| {
        *n *= 2;
        Ok(Step::Next)
    });
    let resource = interceptor("resource").leave(|_: &mut VecDeque<u32>| Ok(()));
    let each = interceptor("each").enter(|queue: &mut VecDeque<u32>| {
        while let Some(mut message) = queue.pop_front() {
            // One inside the place of this interceptor, which is 1.
            stack![work].execute_with(&mut message, 2, &mut &heard)?;
        }
        Ok(Step::Next)
    });
    assert_eq!(stack![resource, each].execute_with(&mut [1].into(), 0, &mut &heard), Ok(()));
    assert_eq!(
        heard.0.take(),
        [
            "1 each.enter [1]",
            "2 work.enter 1",
            "2 enter → Next 2",
            "1 enter → Next []",
            "0 resource.leave []",
            "0 leave → Done []",
        ]
    );
}

#[test]
fn of_a_panic_there_is_a_before_and_no_after() {
    struct Last(Option<Phase>, bool);
    impl Observer<(), ()> for Last {
        fn before(&mut self, call: Call<'_>, (): &()) {
            self.0 = Some(call.phase);
        }

        fn after(&mut self, _: Call<'_>, (): &(), _: Outcome<'_, ()>) {
            self.1 = true;
        }
    }
    let careless = interceptor("careless").leave(|(): &mut ()| -> Result<(), ()> { panic!("oh") });
    let mut last = Last(None, false);
    let execute = || stack![careless].execute_with(&mut (), 0, &mut last);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(execute)).is_err());
    assert_eq!((last.0, last.1), (Some(Phase::Leave), false));
}
