//! A stack inside a stack: resources once, work many times.

use interceptor_stack::{Contain, Execute, Interceptor, Panicked, Step, for_each, interceptor, stack};

/// A service with work to do.
#[derive(Debug, Default, PartialEq)]
struct Service {
    queue: Vec<u32>,
    opened: u32,
    closed: u32,
    done: Vec<(u32, Result<(), &'static str>)>,
}

fn resources() -> impl Interceptor<Service, &'static str> {
    interceptor("resources")
        .enter(|service: &mut Service| {
            service.opened += 1;
            Ok(Step::Next)
        })
        .leave(|service: &mut Service| {
            service.closed += 1;
            Ok(())
        })
        .error(|service: &mut Service, error| {
            service.closed += 1;
            Err(error)
        })
}

/// Takes the last first; fails on 3, and on 13 so that the service ends.
fn work() -> impl Interceptor<Service, &'static str> {
    let perform = interceptor("perform").enter(|work: &mut u32| match *work {
        3 => Err("three"),
        13 => Err("fatal"),
        _ => {
            *work += 100;
            Ok(Step::Next)
        }
    });
    for_each(
        |service: &mut Service| service.queue.pop(),
        stack![perform],
        |service: &mut Service, work, outcome| {
            service.done.push((work, outcome));
            if outcome == Err("fatal") { outcome } else { Ok(()) }
        },
    )
    .named("work")
}

#[test]
fn every_piece_of_work_meets_the_same_resources() {
    let mut service = Service { queue: vec![1, 3, 2], ..Service::default() };
    let stack = stack![resources(), work()];
    assert_eq!(stack.execute(&mut service), Ok(()));
    assert_eq!(service.done, [(102, Ok(())), (3, Err("three")), (101, Ok(()))]);
    assert_eq!((service.opened, service.closed), (1, 1));
    assert_eq!(work().name(), "work");
}

#[test]
fn an_error_that_done_passes_on_ends_the_service() {
    let mut service = Service { queue: vec![1, 13, 2], ..Service::default() };
    assert_eq!(stack![resources(), work()].execute(&mut service), Err("fatal"));
    assert_eq!(service.done, [(102, Ok(())), (13, Err("fatal"))]);
    assert_eq!((service.queue, service.opened, service.closed), (vec![1], 1, 1));
}

#[test]
fn work_does_not_begin_when_the_service_does_not() {
    let fails = interceptor("fails").enter(|_: &mut Service| Err("no database"));
    let mut service = Service { queue: vec![1], ..Service::default() };
    assert_eq!(stack![resources(), fails, work()].execute(&mut service), Err("no database"));
    assert_eq!(service, Service { queue: vec![1], opened: 1, closed: 1, ..Service::default() });
}

#[test]
fn a_panic_in_one_piece_of_work_is_that_one_s() {
    let careless = interceptor("careless").enter(|work: &mut u32| -> Result<Step, Panicked> {
        assert!(*work != 2, "two");
        Ok(Step::Next)
    });
    let service = for_each(
        |(queue, _): &mut (Vec<u32>, Vec<Option<String>>)| queue.pop(),
        stack![Contain(careless)],
        |(_, done), _, outcome| {
            done.push(outcome.err().and_then(|panicked| panicked.message().map(str::to_owned)));
            Ok::<_, ()>(())
        },
    );
    let mut context = (vec![3, 2, 1], Vec::new());
    assert_eq!(stack![service].execute(&mut context), Ok(()));
    assert_eq!(context.1, [None, Some("two".to_owned()), None]);
}
