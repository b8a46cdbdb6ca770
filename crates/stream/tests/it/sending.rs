//! What is pushed into a sink.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures_util::{Sink, SinkExt, StreamExt};
use interceptor_stream::{Cause, Excess, Flow, Intercept, Pace, StreamError, StreamLimits};
use tokio::time::Instant;

use crate::kit::{Each, Log, Numbers, itself, millis, rate};

type Sent = Arc<Mutex<Vec<(u64, u128)>>>;

/// A script that writes down when it was sent what.
fn recorder() -> (Numbers, Sent) {
    let (script, sent) = (Numbers::new(), Sent::default());
    let (list, start) = (Arc::clone(&sent), Instant::now());
    script.set_send(move |number| {
        list.lock().unwrap().push((number, start.elapsed().as_millis()));
        Ok(())
    });
    (script, sent)
}

fn two_a_second() -> StreamLimits {
    StreamLimits::default().with_sent(Pace::default().with_messages(rate(2, 1)))
}

#[tokio::test(start_paused = true)]
async fn a_message_that_waits_holds_back_the_next_and_closing_lets_it_pass() {
    let (script, sent) = recorder();
    let mut stream = Intercept::new(two_a_second()).unwrap().sink(script.stream());
    let start = Instant::now();
    stream.feed(0).await.unwrap();
    stream.feed(1).await.unwrap();
    assert_eq!(start.elapsed(), millis(0), "it is taken, and waits inside");
    stream.feed(2).await.unwrap();
    assert_eq!(start.elapsed(), millis(500), "this one had to wait for the room");
    stream.close().await.unwrap();
    assert_eq!(*sent.lock().unwrap(), [(0, 0), (1, 500), (2, 1000)]);
    let stats = stream.handle().stats();
    assert_eq!((stats.sent.messages, stats.sent.waited), (3, millis(1000)));
    assert!(stream.handle().is_over());
    assert!(matches!(stream.send(3).await, Err(StreamError::Over)), "closed");
    stream.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_is_not_ready_holds_back_what_is_paced_too() {
    let (script, sent) = recorder();
    // Ready for the first; after the second has its tokens, only when it is asked again.
    for ready in [true, true, false, false, true] {
        script.add_ready(move || if ready { Poll::Ready(Ok(())) } else { Poll::Pending });
    }
    let mut stream = Intercept::new(two_a_second()).unwrap().sink(script.stream());
    stream.feed(0).await.unwrap();
    stream.feed(1).await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(*sent.lock().unwrap(), [(0, 0), (1, 500)]);
    assert!(!script.has_more());
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stops_reading_is_idle() {
    let (script, _) = recorder();
    script.add_ready(|| Poll::Ready(Ok(())));
    script.add_ready(|| Poll::Ready(Ok(())));
    let limits = StreamLimits::default().with_max_idle(millis(3000));
    let mut stream = Intercept::new(limits).unwrap().sink(script.stream());
    stream.send(0).await.unwrap();
    tokio::time::sleep(millis(1000)).await;
    stream.send(1).await.unwrap();
    script.set_ready(|| Poll::Pending);
    let start = Instant::now();
    let error = stream.send(2).await.unwrap_err();
    assert_eq!((error.limit(), start.elapsed()), (Some(Cause::Idle { max: millis(3000) }), millis(3000)));
}

#[tokio::test(start_paused = true)]
async fn a_flush_or_close_that_never_ends_is_idle() {
    for close in [false, true] {
        let (script, _) = recorder();
        script.set_flush(|| Poll::Pending);
        script.set_close(|| Poll::Pending);
        let limits = StreamLimits::default().with_max_idle(millis(3000));
        let mut stream = Intercept::new(limits).unwrap().sink(script.stream());
        let error = if close { stream.close().await } else { stream.flush().await }.unwrap_err();
        assert_eq!(error.limit(), Some(Cause::Idle { max: millis(3000) }));
    }
}

#[tokio::test(start_paused = true)]
async fn each_excess_does_what_it_says() {
    let pace = Pace::default().with_messages(rate(2, 1));
    let rows = [
        (pace, vec![(0, 0), (1, 500), (2, 1000)], None),
        (pace.with_excess(Excess::Drop), vec![(0, 0)], None),
        (pace.with_excess(Excess::Fail), vec![(0, 0)], Some("messages sent too quickly")),
        (pace.with_max_wait(millis(500)), vec![(0, 0), (1, 500), (2, 1000)], None),
        (
            pace.with_max_wait(millis(499)),
            vec![(0, 0)],
            Some("a message sent would have waited for longer than 499ms"),
        ),
    ];
    for (pace, expected, error) in rows {
        let (script, sent) = recorder();
        let limits = StreamLimits::default().with_sent(pace);
        let mut stream = Intercept::new(limits).unwrap().sink(script.stream());
        let mut result = Ok(());
        for number in 0..3 {
            result = result.and(stream.send(number).await);
        }
        assert_eq!(result.err().map(|error| error.to_string()).as_deref(), error, "{pace:?}");
        assert_eq!(*sent.lock().unwrap(), expected, "{pace:?}");
        let stats = stream.handle().stats().sent;
        let all = stats.messages + stats.dropped_messages + stats.refused_messages;
        // Those that came after the end were not even taken: `poll_ready` fails.
        assert_eq!(all, if error.is_some() { 2 } else { 3 }, "{pace:?}");
    }
}

#[tokio::test]
async fn an_interceptor_changes_consumes_and_refuses_what_is_sent() {
    let (script, sent) = recorder();
    let log = Log::default();
    let mut stream = Intercept::new(StreamLimits::default())
        .unwrap()
        .with_size(itself)
        .with(Each(|n: &mut u64| match *n {
            1 => Ok(Flow::Consumed),
            3 => Err("three is refused".into()),
            _ => {
                *n += 100;
                Ok(Flow::Forward)
            }
        }))
        .with(log.clone())
        .sink(script.stream());
    for number in 0..3 {
        stream.send(number).await.unwrap();
    }
    let error = stream.send(3).await.unwrap_err();
    assert!(matches!(&error, StreamError::Interceptor(_)), "{error:?}");
    assert!(matches!(stream.send(4).await, Err(StreamError::Over)));
    assert_eq!(sent.lock().unwrap().iter().map(|&(number, _)| number).collect::<Vec<_>>(), [100, 102]);
    assert_eq!(
        log.take()[..4],
        ["sent 100 #0", "passed sent 100B after 0ns", "sent 102 #1", "passed sent 102B after 0ns"]
    );
    let stats = stream.handle().stats();
    assert_eq!(
        (stats.sent.messages, stats.sent.bytes, stats.sent.consumed_bytes, stats.sent.refused_bytes),
        (2, 202, 1, 3)
    );
    assert!(matches!(stats.ended, Some(Cause::Interceptor { .. })));
}

#[tokio::test]
async fn after_a_limit_every_call_says_so() {
    let (script, _) = recorder();
    let mut stream =
        Intercept::new(StreamLimits::default().with_max_messages(1)).unwrap().sink(script.stream());
    stream.send(0).await.unwrap();
    let cause = Some(Cause::Messages { direction: interceptor_stream::Direction::Sent, max: 1 });
    for _ in 0..3 {
        assert_eq!(stream.send(1).await.unwrap_err().limit(), cause);
    }
    assert_eq!(stream.flush().await.unwrap_err().limit(), cause);
    assert_eq!(stream.close().await.unwrap_err().limit(), cause);
}

#[test]
fn what_is_no_sink_is_over_and_what_is_no_stream_is_at_its_end() {
    let mut cx = Context::from_waker(Waker::noop());
    let intercept = || Intercept::new(StreamLimits::default()).unwrap();
    let mut stream = Box::pin(intercept().stream(Numbers::new().stream()));
    assert!(matches!(stream.as_mut().poll_ready(&mut cx), Poll::Ready(Err(StreamError::Over))));
    let script = Numbers::new();
    script.set_recv(|| Poll::Ready(Some(Ok(1))));
    let mut sink = Box::pin(intercept().sink(script.stream()));
    assert!(matches!(futures_util::Stream::poll_next(sink.as_mut(), &mut cx), Poll::Ready(None)));
}

#[test]
fn a_message_that_takes_anothers_place_is_refused_in_its_stead() {
    let (script, _) = recorder();
    let mut stream =
        Intercept::new(two_a_second()).unwrap().with_size(itself).sink::<_, u64, String>(script.stream());
    for number in [10, 20, 30] {
        // Nobody has asked whether there is room.
        stream.start_send_unpin(number).unwrap();
    }
    let handle = stream.handle();
    drop(stream);
    let sent = handle.stats().sent;
    assert_eq!((sent.messages, sent.bytes, sent.refused_messages, sent.refused_bytes), (1, 10, 2, 50));
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_is_always_ready_ends_in_time_as_well() {
    let limits = StreamLimits::default().with_max_duration(millis(1000));
    let over = Some(Cause::Duration { max: millis(1000) });
    let (script, sent) = recorder();
    let mut stream = Intercept::new(limits).unwrap().sink(script.stream());
    stream.send(0).await.unwrap();
    tokio::time::sleep(millis(1000)).await;
    assert_eq!(stream.send(1).await.unwrap_err().limit(), over);
    let stats = stream.handle().stats();
    assert_eq!((stats.sent.messages, stats.sent.refused_messages, stats.ended), (1, 1, over));

    // One that waits until then.
    let limits = two_a_second().with_max_duration(millis(500));
    let mut stream = Intercept::new(limits).unwrap().sink(script.stream());
    stream.feed(2).await.unwrap();
    stream.feed(3).await.unwrap();
    assert!(stream.flush().await.unwrap_err().limit().is_some());
    assert_eq!(sent.lock().unwrap().iter().map(|&(number, _)| number).collect::<Vec<_>>(), [0, 2]);

    // One whose messages are all consumed.
    let limits = StreamLimits::default().with_max_duration(millis(1000));
    let consume = Each(|_: &mut u64| Ok(Flow::Consumed));
    let mut stream = Intercept::new(limits).unwrap().with(consume).sink(script.stream());
    stream.send(4).await.unwrap();
    tokio::time::sleep(millis(1000)).await;
    assert!(stream.send(5).await.unwrap_err().limit().is_some());
    let stats = stream.handle().stats();
    assert_eq!((stats.sent.consumed_messages, stats.sent.refused_messages), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_others_pull_ends_in_time_even_if_all_of_it_is_consumed() {
    let limits = StreamLimits::default().with_max_duration(millis(1000));
    let consume = Each(|_: &mut u64| Ok(Flow::Consumed));
    let script = Numbers::new();
    script.set_recv(|| Poll::Ready(Some(Ok(1))));
    let mut stream = Intercept::new(limits).unwrap().with(consume).sent_stream(script.stream());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(stream.poll_next_unpin(&mut cx).is_pending());
    tokio::time::advance(millis(1000)).await;
    let Poll::Ready(Some(Err(error))) = stream.poll_next_unpin(&mut cx) else { panic!("it goes on") };
    assert_eq!(error.limit(), Some(Cause::Duration { max: millis(1000) }));
}

#[test]
fn a_message_that_comes_after_the_end_is_counted_as_refused() {
    let (script, _) = recorder();
    let mut stream = Intercept::new(StreamLimits::default())
        .unwrap()
        .with_size(itself)
        .sink::<_, u64, String>(script.stream());
    assert!(stream.poll_ready_unpin(&mut Context::from_waker(Waker::noop())).is_ready());
    assert!(stream.handle().cancel("enough"));
    assert!(matches!(stream.start_send_unpin(7), Err(StreamError::Cancelled(_))));
    let sent = stream.handle().stats().sent;
    assert_eq!((sent.messages, sent.refused_messages, sent.refused_bytes), (0, 1, 7));
}
