//! What a peer may send, or not send, without doing harm.

use std::time::Duration;

use bytes::Bytes;
use interceptor_grpc::{Code, Pace, Rate, Status, StreamLayer, StreamLimits};
use tokio::time::Instant;
use tokio_stream::StreamExt;

use crate::support::{
    Framed, Record, Server, answer, cut, drain, echo, messages, rate, through, watched, wire,
};

#[tokio::test(start_paused = true)]
async fn split_frames_pace_exactly() {
    let pace = Pace::default().with_messages(rate(2, 2));
    let wire = wire(10, 7);
    for chunk in [1, 3, 5, 64, wire.len()] {
        for received in [true, false] {
            let limits = StreamLimits::default();
            let (layer, mut heard) =
                watched(if received { limits.with_received(pace) } else { limits.with_sent(pace) });
            let start = Instant::now();
            let frames = cut(&wire, chunk);
            let (request, response) = if received {
                through(layer, Framed::new(frames), Framed::response(Vec::new())).await
            } else {
                through(layer, Framed::new(Vec::new()), Framed::response(frames)).await
            };
            // Two at once, then one each half second.
            assert_eq!(start.elapsed(), Duration::from_secs(4), "{chunk}");
            assert_eq!(if received { request.data } else { response.data }, wire, "{chunk}");
            assert_eq!(response.trailers.unwrap()["grpc-status"], "0");
            let ended = heard.next().await;
            let traffic = if received { ended.stats.received } else { ended.stats.sent };
            assert_eq!((traffic.messages, traffic.bytes, ended.code), (10, 70, Code::Ok));
            // Seven are held back until their turn, one after the other.
            assert!(traffic.waited >= Duration::from_secs(3) && traffic.waited <= Duration::from_secs(4));
        }
    }
}

/// A length of 4 GiB that is only claimed.
#[tokio::test(start_paused = true)]
async fn a_message_that_is_never_sent_is_idle() {
    let limits = StreamLimits::default().with_max_idle(Duration::from_secs(30));
    let (layer, mut heard) = watched(limits);
    let start = Instant::now();
    let prefix = Bytes::from_static(&[0, 0xff, 0xff, 0xff, 0xff]);
    let (request, response) =
        through(layer, Framed::endless(vec![prefix]), Framed::response(Vec::new())).await;
    assert_eq!(start.elapsed(), Duration::from_secs(30));
    assert!(response.trailers.is_none() && request.data.is_empty(), "the handler is dropped");
    let ended = heard.next().await;
    assert_eq!((ended.code, ended.stats.received.messages), (Code::DeadlineExceeded, 0));
    assert_eq!((ended.stats.received.refused_messages, ended.stats.received.refused_bytes), (1, 0xffff_ffff));
}

/// A body that ends within a message reaches its reader as it is: who reads it finds the mistake.
#[tokio::test(start_paused = true)]
async fn a_torn_message_stays_torn() {
    let whole = wire(2, 7);
    for end in [1, 4, 5, 11, 13, 16, 17, 23] {
        for chunk in [1, 5, 64] {
            let (layer, mut heard) = watched(StreamLimits::default());
            let torn = whole.slice(..end);
            let frames = cut(&torn, chunk);
            let (request, response) =
                through(layer, Framed::new(frames.clone()), Framed::response(frames)).await;
            assert_eq!((&request.data[..], &response.data[..]), (&torn[..], &torn[..]), "{end} {chunk}");
            assert_eq!(response.trailers.unwrap()["grpc-status"], "0");
            let sent = heard.next().await.stats.sent;
            let begun = u64::from(end % 12 >= 5);
            assert_eq!((sent.messages, sent.refused_messages), (end as u64 / 12, begun), "{end} {chunk}");
        }
    }
}

/// Who sends too much is slowed down by HTTP/2: of a hundred messages of 64 KiB, not many more than one window are on their way.
#[tokio::test]
async fn who_sends_too_much_has_to_wait() {
    let pace = Pace::default().with_messages(Rate::new(1, Duration::from_secs(3600), 1).unwrap());
    let limits = StreamLimits::default().with_received(pace).with_max_idle(Duration::from_millis(100));
    let (layer, mut heard) = watched(limits.with_max_duration(Duration::from_millis(300)));
    let taken = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let takes = std::sync::Arc::clone(&taken);
    let server = Server::start(layer, echo).await;
    let response = server
        .begin(messages(100, 64 << 10).map(move |message| {
            takes.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            message
        }))
        .await
        .unwrap();
    let got = drain(response).await;
    assert_eq!((got.messages.len(), got.code()), (1, Code::DeadlineExceeded));
    assert_eq!(heard.next().await.stats.received.messages, 1);
    let taken = taken.load(std::sync::atomic::Ordering::Relaxed);
    assert!(taken < 60, "{taken} of 100 were sent");
}

/// Its window is closed: nothing reaches it until it reads.
#[tokio::test]
async fn a_client_that_reads_nothing_is_told_when_it_reads() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let calls = layer.calls().clone();
    let server = Server::start(layer, |_| async { answer(messages(1000, 64 << 10).map(Ok)) }).await;
    let response = server.begin(messages(0, 0)).await.unwrap();
    assert!(heard.messages.recv().await.is_some());
    assert_eq!(calls.cancel_all(&Status::unavailable("the server goes")), 1);
    let got = drain(response).await;
    assert_eq!(got.code(), Code::Unavailable);
    let ended = heard.next().await;
    assert_eq!((ended.code, ended.stats.sent.messages), (Code::Unavailable, got.messages.len() as u64));
    assert!(got.messages.len() < 100, "{}", got.messages.len());
}

/// Each a call like any other, and no more than are allowed.
#[tokio::test]
async fn streams_by_the_hundred_are_refused() {
    let (record, mut heard) = Record::new();
    let layer = StreamLayer::unlimited().with_max_streams(10).with_observer(record);
    let calls = layer.calls().clone();
    let server = Server::start(layer, |_| async { answer(tokio_stream::pending()) }).await;
    let mut open = Vec::new();
    for n in 0..100 {
        match server.begin(messages(1, 1)).await {
            Ok(response) => open.push(response),
            Err(status) => assert!(n >= 10 && status.code() == Code::ResourceExhausted, "{n} {status}"),
        }
    }
    assert_eq!((open.len(), calls.len()), (10, 10));
    drop(open);
    for _ in 0..100 {
        heard.next().await;
    }
    assert!(calls.is_empty());
}
