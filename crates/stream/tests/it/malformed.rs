//! What a hostile peer may do to a wrapped stream, and the count that shows it.

use std::task::Poll;

use futures_util::{SinkExt, StreamExt};
use interceptor_stream::{Excess, Intercept, Intercepted, Pace, StreamError, StreamLimits, StreamStats};
use interceptor_test::ScriptedStream;

use crate::kit::{Numbers, itself, millis, rate};

type Wrapped = Intercepted<ScriptedStream<u64, String>, u64, String, (), fn(&u64) -> u64>;

/// A peer that never stops to send messages of so many bytes, and never reads.
fn flooding(bytes: u64, limits: StreamLimits) -> Wrapped {
    let script = Numbers::new();
    script.set_recv(move || Poll::Ready(Some(Ok(bytes))));
    script.set_ready(|| Poll::Pending);
    Intercept::new(limits).unwrap().with_size(itself as fn(&u64) -> u64).duplex(script.stream())
}

/// Reads until the stream ends.
async fn ended(mut stream: Wrapped) -> (StreamError<String>, StreamStats) {
    loop {
        if let Err(error) = stream.next().await.unwrap() {
            return (error, stream.handle().stats());
        }
    }
}

#[tokio::test]
async fn refuses_what_is_too_large_or_too_much_and_ends() {
    let limits = StreamLimits::default();
    let rows = [
        (limits.with_max_message_bytes(99), 0),
        (limits.with_max_messages(7), 7),
        (limits.with_max_bytes(799), 7),
    ];
    for (limits, passed) in rows {
        let (error, stats) = ended(flooding(100, limits)).await;
        assert_eq!((error.limit(), stats.received.messages), (stats.ended, passed));
        assert_eq!((stats.received.refused_messages, stats.received.refused_bytes), (1, 100));
    }
}

#[tokio::test(start_paused = true)]
async fn slows_a_flood_down() {
    let pace = Pace::default().with_bytes(rate(1000, 100));
    let limits = StreamLimits::default().with_received(pace).with_max_duration(millis(10_050));
    let (_, stats) = ended(flooding(100, limits)).await;
    assert_eq!((stats.received.bytes, stats.received.waited), (100 + 10_000, millis(10_000)));
}

#[tokio::test(start_paused = true)]
async fn drops_a_flood_and_lets_others_have_their_turn() {
    let pace = Pace::default().with_messages(rate(1, 1)).with_excess(Excess::Drop);
    let mut stream = flooding(100, StreamLimits::default().with_received(pace));
    assert_eq!(stream.next().await.unwrap().unwrap(), 100);
    tokio::select! {
        biased;
        _ = stream.next() => panic!("there are no tokens"),
        () = tokio::task::yield_now() => {}
    }
    let dropped = stream.handle().stats().received;
    assert!(dropped.dropped_messages > 0 && dropped.dropped_bytes == 100 * dropped.dropped_messages);
    assert_eq!(dropped.dropped_messages % 64, 0);
}

#[tokio::test]
async fn holds_back_no_more_bytes_than_it_may() {
    let pace = Pace::default().with_messages(rate(1, 1).starting_empty());
    let limits = StreamLimits::default().with_received(pace);
    let (error, stats) = ended(flooding(1 << 30, limits)).await;
    assert_eq!(error.to_string(), "1073741824 bytes received held back, more than 4194304");
    assert_eq!(stats.received.refused_bytes, 1 << 30);
}

#[tokio::test(start_paused = true)]
async fn ends_a_peer_that_says_nothing_any_more() {
    let script = Numbers::new();
    script.set_recv(|| Poll::Pending);
    let stream = Intercept::new(StreamLimits::control())
        .unwrap()
        .with_size(itself as fn(&u64) -> u64)
        .duplex(script.stream());
    let (error, stats) = ended(stream).await;
    assert_eq!((error.to_string().as_str(), stats.ended), ("nothing moved for 300s", error.limit()));
}

#[tokio::test(start_paused = true)]
async fn ends_a_peer_that_reads_nothing_any_more() {
    let mut stream = flooding(1, StreamLimits::bulk());
    let error = stream.send(1).await.unwrap_err();
    assert_eq!(error.to_string(), "nothing moved for 60s");
    assert_eq!(stream.handle().stats().duration, millis(60_000));
}

#[tokio::test]
async fn counts_large_messages() {
    let limits = StreamLimits::bulk().with_max_messages(3);
    let (_, stats) = ended(flooding((1 << 20) + 1, limits)).await;
    assert_eq!((stats.received.messages, stats.received.large_messages), (3, 3));
}
