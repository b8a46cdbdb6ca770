//! The table tests that a stream interceptor is usually given: a handler sends, every answer of the stream is scripted.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use interceptor_stream::{Intercept, Pace, Rate, StreamError, StreamLimits, StreamStats};
use tokio::time::Instant;

use crate::kit::{Numbers, millis, numbers, rate};

/// The handler: sends so many messages, of 60 bytes each, and returns with the first error.
async fn run(
    script: &Numbers,
    limits: StreamLimits,
    messages: u64,
) -> (Result<(), StreamError<String>>, StreamStats) {
    let mut stream = Intercept::new(limits).unwrap().with_size(|_: &u64| 60).sink(script.stream());
    let handle = stream.handle();
    let mut result = Ok(());
    for message in 0..messages {
        result = stream.send(message).await;
        if result.is_err() {
            break;
        }
    }
    drop(stream);
    (result, handle.stats())
}

#[tokio::test]
async fn monitoring() {
    struct Row {
        name: &'static str,
        setup: fn(&Numbers),
        messages: u64,
        error: Option<&'static str>,
        counted: (u64, u64),
    }
    let rows = [
        Row {
            name: "successful stream with multiple messages",
            setup: |script| (0..10).for_each(|_| script.add_send(|_| Ok(()))),
            messages: 10,
            error: None,
            counted: (10, 0),
        },
        Row {
            name: "stream with error",
            setup: |script| {
                (0..3).for_each(|_| script.add_send(|_| Ok(())));
                script.add_send(|_| Err("stream error".to_owned()));
            },
            messages: 4,
            error: Some("stream error"),
            counted: (3, 1),
        },
    ];
    for row in rows {
        let script = Numbers::new();
        (row.setup)(&script);
        let (result, stats) = run(&script, StreamLimits::default(), row.messages).await;
        assert_eq!(result.err().map(|error| error.to_string()).as_deref(), row.error, "{}", row.name);
        assert_eq!((stats.sent.messages, stats.sent.refused_messages), row.counted, "{}", row.name);
        assert_eq!(stats.sent.bytes, 60 * row.counted.0, "only what has passed counts: {}", row.name);
        assert!(!script.has_more(), "{}: not all expected stream operations were performed", row.name);
    }
}

#[tokio::test]
async fn respects_resource_limits() {
    let script = Numbers::new();
    script.add_send(|_| Ok(()));
    // Bytes for one message, not for two.
    let (result, stats) = run(&script, StreamLimits::default().with_max_bytes(100), 10).await;
    assert_eq!(result.unwrap_err().to_string(), "more than 100 bytes sent");
    assert_eq!((stats.sent.messages, stats.sent.refused_messages), (1, 1));
    assert!(!script.has_more(), "not all expected stream operations were performed");
}

#[tokio::test(start_paused = true)]
async fn throttles_rapid_messages() {
    let two_a_second: Rate = rate(2, 1);
    let rows: [(&str, Rate, Duration, [u64; 3]); 2] = [
        ("a bucket that starts empty", two_a_second.starting_empty(), millis(500), [500, 1000, 1500]),
        ("a bucket that starts full", two_a_second, millis(0), [0, 500, 1000]),
    ];
    for (name, rate, least, at) in rows {
        let script = Numbers::new();
        let start = Instant::now();
        for at in at {
            script.add_send(move |_| {
                let elapsed = start.elapsed();
                if elapsed < least {
                    return Err(format!("message sent too quickly: {elapsed:?}"));
                }
                if elapsed == millis(at) { Ok(()) } else { Err(format!("sent after {elapsed:?}")) }
            });
        }
        let limits = StreamLimits::default().with_sent(Pace::default().with_messages(rate));
        let (result, stats) = run(&script, limits, 3).await;
        assert!(result.is_ok(), "{name}: {result:?}");
        assert_eq!((stats.sent.messages, stats.duration), (3, millis(at[2])), "{name}");
        assert!(!script.has_more(), "{name}: not all expected stream operations were performed");
    }
}

/// One limiter for both directions, as a single `rate.NewLimiter` in front of both calls would be.
#[tokio::test(start_paused = true)]
async fn one_limiter_for_both_directions() {
    let script = numbers(2);
    let limits = StreamLimits::default().with_both(Pace::default().with_messages(rate(2, 1)));
    let mut stream = Intercept::new(limits).unwrap().with_size(|n: &u64| 10 + n).duplex(script.stream());
    let start = Instant::now();
    let received = stream.next().await.unwrap().unwrap();
    assert_eq!((received, start.elapsed()), (0, millis(0)));
    let received = stream.next().await.unwrap().unwrap();
    assert_eq!((received, start.elapsed()), (1, millis(500)));
    stream.send(7).await.unwrap();
    assert_eq!(start.elapsed(), millis(1000));
    stream.send(8).await.unwrap();
    assert_eq!(start.elapsed(), millis(1500));
    let stats = stream.handle().stats();
    assert_eq!((stats.received.messages, stats.received.bytes), (2, 21));
    assert_eq!((stats.sent.messages, stats.sent.bytes), (2, 35));
    assert_eq!((stats.messages(), stats.bytes()), (4, 56));
    assert_eq!((stats.received.waited, stats.sent.waited), (millis(500), millis(1000)));
}
