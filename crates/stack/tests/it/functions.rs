//! Interceptors as values: what they are made of, what they take, where they stand.

use std::sync::Arc;

use interceptor_stack::{
    AsyncExecute, AsyncStack, Execute, Immediate, Interceptor, Phase, Stack, Step, interceptor, stack,
};

use crate::scripted::complete;

fn counts<E>(calls: &mut u32) -> Result<Step, E> {
    *calls += 1;
    Ok(Step::Next)
}

#[test]
fn any_all_or_none_of_the_functions() {
    fn defined(this: &impl Interceptor<u32, ()>) -> [bool; 3] {
        [Phase::Enter, Phase::Leave, Phase::Error].map(|phase| this.defines(phase))
    }
    let none = interceptor("none");
    assert_eq!(defined(&none), [false; 3]);
    assert_eq!(defined(&none.enter(counts::<()>)), [true, false, false]);
    assert_eq!(defined(&none.leave(|_: &mut u32| Ok::<_, ()>(()))), [false, true, false]);
    assert_eq!(defined(&none.error(|_: &mut u32, ()| Ok(()))), [false, false, true]);
    let all = none.error(|_: &mut u32, ()| Ok(())).leave(|_: &mut u32| Ok(())).enter(counts::<()>);
    assert_eq!(defined(&all), [true; 3]);
    assert_eq!(Interceptor::<u32, ()>::name(&all), "none");
}

#[test]
fn one_interceptor_stands_in_many_stacks() {
    let shared: Arc<dyn Interceptor<u32, ()> + Send + Sync> =
        Arc::new(interceptor("shared").enter(counts::<()>));
    let boxed: Box<dyn Interceptor<u32, ()>> = Box::new(interceptor("boxed").enter(counts::<()>));
    let mut stack = Stack::new().with(Arc::clone(&shared)).with(Arc::clone(&shared));
    stack.extend([Arc::clone(&shared)]);
    let mut calls = 0;
    assert_eq!(stack.execute(&mut calls), Ok(()));
    assert_eq!(stack![&shared, boxed, &shared].execute(&mut calls), Ok(()));
    assert_eq!(calls, 6);
    let waiting = AsyncStack::new().with(Immediate(Arc::clone(&shared))).with_immediate(shared);
    assert_eq!(complete(waiting.execute(&mut calls)), Ok(()));
    assert_eq!(calls, 8);
}

#[test]
fn stacks_name_their_interceptors_in_order() {
    let stack = Stack::<u32, ()>::new().with(interceptor("outer")).with(interceptor("inner"));
    assert!(stack.names().eq(["outer", "inner"]));
    assert_eq!(
        (stack.len(), stack.is_empty(), format!("{stack:?}")),
        (2, false, r#"["outer", "inner"]"#.to_owned())
    );
    let waiting = AsyncStack::<u32, ()>::new()
        .with(Immediate(interceptor("outer")))
        .with(Immediate(interceptor("middle").enter(counts::<()>)))
        .with_immediate(interceptor("inner"));
    assert!(waiting.names().eq(["outer", "middle", "inner"]));
    assert_eq!((waiting.len(), waiting.is_empty()), (3, false));
    assert!(Stack::<u32, ()>::default().is_empty() && AsyncStack::<u32, ()>::default().is_empty());
}

#[test]
fn a_function_takes_no_room_and_a_name_sixteen_bytes() {
    let all = interceptor("all")
        .enter(counts::<()>)
        .leave(|_: &mut u32| Ok::<_, ()>(()))
        .error(|_: &mut u32, error: ()| Err(error));
    assert_eq!(size_of_val(&all), size_of::<&str>());
}

#[test]
fn executions_can_be_spawned() {
    fn sendable<T: Send>(value: T) -> T {
        value
    }
    let stack = AsyncStack::<u32, ()>::new().with(Immediate(interceptor("counts").enter(counts::<()>)));
    let mut calls = 0;
    assert_eq!(complete(sendable(stack.execute(&mut calls))), Ok(()));
    assert_eq!(
        complete(sendable(stack![Immediate(interceptor("x").enter(counts::<()>))].execute(&mut calls))),
        Ok(())
    );
    assert_eq!(calls, 2);
}
