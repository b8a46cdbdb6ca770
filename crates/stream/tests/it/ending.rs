//! The end of a stream: how it is told, once, on every path.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use interceptor_stream::{
    Direction, Ending, Flow, Intercept, Intercepted, Keep, MessageInterceptor, NoSize, Pace, StreamError,
    StreamLimits, StreamStats,
};
use interceptor_test::ScriptedStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, interval, sleep};

use crate::kit::{Each, Log, Numbers, millis, numbers, rate};

type Logged = Intercepted<ScriptedStream<u64, String>, u64, String, ((), Log), NoSize>;

fn logged(limits: StreamLimits, script: &Numbers) -> (Logged, Log) {
    let log = Log::default();
    (Intercept::new(limits).unwrap().with(log.clone()).duplex(script.stream()), log)
}

/// What the log says about the end, once the stream is gone.
fn ends(stream: Logged, log: &Log) -> Vec<String> {
    drop(stream);
    log.take().into_iter().filter(|line| line.starts_with("ended")).collect()
}

#[tokio::test(start_paused = true)]
async fn the_end_is_told_once_on_every_path() {
    let none = StreamLimits::default();

    let (mut stream, log) = logged(none, &numbers(1));
    assert!(stream.next().await.unwrap().is_ok() && stream.next().await.is_none());
    stream.send(1).await.unwrap(); // the other direction goes on
    stream.close().await.unwrap();
    assert_eq!(ends(stream, &log), ["ended finished after 2"]);

    let (mut stream, log) = logged(none, &numbers(1));
    stream.close().await.unwrap();
    assert!(stream.next().await.unwrap().is_ok() && stream.next().await.is_none());
    assert_eq!(ends(stream, &log), ["ended finished after 1"]);

    let script = numbers(0);
    script.add_recv(|| Poll::Ready(Some(Err("reset".to_owned()))));
    let (mut stream, log) = logged(none, &script);
    assert!(stream.next().await.unwrap().is_err() && stream.next().await.is_none());
    assert!(matches!(stream.send(1).await, Err(StreamError::Over)));
    assert_eq!(ends(stream, &log), ["ended failed: reset after 0"]);

    for name in ["ready", "send", "flush", "close"] {
        let script = Numbers::new();
        let fails = move || Poll::Ready(Err(name.to_owned()));
        match name {
            "ready" => script.set_ready(fails),
            "send" => script.set_send(move |_| Err(name.to_owned())),
            "flush" => script.set_flush(fails),
            _ => script.set_close(fails),
        }
        let (mut stream, log) = logged(none, &script);
        let failed = if name == "close" { stream.close().await } else { stream.send(1).await };
        assert_eq!(failed.unwrap_err().to_string(), name);
        let passed = u64::from(name == "flush");
        assert_eq!(ends(stream, &log), [format!("ended failed: {name} after {passed}")]);
    }

    let (mut stream, log) = logged(none.with_max_messages(1), &numbers(2));
    assert!(stream.next().await.unwrap().is_ok() && stream.next().await.unwrap().is_err());
    assert_eq!(ends(stream, &log), ["ended failed: more than 1 messages received after 1"]);

    let (mut stream, log) = logged(none, &Numbers::new());
    assert!(stream.handle().cancel("enough"));
    assert!(stream.next().await.unwrap().is_err());
    assert_eq!(ends(stream, &log), ["ended failed: cancelled: enough after 0"]);

    let (stream, log) = logged(none, &Numbers::new());
    assert_eq!(ends(stream, &log), ["ended dropped after 0"]);
}

#[tokio::test(start_paused = true)]
async fn what_waits_when_a_stream_is_dropped_is_counted_as_refused() {
    let pace = Pace::default().with_messages(rate(1, 1).starting_empty());
    let (mut stream, log) = logged(StreamLimits::default().with_sent(pace).with_received(pace), &numbers(1));
    stream.feed(1).await.unwrap();
    assert!(tokio::time::timeout(millis(10), stream.next()).await.is_err());
    let handle = stream.handle();
    assert_eq!(ends(stream, &log), ["ended dropped after 0"]);
    let stats = handle.stats();
    assert_eq!((stats.sent.refused_messages, stats.received.refused_messages), (1, 1));
    assert!(handle.is_over() && !handle.cancel("too late"));
    sleep(millis(1000)).await;
    assert_eq!(handle.stats().duration, millis(10), "it gets no older");
}

#[tokio::test]
async fn no_end_that_a_limit_makes_looks_like_a_clean_one_to_the_other_direction() {
    let script = Numbers::new();
    script.set_recv(|| Poll::Pending);
    let (mut stream, _) = logged(StreamLimits::default().with_max_messages(1), &script);
    stream.send(0).await.unwrap();
    assert_eq!(stream.send(1).await.unwrap_err().to_string(), "more than 1 messages sent");
    assert_eq!(stream.next().await.unwrap().unwrap_err().to_string(), "more than 1 messages sent");
    assert!(stream.next().await.is_none());

    let script = Numbers::new();
    script.set_send(|_| Err("broken".to_owned()));
    let (mut stream, _) = logged(StreamLimits::default(), &script);
    assert_eq!(stream.send(0).await.unwrap_err().to_string(), "broken");
    assert!(matches!(stream.next().await.unwrap(), Err(StreamError::Over)));
    assert!(stream.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_woken_when_the_other_direction_ends_the_stream() {
    let script = Numbers::new();
    script.set_recv(|| Poll::Pending);
    let (stream, _) = logged(StreamLimits::default().with_max_messages(1), &script);
    let (mut sink, mut stream) = stream.split();
    let reader = tokio::spawn(async move { stream.next().await.unwrap().unwrap_err().to_string() });
    tokio::task::yield_now().await;
    sink.send(0).await.unwrap();
    sink.send(1).await.unwrap_err();
    assert_eq!(reader.await.unwrap(), "more than 1 messages sent");
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_woken_when_the_stream_fails_in_the_other_direction() {
    let script = Numbers::new();
    script.set_recv(|| Poll::Pending);
    script.set_send(|_| Err("broken".to_owned()));
    let (stream, _) = logged(StreamLimits::default(), &script);
    let (mut sink, mut stream) = stream.split();
    let reader = tokio::spawn(async move { stream.next().await.unwrap().unwrap_err().to_string() });
    tokio::task::yield_now().await;
    assert_eq!(sink.send(0).await.unwrap_err().to_string(), "broken");
    let woken = tokio::time::timeout(millis(1000), reader).await.unwrap();
    assert_eq!(woken.unwrap(), "the stream is over");
}

#[tokio::test(start_paused = true)]
async fn cancelling_wakes_who_waits_for_a_message_for_tokens_or_for_room() {
    let limits =
        StreamLimits::default().with_sent(Pace::default().with_messages(rate(1, 1).starting_empty()));
    let silent = Numbers::new();
    silent.set_recv(|| Poll::Pending);
    let full = Numbers::new();
    full.set_ready(|| Poll::Pending);
    for (waiting, script) in [("message", &silent), ("tokens", &silent), ("room", &full)] {
        let (mut stream, _) = logged(limits, script);
        let handle = stream.handle();
        let task = tokio::spawn(async move {
            match waiting {
                "message" => stream.next().await.unwrap().map(drop),
                _ => stream.send(1).await,
            }
        });
        sleep(millis(10)).await;
        let start = Instant::now();
        assert!(handle.cancel(std::io::Error::other("shutting down")), "{waiting}");
        assert!(!handle.cancel("again"), "a stream is ended once");
        let error = task.await.unwrap().unwrap_err();
        assert!(matches!(&error, StreamError::Cancelled(reason) if reason.is::<std::io::Error>()), "{error}");
        assert_eq!((error.to_string().as_str(), start.elapsed()), ("cancelled: shutting down", millis(0)));
    }
}

/// Says with whom.
struct Peer(&'static str);

impl<M, E> MessageInterceptor<M, E> for Peer {
    fn error(&mut self, error: StreamError<E>, direction: Direction) -> StreamError<E> {
        error.context(format!("{direction}, {}", self.0))
    }
}

#[tokio::test]
async fn interceptors_add_context_to_errors_from_the_wire_up() {
    let script = Numbers::new();
    script.set_send(|_| Err("reset".to_owned()));
    let mut stream = Intercept::new(StreamLimits::default())
        .unwrap()
        .with(Peer("application"))
        .with(Peer("alice"))
        .duplex(script.stream());
    let error = stream.send(1).await.unwrap_err();
    assert_eq!(error.to_string(), "sent, application: sent, alice: reset");
    assert!(matches!(error.root(), StreamError::Inner(_)));
    assert_eq!(error.into_inner().as_deref(), Some("reset"));
}

#[tokio::test(start_paused = true)]
async fn a_pool_is_entered_by_each_stream_and_left_on_every_path() {
    let pool = Arc::new(Semaphore::new(1));
    let paths = ["end", "error", "limit", "cancel", "refused", "drop"];
    for path in paths {
        let script = numbers(1);
        if path == "error" {
            script.add_recv(|| Poll::Ready(Some(Err("reset".to_owned()))));
        } else if path != "end" {
            script.set_recv(|| Poll::Ready(Some(Ok(9))));
        }
        let permit = Arc::clone(&pool).try_acquire_owned().unwrap();
        let mut stream =
            Intercept::new(StreamLimits::default().with_max_messages(if path == "limit" { 1 } else { 5 }))
                .unwrap()
                .with(Keep::new(permit))
                .with(Each(
                    move |n: &mut u64| {
                        if path == "refused" && *n == 9 { Err("no".into()) } else { Ok(Flow::Forward) }
                    },
                ))
                .stream(script.stream());
        assert!(stream.next().await.unwrap().is_ok(), "{path}");
        assert_eq!(pool.available_permits(), 0, "{path}");
        match path {
            "drop" => drop(stream),
            _ => {
                if path == "cancel" {
                    stream.handle().cancel("enough");
                }
                let last = stream.next().await;
                assert_eq!(last.is_none(), path == "end", "{path}");
                assert_eq!(pool.available_permits(), 1, "{path}: left though somebody still has the stream");
                continue;
            }
        }
        assert_eq!(pool.available_permits(), 1, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_watcher_ends_the_stream_when_a_pool_is_used_too_much() {
    const MAX_USAGE: u64 = 100;
    let usage = Arc::new(AtomicU64::new(0));
    let script = Numbers::new();
    script.set_recv(|| Poll::Ready(Some(Ok(10))));
    let counts = Arc::clone(&usage);
    let mut stream =
        Intercept::new(StreamLimits::default().with_received(Pace::default().with_messages(rate(4, 1))))
            .unwrap()
            .with(Each(move |n: &mut u64| {
                counts.fetch_add(*n, Ordering::Relaxed);
                Ok(Flow::Forward)
            }))
            .stream(script.stream());
    let handle = stream.handle();
    let watcher = tokio::spawn(async move {
        let mut ticker = interval(Duration::from_secs(1));
        while !handle.is_over() {
            ticker.tick().await;
            if usage.load(Ordering::Relaxed) > MAX_USAGE {
                return handle.cancel("resources exceeded");
            }
        }
        false
    });
    let start = Instant::now();
    let error = loop {
        if let Err(error) = stream.next().await.unwrap() {
            break error;
        }
    };
    assert_eq!(error.to_string(), "cancelled: resources exceeded");
    // Eleven messages of ten are there after 2.5 s; the ticker looks at 3 s.
    assert_eq!(start.elapsed(), Duration::from_secs(3));
    assert!(watcher.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn two_objects_that_are_one_stream_have_one_meter_and_one_handle() {
    let limits = StreamLimits::default().with_both(Pace::default().with_messages(rate(1, 2)));
    let log = Log::default();
    let mut requests = Intercept::new(limits).unwrap().with(log.clone()).stream(numbers(1).stream());
    // Messages of another type, with interceptors of their own.
    let answers = interceptor_test::StreamScript::<String, String>::new();
    let mut sink = requests.counterpart().unwrap().with(log.clone()).sink(answers.stream());
    assert!(requests.counterpart().is_none());
    let start = Instant::now();
    assert!(requests.next().await.unwrap().is_ok());
    sink.send("one".to_owned()).await.unwrap();
    sink.send("two".to_owned()).await.unwrap();
    assert_eq!(start.elapsed(), millis(1000));
    let stats = requests.handle().stats();
    assert_eq!((stats.received.messages, stats.sent.messages, stats.messages()), (1, 2, 3));
    drop(requests);
    assert!(!sink.handle().is_over(), "half of it goes on");
    sink.handle().cancel("over");
    assert_eq!(sink.send("three".to_owned()).await.unwrap_err().to_string(), "cancelled: over");
    assert!(sink.handle().is_over());
    let ends: Vec<_> = log.take().into_iter().filter(|line| line.starts_with("ended")).collect();
    assert_eq!(ends, ["ended dropped after 3", "ended failed: cancelled: over after 3"]);
}

/// Neither it nor what it does can leave this thread.
struct Local(Rc<Cell<u32>>);

impl<M, E> MessageInterceptor<M, E> for Local {
    fn ended(&mut self, _: &Ending<'_, E>, _: &StreamStats) {
        self.0.set(self.0.get() + 1);
    }
}

#[tokio::test]
async fn what_is_made_of_local_parts_is_local_and_works() {
    let ends = Rc::new(Cell::new(0));
    let stream = Intercept::new(StreamLimits::default())
        .unwrap()
        .with(Local(Rc::clone(&ends)))
        .stream(numbers(3).stream());
    assert_eq!((stream.count().await, ends.get()), (3, 1));
}

#[test]
fn what_is_made_of_parts_that_may_be_sent_may_be_sent() {
    const fn is_send<T: Send>(_: &T) {}
    let (stream, _) = logged(StreamLimits::default(), &Numbers::new());
    is_send(&stream);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_failed_is_not_closed_as_if_nothing_were() {
    let script = Numbers::new();
    script.set_recv(|| Poll::Ready(Some(Err("reset".to_owned()))));
    let pace = Pace::default().with_messages(rate(1, 1).starting_empty());
    let (mut stream, log) = logged(StreamLimits::default().with_sent(pace), &script);
    stream.feed(1).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap_err().to_string(), "reset");
    assert!(matches!(stream.close().await, Err(StreamError::Over)), "what waited did not pass");
    assert_eq!(stream.handle().stats().sent.refused_messages, 1);
    stream.close().await.unwrap();
    assert_eq!(ends(stream, &log), ["ended failed: reset after 0"]);
}

#[tokio::test]
async fn a_message_at_which_an_interceptor_panics_is_counted_as_refused() {
    for received in [true, false] {
        let log = Log::default();
        let mut stream = Intercept::new(StreamLimits::default())
            .unwrap()
            .with_size(|number: &u64| *number + 5)
            .with(log.clone())
            .with(Each(|_: &mut u64| panic!("a bug")))
            .duplex(numbers(1).stream());
        let handle = stream.handle();
        let task = tokio::spawn(async move {
            if received {
                stream.next().await.unwrap().unwrap();
            } else {
                stream.send(0).await.unwrap();
            }
        });
        assert!(task.await.unwrap_err().is_panic());
        let stats = handle.stats();
        let traffic = if received { stats.received } else { stats.sent };
        assert_eq!((traffic.refused_messages, traffic.refused_bytes, traffic.messages), (1, 5, 0));
        assert!(handle.is_over());
        assert_eq!(log.take().last().unwrap(), "ended dropped after 0");
    }
}
