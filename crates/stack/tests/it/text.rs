//! The examples and roles that the usual description of the pattern gives, word by word: stacks I1, I2, I3.

use std::collections::VecDeque;

use interceptor_stack::{Execute, Interceptor, Step, interceptor, stack};

type Log = Vec<String>;

/// Enters and leaves; its `error` clears the error.
fn logging(name: &'static str) -> impl Interceptor<Log, String> {
    interceptor(name)
        .enter(move |log: &mut Log| {
            log.push(format!("{name}.enter"));
            Ok(Step::Next)
        })
        .leave(move |log: &mut Log| {
            log.push(format!("{name}.leave"));
            Ok(())
        })
        .error(move |log: &mut Log, _: String| {
            log.push(format!("{name}.error"));
            Ok(())
        })
}

/// The same, but its `enter` fails.
fn failing(
    name: &'static str,
    error: impl Fn(&mut Log, String) -> Result<(), String>,
) -> impl Interceptor<Log, String> {
    interceptor(name)
        .enter(move |log: &mut Log| {
            log.push(format!("{name}.enter"));
            Err(format!("{name} has failed"))
        })
        .leave(move |log: &mut Log| {
            log.push(format!("{name}.leave"));
            Ok(())
        })
        .error(error)
}

#[test]
fn the_text_s_example_runs_in_the_order_it_gives() {
    let mut log = Log::new();
    let outcome = stack![logging("I1"), logging("I2"), logging("I3")].execute(&mut log);
    assert_eq!(outcome, Ok(()));
    assert_eq!(log, ["I1.enter", "I2.enter", "I3.enter", "I3.leave", "I2.leave", "I1.leave"]);
}

#[test]
fn an_error_on_the_way_in_turns_round() {
    let clears = failing("I2", |log, error| {
        assert_eq!(error, "I2 has failed");
        log.push("I2.error".to_owned());
        Ok(())
    });
    let mut log = Log::new();
    assert_eq!(stack![logging("I1"), clears, logging("I3")].execute(&mut log), Ok(()));
    assert_eq!(log, ["I1.enter", "I2.enter", "I2.error", "I1.leave"]);
}

#[test]
fn an_error_that_is_not_cleared_calls_error_instead_of_leave() {
    let keeps = failing("I2", |log, error| {
        log.push("I2.error".to_owned());
        Err(error)
    });
    let mut log = Log::new();
    assert_eq!(stack![logging("I1"), keeps, logging("I3")].execute(&mut log), Ok(()));
    assert_eq!(log, ["I1.enter", "I2.enter", "I2.error", "I1.error"]);
}

/// One message's context: keys, of which each interceptor changes about one.
#[derive(Default)]
struct Context {
    queue: VecDeque<u32>,
    message: Option<u32>,
    resource: Option<u32>,
    cleaned_up: u32,
    performed: Vec<u32>,
}

#[test]
fn each_need_of_a_service_is_one_function() {
    let i1 = interceptor("I1").enter(|context: &mut Context| {
        context.message = context.queue.pop_front();
        Ok(if context.message.is_some() { Step::Next } else { Step::Turn })
    });
    let i2 = interceptor("I2")
        .enter(|context: &mut Context| {
            context.resource = context.message.map(|message| message * 100);
            Ok(Step::Next)
        })
        .leave(|context: &mut Context| {
            context.cleaned_up += u32::from(context.resource.take().is_some());
            Ok(())
        });
    let i3 = interceptor("I3").enter(|context: &mut Context| {
        let resource = context.resource.ok_or("no resource")?;
        context.performed.push(resource + 1);
        Ok(Step::Next)
    });
    let service = stack![i1, i2, i3];
    let mut context = Context { queue: [3, 4].into(), ..Context::default() };
    for _ in 0..3 {
        let outcome: Result<(), &str> = service.execute(&mut context);
        assert_eq!(outcome, Ok(()));
        assert_eq!(context.resource, None);
    }
    assert_eq!((context.performed, context.cleaned_up), (vec![301, 401], 2));
}
