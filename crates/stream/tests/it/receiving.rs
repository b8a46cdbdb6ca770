//! What is pulled out of a stream.

use std::task::Poll;

use futures_util::StreamExt;
use interceptor_stream::{Cause, Excess, Flow, Intercept, Pace, StreamError, StreamLimits};
use tokio::time::{Instant, timeout};

use crate::kit::{Each, Log, Numbers, itself, millis, numbers, rate};

#[tokio::test]
async fn messages_are_changed_consumed_and_counted_in_order() {
    let log = Log::default();
    let odd = Each(|n: &mut u64| {
        *n *= 10;
        Ok(if n.is_multiple_of(20) { Flow::Consumed } else { Flow::Forward })
    });
    let stream = Intercept::new(StreamLimits::default())
        .unwrap()
        .with_size(itself)
        .with(log.clone())
        .with(odd)
        .stream(numbers(6).stream());
    let handle = stream.handle();
    let messages: Vec<u64> = stream.map(Result::unwrap).collect().await;
    assert_eq!(messages, [10, 30, 50]);
    let received = handle.stats().received;
    assert_eq!((received.messages, received.bytes), (3, 1 + 3 + 5), "the size is the one that came");
    assert_eq!((received.consumed_messages, received.consumed_bytes), (3, 2 + 4));
    assert_eq!(
        log.take(),
        [
            "received 10 #0",
            "passed received 1B after 0ns",
            "received 30 #1",
            "passed received 3B after 0ns",
            "received 50 #2",
            "passed received 5B after 0ns",
            "ended finished after 3",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_that_waits_is_kept_when_who_waits_for_it_goes() {
    let limits = StreamLimits::default().with_received(Pace::default().with_messages(rate(1, 1)));
    let mut stream = Intercept::new(limits).unwrap().stream(numbers(3).stream());
    let start = Instant::now();
    let mut messages = Vec::new();
    while messages.len() < 3 {
        // Gives up three times a second.
        if let Ok(next) = timeout(millis(333), stream.next()).await {
            messages.push((next.unwrap().unwrap(), start.elapsed()));
        }
    }
    assert_eq!(messages, [(0, millis(0)), (1, millis(1000)), (2, millis(2000))]);
    assert_eq!(stream.handle().stats().received.waited, millis(2000));
}

#[tokio::test]
async fn what_is_dropped_never_reaches_the_application() {
    let pace = Pace::default().with_messages(rate(1, 2)).with_excess(Excess::Drop);
    let log = Log::default();
    let limits = StreamLimits::default().with_received(pace);
    // More of them than one poll works off.
    let stream =
        Intercept::new(limits).unwrap().with_size(itself).with(log.clone()).stream(numbers(1000).stream());
    let handle = stream.handle();
    let messages: Vec<u64> = stream.map(Result::unwrap).collect().await;
    assert_eq!(messages, [0, 1]);
    let received = handle.stats().received;
    assert_eq!((received.messages, received.dropped_messages), (2, 998));
    assert_eq!((received.bytes, received.dropped_bytes), (1, 999 * 1000 / 2 - 1));
    assert_eq!(log.take().len(), 2 * 2 + 1, "nor an interceptor");
}

#[test]
fn a_flood_that_is_dropped_lets_others_have_their_turn() {
    let pace = Pace::default().with_messages(rate(1, 1).starting_empty()).with_excess(Excess::Drop);
    let limits = StreamLimits::default().with_received(pace);
    let script = Numbers::new();
    script.set_recv(|| Poll::Ready(Some(Ok(1))));
    let mut stream = Box::pin(Intercept::new(limits).unwrap().stream(script.stream()));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(stream.poll_next_unpin(&mut cx).is_pending());
    assert_eq!(stream.handle().stats().received.dropped_messages, 64);
}

#[tokio::test]
async fn after_an_error_there_is_nothing_more() {
    let script = numbers(2);
    script.add_recv(|| Poll::Ready(Some(Err("reset".to_owned()))));
    let mut stream = Intercept::new(StreamLimits::default()).unwrap().stream(script.stream());
    assert_eq!((stream.next().await.unwrap().unwrap(), stream.next().await.unwrap().unwrap()), (0, 1));
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.into_inner().as_deref(), Some("reset"));
    // The script would fail if it were asked again out of order; it is not asked.
    assert!(stream.next().await.is_none() && stream.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_ends_by_the_limit_of_silence() {
    let script = numbers(1);
    script.set_recv(|| Poll::Pending);
    let limits = StreamLimits::default().with_max_idle(millis(5000));
    let mut stream = Intercept::new(limits).unwrap().stream(script.stream());
    let start = Instant::now();
    assert_eq!(stream.next().await.unwrap().unwrap(), 0);
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!((error.limit(), start.elapsed()), (Some(Cause::Idle { max: millis(5000) }), millis(5000)));
    assert!(stream.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_by_the_limit_of_its_duration_even_while_a_message_waits() {
    let limits = StreamLimits::default()
        .with_max_duration(millis(1500))
        .with_received(Pace::default().with_messages(rate(1, 1)));
    let mut stream = Intercept::new(limits).unwrap().stream(numbers(3).stream());
    let handle = stream.handle();
    let start = Instant::now();
    assert!(stream.next().await.unwrap().is_ok() && stream.next().await.unwrap().is_ok());
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!((error.limit(), start.elapsed()), (Some(Cause::Duration { max: millis(1500) }), millis(1500)));
    let received = handle.stats().received;
    assert_eq!((received.messages, received.refused_messages), (2, 1), "the one that waited is counted");
}

#[tokio::test(start_paused = true)]
async fn who_is_slow_to_read_is_not_idle() {
    let limits = StreamLimits::default().with_max_idle(millis(100));
    let mut stream = Intercept::new(limits).unwrap().stream(numbers(3).stream());
    for number in 0..3 {
        tokio::time::sleep(millis(1000)).await;
        assert_eq!(stream.next().await.unwrap().unwrap(), number);
    }
}

#[tokio::test]
async fn what_waits_has_a_limit_in_bytes() {
    let limits = StreamLimits::default()
        .with_max_held_bytes(2)
        .with_received(Pace::default().with_messages(rate(1, 3)));
    let mut stream = Intercept::new(limits).unwrap().with_size(itself).stream(numbers(4).stream());
    for _ in 0..3 {
        assert!(stream.next().await.unwrap().is_ok());
    }
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "3 bytes received held back, more than 2");
    assert_eq!(stream.handle().stats().received.refused_messages, 1);
}

#[tokio::test]
async fn what_others_pull_is_sent_and_passes_the_interceptors_before_the_limits() {
    let log = Log::default();
    let limits = StreamLimits::default().with_max_message_bytes(20);
    let mut stream = Intercept::new(limits)
        .unwrap()
        .with_size(itself)
        .with(log.clone())
        .with(Each(|n: &mut u64| {
            *n *= 10;
            Ok(if *n == 10 { Flow::Consumed } else { Flow::Forward })
        }))
        .sent_stream(numbers(4).stream());
    assert_eq!(stream.next().await.unwrap().unwrap(), 0);
    assert_eq!(stream.next().await.unwrap().unwrap(), 20, "one was consumed");
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(&error, StreamError::Limit(Cause::MessageBytes { bytes: 30, max: 20, .. })), "{error}");
    let stats = stream.handle().stats();
    assert_eq!((stats.received.messages, stats.sent.messages), (0, 2));
    assert_eq!((stats.sent.consumed_messages, stats.sent.refused_messages), (1, 1));
    assert_eq!(log.take()[..2], ["sent 0 #0", "passed sent 0B after 0ns"]);
}

#[test]
fn without_timers_no_runtime_is_needed() {
    let mut stream = Box::pin(Intercept::new(StreamLimits::default()).unwrap().stream(numbers(1).stream()));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(matches!(stream.poll_next_unpin(&mut cx), Poll::Ready(Some(Ok(0)))));
    assert!(matches!(stream.poll_next_unpin(&mut cx), Poll::Ready(None)));
}
