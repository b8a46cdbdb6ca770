//! What an execution allocates: nothing, or once an interceptor that waits.

use interceptor_stack::{
    AsyncExecute, AsyncInterceptor, AsyncStack, Contain, Execute, Immediate, Panicked, Stack, Step,
    interceptor, stack,
};

use crate::scripted::{complete, pend_once};

#[derive(Debug)]
struct Fault;

impl From<Panicked> for Fault {
    fn from(_: Panicked) -> Self {
        Self
    }
}

fn allocations(execute: impl FnOnce(&mut u64) -> Result<(), Fault>, calls: u64) -> u64 {
    let mut count = 0;
    let info = allocation_counter::measure(|| assert!(execute(&mut count).is_ok()));
    assert_eq!(count, calls);
    info.count_total
}

/// In and out, a call each, and an error on the way.
macro_rules! counts {
    () => {
        interceptor("counts")
            .enter(|count: &mut u64| {
                *count += 1;
                Ok(Step::Next)
            })
            .leave(|count: &mut u64| {
                *count += 1;
                if *count == 5 { Err(Fault) } else { Ok(()) }
            })
            .error(|count: &mut u64, _| {
                *count += 1;
                Ok(())
            })
    };
}

#[test]
fn no_allocation() {
    let one = counts!();
    assert_eq!(allocations(|count| stack![one, one, one].execute(count), 7), 0);
    assert_eq!(allocations(|count| stack![Contain(one), Contain(one), Contain(one)].execute(count), 7), 0);
    let at_run_time = Stack::new().with(one).with(one).with(Contain(one));
    assert_eq!(allocations(|count| at_run_time.execute(count), 7), 0);
}

/// In and out, waiting.
#[derive(Clone, Copy)]
struct Waits;

impl AsyncInterceptor<u64, Fault> for Waits {
    fn name(&self) -> &str {
        "waits"
    }

    async fn enter(&self, count: &mut u64) -> Result<Step, Fault> {
        pend_once().await;
        *count += 1;
        Ok(Step::Next)
    }

    async fn leave(&self, count: &mut u64) -> Result<(), Fault> {
        pend_once().await;
        *count += 1;
        Ok(())
    }
}

#[test]
fn no_allocation_while_waiting_in_a_stack_that_the_compiler_knows() {
    assert_eq!(allocations(|count| complete(stack![Waits, Contain(Waits), Waits].execute(count)), 6), 0);
}

#[test]
fn one_allocation_an_interceptor_that_waits_at_run_time() {
    let stack = AsyncStack::new().with(Waits).with(Contain(Waits)).with(Waits).with(Waits);
    assert_eq!(allocations(|count| complete(stack.execute(count)), 8), 4);
}

#[test]
fn who_waits_for_nothing_costs_no_allocation_at_run_time() {
    let one = interceptor("counts").enter(|count: &mut u64| {
        *count += 1;
        Ok(Step::Next)
    });
    let stack = AsyncStack::new()
        .with_immediate(one)
        .with_immediate(one)
        .with(Waits)
        .with(Immediate(interceptor("nothing")))
        .with_immediate(one);
    assert_eq!(allocations(|count| complete(stack.execute(count)), 5), 1);
}
