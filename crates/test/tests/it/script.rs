//! The scripted mock.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use interceptor_test::{Script, Turn};

type Named = Script<dyn Fn() -> &'static str + Send + Sync>;

fn send_then_receive() -> Named {
    let script = Named::new();
    script.add("Send", Arc::new(|| "sequence"));
    script.add("Recv", Arc::new(|| "sequence"));
    script
}

fn next(script: &Named, name: &'static str) -> Option<&'static str> {
    script.next(name).map(|function| function())
}

fn panic_of(run: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(run)).expect_err("it must panic");
    *panic.downcast::<String>().expect("a formatted message")
}

#[test]
fn plays_the_sequence_before_the_permanent_functions() {
    let script = send_then_receive();
    script.set("Ctx", Arc::new(|| "permanent"));
    script.set("Send", Arc::new(|| "permanent"));

    assert_eq!(next(&script, "Ctx"), Some("permanent"));
    assert_eq!(next(&script, "Recv"), None);
    assert_eq!(next(&script, "Send"), Some("sequence"));
    assert_eq!(next(&script, "Send"), None);
    assert_eq!(next(&script, "Recv"), Some("sequence"));
    assert!(!script.has_more());
    assert_eq!(next(&script, "Send"), Some("permanent"));
    assert_eq!(next(&script, "Recv"), None);
}

#[test]
fn only_the_sequence_counts_as_more() {
    let script = Named::new();
    script.set("Send", Arc::new(|| "permanent"));
    assert!(!script.has_more());
    script.add("Send", Arc::new(|| "sequence"));
    assert!(script.has_more());
    assert_eq!(next(&script, "Send"), Some("sequence"));
    assert!(!script.has_more());
}

#[test]
fn a_later_permanent_function_replaces_the_first() {
    let script = Named::new();
    script.set("Send", Arc::new(|| "first"));
    script.set("Send", Arc::new(|| "second"));
    assert_eq!(next(&script, "Send"), Some("second"));
}

#[test]
fn tells_out_of_order_from_unscripted() {
    let script = send_then_receive();
    assert!(matches!(script.turn("Recv"), Turn::OutOfOrder));
    assert!(matches!(script.turn("Close"), Turn::Unscripted));
    assert!(matches!(script.turn("Send"), Turn::Call(_)));
    assert!(matches!(script.turn("Recv"), Turn::Call(_)));
}

#[test]
fn a_failure_shows_expected_and_actual_order() {
    let message = panic_of(|| {
        let script = send_then_receive();
        script.set("Ctx", Arc::new(|| "permanent"));
        script.call("Ctx")();
        script.call("Recv")();
    });
    assert_eq!(
        message,
        "script: Recv is out of order\n  expected: Send, Recv\n    actual: Ctx (permanent), Recv (out of order)"
    );
}

#[test]
fn a_call_without_a_function_fails() {
    let message = panic_of(|| {
        Named::new().call("Close")();
    });
    assert_eq!(message, "script: Close is not scripted\n  expected: \n    actual: Close (not scripted)");
}

#[test]
fn dropping_a_script_with_calls_left_panics() {
    let message = panic_of(|| {
        let script = send_then_receive();
        script.call("Send")();
    });
    assert_eq!(message, "script: 1 calls were not made\n  expected: Send, Recv\n    actual: Send");
}

#[test]
fn dropping_a_script_with_calls_left_while_panicking_keeps_the_first_panic() {
    let panic = catch_unwind(|| {
        let _script = send_then_receive();
        panic!("the real reason");
    })
    .expect_err("it must panic");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the real reason"));
}

#[test]
fn a_failure_that_someone_caught_comes_back_at_drop() {
    let script = Named::new();
    panic_of(|| script.fail("wrong argument"));
    let message = panic_of(|| drop(script));
    assert!(message.starts_with("script: wrong argument\n"), "{message}");
}

#[test]
fn a_function_may_use_the_script_that_called_it() {
    let script = Arc::new(Named::new());
    let inner = Arc::downgrade(&script);
    script.set("inner", Arc::new(|| "inner"));
    script.add("outer", Arc::new(move || inner.upgrade().expect("the test holds it").call("inner")()));
    assert_eq!(script.call("outer")(), "inner");
}

#[test]
fn each_call_of_the_sequence_goes_to_one_thread_only() {
    const CALLS: usize = 1000;
    let script = Named::new();
    for _ in 0..CALLS {
        script.add("Send", Arc::new(|| "sequence"));
    }
    script.set("Send", Arc::new(|| "permanent"));

    let count_sequence = || (0..CALLS).filter(|_| next(&script, "Send") == Some("sequence")).count();
    let total: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(count_sequence)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).sum()
    });
    assert_eq!(total, CALLS);
}
