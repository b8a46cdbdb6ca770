//! One stream in several hands: two tasks, two objects, other threads, wakers that change.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::{SinkExt, StreamExt, stream};
use interceptor_stream::{Intercept, Metered, Pace, StreamError, StreamLimits, Verdict};
use tokio::time::{Instant, sleep, timeout};

use crate::kit::{Log, Numbers, SECOND, metered, millis, numbers, rate};

/// Counts how often it was woken.
#[derive(Default)]
struct Bell(AtomicU32);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A script whose peer says nothing.
fn silent() -> Numbers {
    let script = Numbers::new();
    script.set_recv(|| Poll::Pending);
    script
}

#[test]
fn only_who_asked_last_is_woken_and_nobody_is_kept() {
    let mut stream = Intercept::new(StreamLimits::default()).unwrap().stream(silent().stream());
    let handle = stream.handle();
    let (first, last) = (Arc::new(Bell::default()), Arc::new(Bell::default()));
    for bell in [&first, &last] {
        let waker = Waker::from(Arc::clone(bell));
        assert!(stream.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(Arc::strong_count(&first), 1, "who asked before is let go");
    assert!(handle.cancel("enough"));
    assert_eq!((first.0.load(Ordering::Relaxed), last.0.load(Ordering::Relaxed)), (0, 1));
    let polled = stream.poll_next_unpin(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Some(Err(StreamError::Cancelled(_))))));
    drop(stream);
    assert_eq!(Arc::strong_count(&last), 1, "a handle keeps no task");
}

#[test]
fn a_direction_that_is_over_keeps_no_task() {
    let script = silent();
    let mut stream = Intercept::new(StreamLimits::default()).unwrap().duplex(script.stream());
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    assert!(stream.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    script.set_recv(|| Poll::Ready(None));
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(matches!(stream.poll_next_unpin(cx), Poll::Ready(None)));
    assert_eq!(Arc::strong_count(&bell), 1);
}

/// A task that holds the other half of the stream, and is dropped with its waker.
struct Holder<T>(std::sync::Mutex<T>);

impl<T: Send> Wake for Holder<T> {
    fn wake(self: Arc<Self>) {
        drop(self.0.lock());
    }
}

#[test]
fn a_waker_may_take_the_other_half_of_the_stream_with_it() {
    let mut requests = Intercept::new(StreamLimits::default()).unwrap().stream(silent().stream());
    let answers = requests.counterpart().unwrap().sink::<_, u64, String>(Numbers::new().stream());
    let waker = Waker::from(Arc::new(Holder(std::sync::Mutex::new(answers))));
    assert!(requests.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    assert!(requests.poll_next_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[tokio::test]
async fn who_waits_learns_of_a_cancellation_from_another_thread_whenever_it_comes() {
    for seed in 0..2000_u32 {
        let mut stream = Intercept::new(StreamLimits::default()).unwrap().duplex(silent().stream());
        let handle = stream.handle();
        let other = std::thread::spawn(move || {
            for _ in 0..seed.wrapping_mul(2_654_435_761) % 4096 {
                std::hint::spin_loop();
            }
            handle.cancel("enough")
        });
        let error = timeout(millis(60_000), stream.next()).await.unwrap().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "cancelled: enough");
        assert!(other.join().unwrap());
        assert!(matches!(stream.close().await, Err(StreamError::Cancelled(_))));
    }
}

#[tokio::test]
async fn a_stream_is_cancelled_or_finished_but_not_both() {
    for seed in 0..2000_u32 {
        let log = Log::default();
        let empty = stream::empty::<Result<u64, Infallible>>();
        let mut stream = Intercept::new(StreamLimits::default()).unwrap().with(log.clone()).stream(empty);
        let handle = stream.handle();
        let canceller = handle.clone();
        let other = std::thread::spawn(move || canceller.cancel("enough"));
        for _ in 0..seed.wrapping_mul(2_654_435_761) % 65_536 {
            std::hint::spin_loop();
        }
        let finished = stream.next().await.is_none();
        let cancelled = other.join().unwrap();
        drop(stream);
        if finished {
            assert_eq!(log.take(), ["ended finished after 0"]);
            assert!(!cancelled, "it was over");
            assert_eq!(handle.stats().ended, None);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_other_object_of_a_stream_goes_on_after_the_first_came_to_its_end() {
    let mut requests = Intercept::new(StreamLimits::default()).unwrap().stream(numbers(1).stream());
    let handle = requests.handle();
    let answers = requests.counterpart().unwrap();
    assert!(requests.next().await.unwrap().is_ok() && requests.next().await.is_none());
    drop(requests);
    assert!(!handle.is_over(), "the answers are to come");
    sleep(millis(1000)).await;
    let mut answers = answers.sink::<_, u64, String>(Numbers::new().stream());
    answers.send(1).await.unwrap();
    assert_eq!(handle.stats().duration, millis(1000));
    answers.close().await.unwrap();
    assert!(handle.is_over());
}

#[tokio::test]
async fn a_stream_is_over_when_its_other_object_is_never_made() {
    let mut requests = Intercept::new(StreamLimits::default()).unwrap().stream(numbers(0).stream());
    let handle = requests.handle();
    let answers = requests.counterpart().unwrap();
    assert!(requests.next().await.is_none() && !handle.is_over());
    drop(answers);
    assert!(handle.is_over());

    let mut requests = Intercept::new(StreamLimits::default()).unwrap().stream(numbers(0).stream());
    assert!(requests.next().await.is_none() && requests.handle().is_over());
    assert!(requests.counterpart().is_none(), "too late");
}

#[tokio::test(start_paused = true)]
async fn neither_direction_starves_the_other_of_a_bucket_that_both_share() {
    let limits = StreamLimits::default().with_both(Pace::default().with_messages(rate(10, 1)));
    let script = Numbers::new();
    script.set_recv(|| Poll::Ready(Some(Ok(1))));
    let (mut sink, mut stream) = Intercept::new(limits).unwrap().duplex(script.stream()).split();
    let start = Instant::now();
    // Two tasks: of one that joins both, each would have its turn anyway.
    let reads = tokio::spawn(async move {
        let mut count = 0;
        while start.elapsed() < millis(10_000) {
            stream.next().await.unwrap().unwrap();
            count += 1;
        }
        count
    });
    let writes = tokio::spawn(async move {
        let mut count = 0;
        while start.elapsed() < millis(10_000) {
            sink.send(1).await.unwrap();
            count += 1;
        }
        count
    });
    let (reads, writes) = (reads.await.unwrap(), writes.await.unwrap());
    assert!((45..=56).contains(&reads) && (45..=56).contains(&writes), "{reads} read, {writes} written");
}

#[test]
fn who_waits_for_the_shared_bucket_comes_before_who_comes_later() {
    let limits = StreamLimits::default().with_both(Pace::default().with_messages(rate(1, 1)));
    let Metered { mut received, mut sent, .. } = metered(limits);
    assert_eq!(received.admit(1, 0), Verdict::Pass);
    received.passed(1, 0);
    assert_eq!(sent.admit(1, 0), Verdict::Wait { until_nanos: SECOND });
    assert_eq!(received.admit(1, 1), Verdict::Wait { until_nanos: SECOND });
    // Both come at the same time, in the wrong order: a timer may be late.
    assert_eq!(received.admit(1, SECOND), Verdict::Wait { until_nanos: SECOND + 5_000_000 });
    assert_eq!(sent.admit(1, SECOND + 1_000_000), Verdict::Pass);
    let next = 2 * SECOND + 1_000_000;
    assert_eq!(received.admit(1, SECOND + 5_000_000), Verdict::Wait { until_nanos: next });
    sent.passed(1, 0);
    // And now it is the other one's turn.
    assert_eq!(sent.admit(1, next), Verdict::Wait { until_nanos: next + 5_000_000 });
    assert_eq!(received.admit(1, next), Verdict::Pass);
}

#[tokio::test(start_paused = true)]
async fn no_hour_has_more_messages_than_the_rate_and_the_burst() {
    let limits = StreamLimits::default().with_received(Pace::default().with_messages(rate(7, 3)));
    let script = Numbers::new();
    script.set_recv(|| Poll::Ready(Some(Ok(1))));
    let mut stream = Intercept::new(limits).unwrap().stream(script.stream());
    let start = Instant::now();
    let mut passed = Vec::new();
    while start.elapsed() < millis(3_600_000) {
        stream.next().await.unwrap().unwrap();
        passed.push(start.elapsed().as_nanos());
        if passed.len() % 97 == 0 {
            sleep(millis(passed.len() as u64 % 1013)).await;
        }
    }
    for window in [1, 2, 10, 100, 1000, 10_000] {
        for (from, to) in passed.iter().zip(passed.iter().skip(window)) {
            assert!((window as u128 + 1) * 1_000_000_000 <= 3_000_000_000 + 7 * (to - from));
        }
    }
    assert!(passed.len() > 15_000, "{}", passed.len());
}
