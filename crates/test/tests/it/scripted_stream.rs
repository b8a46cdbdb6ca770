//! A stream of messages that plays its script.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_core::Stream;
use futures_sink::Sink;
use interceptor_test::{ScriptedStream, StreamScript};

type Script = StreamScript<u32, String>;
type Scripted = ScriptedStream<u32, String>;

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn recv(stream: &mut Scripted) -> Poll<Option<Result<u32, String>>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

fn send(stream: &mut Scripted, message: u32) -> Result<(), String> {
    Pin::new(stream).start_send(message)
}

fn message(of: u32) -> Poll<Option<Result<u32, String>>> {
    Poll::Ready(Some(Ok(of)))
}

#[test]
fn plays_one_sequence_over_both_ways_and_permanent_calls_where_it_names_none() {
    let script = Script::new();
    script.add_send(|_| Ok(()));
    script.add_recv(|| message(7));
    script.set_send(|message| Err(format!("{message} is one too many")));
    let mut stream = script.stream();

    assert!(script.has_more());
    assert_eq!(send(&mut stream, 1), Ok(()));
    assert_eq!(recv(&mut stream), message(7));
    assert!(!script.has_more());
    // The sequence is over: from now on the permanent call, however often.
    for _ in 0..2 {
        assert_eq!(send(&mut stream, 2), Err("2 is one too many".to_owned()));
    }
    // Nobody has said a word of these.
    assert_eq!(recv(&mut stream), Poll::Ready(None));
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(Pin::new(&mut stream).poll_ready(&mut cx), Poll::Ready(Ok(())));
    assert_eq!(Pin::new(&mut stream).poll_close(&mut cx), Poll::Ready(Ok(())));
}

#[test]
fn a_call_out_of_order_fails_the_test_that_makes_it() {
    let script = Script::new();
    script.add_recv(|| message(1));
    script.add_send(|_| Ok(()));
    let mut stream = script.stream();
    let failed = [
        catch_unwind(AssertUnwindSafe(|| drop(send(&mut stream, 1)))),
        // And once more at its end, in case somebody has caught that.
        catch_unwind(AssertUnwindSafe(|| drop((script, stream)))),
    ];
    for failed in failed {
        let text = failed.expect_err("it was not its turn");
        let text = text.downcast_ref::<String>().expect("a text");
        assert!(text.contains("Send is out of order"), "{text}");
    }
}

#[test]
fn calls_that_were_not_made_fail_the_test_when_the_last_owner_goes() {
    let script = Script::new();
    script.add_send(|_| Ok(()));
    let stream = script.stream();
    drop(script);
    let failed = catch_unwind(AssertUnwindSafe(|| drop(stream))).expect_err("a message was expected");
    assert!(failed.downcast_ref::<String>().expect("a text").contains("Send"));
}

#[test]
fn who_is_pending_for_one_call_is_woken_and_who_is_so_for_good_is_not() {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    let script = Script::new();
    script.add_recv(|| Poll::Pending);
    script.add_recv(|| message(3));
    script.set_recv(|| Poll::Pending);
    let mut stream = script.stream();

    assert!(Pin::new(&mut stream).poll_next(&mut cx).is_pending());
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    assert_eq!(Pin::new(&mut stream).poll_next(&mut cx), message(3));
    assert!(Pin::new(&mut stream).poll_next(&mut cx).is_pending());
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
}
