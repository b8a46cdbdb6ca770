//! Limits of messages, bytes and sizes, both ways: what is allowed arrives, then the status; nothing is lost in silence.

use bytes::Bytes;
use interceptor_grpc::{Cause, Code, Direction, StreamLimits};
use tokio_stream::StreamExt;
use tonic::{Request, Streaming};

use crate::support::{Got, Server, answer, call, drain, echo, messages, never, read_all, watched};

const RECEIVED: Direction = Direction::Received;
const SENT: Direction = Direction::Sent;

/// Each message is 10 bytes, ten of them are sent each way.
#[tokio::test]
async fn what_is_allowed_arrives_then_the_status() {
    let unlimited = StreamLimits::default();
    let cases = [
        (unlimited.with_max_messages(5), 5, Cause::Messages { direction: SENT, max: 5 }),
        (unlimited.with_max_bytes(55), 5, Cause::Bytes { direction: SENT, max: 55 }),
        (unlimited.with_max_bytes(50), 5, Cause::Bytes { direction: SENT, max: 50 }),
        (unlimited.with_max_message_bytes(9), 0, Cause::MessageBytes { direction: SENT, bytes: 10, max: 9 }),
    ];
    for (limits, allowed, cause) in cases {
        let (layer, mut heard) = watched(limits);
        // Ten at once: tonic puts them into one frame.
        let server = Server::start(layer, |_| async { answer(messages(10, 10).map(Ok)) }).await;
        let got = server.call(messages(0, 0)).await;
        assert_eq!((got.messages.len(), got.code()), (allowed, Code::ResourceExhausted), "{cause}");
        assert_eq!(got.end.unwrap_err().message(), cause.to_string());
        let ended = heard.next().await;
        assert_eq!((ended.code, ended.stats.ended), (Code::ResourceExhausted, Some(cause)));
        let sent = ended.stats.sent;
        assert_eq!((sent.messages, sent.refused_messages), (allowed as u64, 1), "{cause}");
    }
}

#[tokio::test]
async fn a_handler_gets_what_is_allowed_then_the_status() {
    let unlimited = StreamLimits::default();
    let cases = [
        (unlimited.with_max_messages(5), 5, Cause::Messages { direction: RECEIVED, max: 5 }),
        (unlimited.with_max_bytes(55), 5, Cause::Bytes { direction: RECEIVED, max: 55 }),
        (
            unlimited.with_max_message_bytes(9),
            0,
            Cause::MessageBytes { direction: RECEIVED, bytes: 10, max: 9 },
        ),
    ];
    for (limits, allowed, cause) in cases {
        let (layer, mut heard) = watched(limits);
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel::<Got>();
        let server = Server::start(layer, move |request: Request<Streaming<Bytes>>| {
            let tell = tell.clone();
            async move {
                // Told from elsewhere: the handler is dropped.
                tokio::spawn(async move { tell.send(drain(request.into_inner()).await) });
                std::future::pending().await
            }
        })
        .await;
        let got = server.call(never(10, 10)).await;
        assert_eq!((got.messages.len(), got.code()), (0, Code::ResourceExhausted));
        let read = told.recv().await.unwrap();
        assert_eq!((read.messages.len(), read.code()), (allowed, Code::ResourceExhausted), "{cause}");
        assert_eq!(read.end.unwrap_err().message(), cause.to_string());
        let ended = heard.next().await;
        assert_eq!((ended.code, ended.stats.ended), (Code::ResourceExhausted, Some(cause)));
        let received = ended.stats.received;
        assert_eq!((received.messages, received.refused_messages), (allowed as u64, 1));
    }
}

/// The handler would answer 5 and be content.
#[tokio::test]
async fn a_handler_that_swallows_the_error_does_not_hide_it() {
    let (layer, mut heard) = watched(StreamLimits::default().with_max_messages(5));
    let server = Server::start(layer, |request: Request<Streaming<Bytes>>| async {
        let got = drain(request.into_inner()).await;
        answer(tokio_stream::once(Ok(Bytes::from(got.messages.len().to_string()))))
    })
    .await;
    let got = server.call(never(10, 10)).await;
    assert_eq!((got.messages.len(), got.code()), (0, Code::ResourceExhausted));
    assert_eq!(heard.next().await.code, Code::ResourceExhausted);
}

#[tokio::test]
async fn what_is_within_the_limits_is_not_touched() {
    let limits = StreamLimits::control().with_max_messages(10).with_max_bytes(100).with_max_message_bytes(10);
    let (layer, mut heard) = watched(limits.with_warn_message_bytes(10));
    let server = Server::start(layer, echo).await;
    let got = server.call(messages(10, 10)).await;
    assert_eq!((got.messages.len(), got.code()), (10, Code::Ok));
    assert!(got.messages.iter().enumerate().all(|(n, message)| *message == vec![n as u8; 10]));
    assert_eq!(heard.next().await.stats.sent.large_messages, 0);
}

#[tokio::test]
async fn large_messages_are_told_of() {
    let (layer, mut heard) = watched(StreamLimits::default().with_warn_message_bytes(100));
    let server = Server::start(layer, echo).await;
    let got = server.call(messages(2, 10).chain(messages(1, 101))).await;
    assert_eq!(got.code(), Code::Ok);
    let ended = heard.next().await;
    assert_eq!((ended.stats.received.large_messages, ended.stats.sent.large_messages), (1, 1));
    let mut seen = Vec::new();
    while let Ok(message) = heard.messages.try_recv() {
        seen.push((message.direction, message.bytes, message.large));
    }
    seen.sort_by_key(|(direction, bytes, _)| (*direction == SENT, *bytes));
    let each = |direction| [(direction, 10, false), (direction, 10, false), (direction, 101, true)];
    assert_eq!(seen, [each(RECEIVED), each(SENT)].concat());
}

/// A megabyte of zeros is about a kilobyte on the wire; that counts.
#[tokio::test]
async fn compressed_messages_count_as_on_the_wire() {
    let (layer, mut heard) = watched(StreamLimits::default().with_max_message_bytes(10_000));
    let server = Server::start(layer, |request: Request<Streaming<Bytes>>| async {
        let got = drain(request.into_inner()).await;
        answer(tokio_stream::iter(got.messages).map(Ok))
    })
    .await;
    let zeros = Bytes::from(vec![0; 1 << 20]);
    let sent = zeros.clone();
    let mut request = Request::new(tokio_stream::once(sent));
    request.metadata_mut().insert("x-gzip", "1".parse().unwrap());
    let got = call(server.channel.clone(), request).await;
    assert_eq!((got.code(), &got.messages[..]), (Code::Ok, &[zeros.clone()][..]));
    let stats = heard.next().await.stats;
    for traffic in [stats.received, stats.sent] {
        assert!(traffic.messages == 1 && (500..10_000).contains(&traffic.bytes), "{traffic:?}");
    }
    // The same, as it is.
    let got = server.call(tokio_stream::once(zeros)).await;
    assert_eq!(got.code(), Code::ResourceExhausted);
}

/// What a tonic server alone would count as one call that runs on.
#[tokio::test]
async fn messages_of_unary_calls_count_as_well() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let server = Server::start(layer, read_all).await;
    let mut grpc = tonic::client::Grpc::new(server.channel.clone());
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/test.Echo/Talk");
    let answer = grpc.unary(Request::new(Bytes::from_static(b"?")), path, crate::support::Raw).await.unwrap();
    assert_eq!(answer.into_inner(), "1");
    let stats = heard.next().await.stats;
    assert_eq!((stats.received.messages, stats.sent.messages), (1, 1));
}
