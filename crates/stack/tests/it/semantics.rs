//! The rows of the documentation's table that the random stacks do not tell by name.

use interceptor_stack::{Execute, Stack, Step, interceptor, stack};

type Log = Vec<&'static str>;

fn note<E>(log: &mut Log, what: &'static str) -> Result<(), E> {
    log.push(what);
    Ok(())
}

#[test]
fn an_empty_stack_leaves_the_context_alone() {
    let mut context = 7;
    let outcomes: [Result<(), ()>; 2] = [stack![].execute(&mut context), Stack::new().execute(&mut context)];
    assert_eq!((outcomes, context), ([Ok(()), Ok(())], 7));
}

#[test]
fn who_turns_leaves_and_nobody_further_in_is_entered() {
    let outer = interceptor("outer").leave(|log: &mut Log| note(log, "outer.leave"));
    let turns = interceptor("turns")
        .enter(|log: &mut Log| {
            log.push("turns.enter");
            Ok(Step::Turn)
        })
        .leave(|log: &mut Log| note(log, "turns.leave"));
    let never = interceptor("never").enter(|_: &mut Log| -> Result<Step, ()> { panic!("entered") });
    let mut log = Log::new();
    assert_eq!(stack![outer, turns, never].execute(&mut log), Ok(()));
    assert_eq!(log, ["turns.enter", "turns.leave", "outer.leave"]);
}

#[test]
fn an_error_of_leave_is_its_own_interceptor_s() {
    let outer = interceptor("outer")
        .leave(|log: &mut Log| note(log, "outer.leave"))
        .error(|log: &mut Log, _| note(log, "outer.error"));
    let fails = interceptor("fails")
        .leave(|log: &mut Log| {
            log.push("fails.leave");
            Err("failed")
        })
        .error(|log: &mut Log, error| {
            log.push(error);
            Ok(())
        });
    let mut log = Log::new();
    assert_eq!(stack![outer, fails].execute(&mut log), Ok(()));
    assert_eq!(log, ["fails.leave", "failed", "outer.leave"], "not the previous one's, as in Pedestal");
}

#[test]
fn an_error_may_take_another_s_place_and_be_dealt_with_and_come_again() {
    let fails_again = interceptor("fails_again").leave(|log: &mut Log| {
        log.push("leave");
        Err("second")
    });
    let clears = interceptor("clears").error(|log: &mut Log, error| note(log, error));
    let replaces = interceptor("replaces").error(|log: &mut Log, error| {
        log.push(error);
        Err("replaced")
    });
    let fails = interceptor("fails").enter(|_: &mut Log| Err("first"));
    let mut log = Log::new();
    assert_eq!(stack![fails_again, clears, replaces, fails].execute(&mut log), Err("second"));
    assert_eq!(log, ["first", "replaced", "leave"]);
}

#[test]
fn a_context_may_be_borrowed_and_unsized() {
    let doubled = interceptor("doubled").enter(|numbers: &mut [i32]| {
        numbers.iter_mut().for_each(|number| *number *= 2);
        Ok::<_, ()>(Step::Next)
    });
    let mut numbers = [1, 2];
    assert_eq!(stack![doubled].execute(&mut numbers[..]), Ok(()));
    assert_eq!(Stack::<[i32], ()>::new().with(doubled).execute(&mut numbers[..]), Ok(()));
    assert_eq!(numbers, [4, 8]);
}
