//! The same layer around a client's channel: what it sends is sent, and the limits are its own.

use std::time::Duration;

use bytes::Bytes;
use interceptor_grpc::{Cause, Code, Direction, Pace, Rate, Status, StreamLayer, StreamLimits};
use tokio::time::Instant;
use tonic::transport::Channel;
use tonic::{Request, Streaming};
use tower::ServiceBuilder;

use crate::support::{Heard, Record, Server, answer, begin, call, drain, echo, messages, never};

type Layered = interceptor_grpc::ClientStreamService<Channel>;

fn layered(server: &Server, limits: StreamLimits) -> (Layered, interceptor_grpc::Calls, Heard) {
    let (record, heard) = Record::new();
    let layer = StreamLayer::new(limits).unwrap().with_observer(record).client();
    let calls = layer.calls().clone();
    (ServiceBuilder::new().layer(layer).service(server.channel.clone()), calls, heard)
}

#[tokio::test]
async fn a_call_counts_what_it_sends_as_sent() {
    let server = Server::start(StreamLayer::unlimited(), |request: Request<Streaming<Bytes>>| async {
        drain(request.into_inner()).await.end?;
        answer(tokio_stream::iter([Ok(Bytes::from_static(b"done"))]))
    })
    .await;
    let (channel, calls, mut heard) = layered(&server, StreamLimits::default());
    let got = call(channel, Request::new(messages(10, 100))).await;
    assert_eq!((got.messages.len(), got.code()), (1, Code::Ok));
    let ended = heard.next().await;
    assert_eq!((ended.path.as_str(), ended.code), ("/test.Echo/Talk", Code::Ok));
    assert_eq!((ended.stats.sent.messages, ended.stats.sent.bytes), (10, 1000));
    assert_eq!((ended.stats.received.messages, ended.stats.received.bytes), (1, 4));
    assert!(calls.is_empty());
}

#[tokio::test]
async fn the_servers_status_is_the_calls() {
    let server =
        Server::start(StreamLayer::unlimited(), |_| async { Err(Status::not_found("nobody")) }).await;
    let (channel, _, mut heard) = layered(&server, StreamLimits::default());
    assert_eq!(call(channel, Request::new(messages(1, 1))).await.code(), Code::NotFound);
    assert_eq!(heard.next().await.code, Code::NotFound);
}

#[tokio::test]
async fn a_server_that_sends_too_much_is_not_listened_to() {
    let (record, mut at_server) = Record::new();
    let layer = StreamLayer::unlimited().with_observer(record);
    let server =
        Server::start(layer, |_| async { answer(tokio_stream::StreamExt::map(never(10, 10), Ok)) }).await;
    let (channel, _, mut heard) = layered(&server, StreamLimits::default().with_max_messages(5));
    let got = call(channel, Request::new(never(0, 0))).await;
    assert_eq!((got.messages.len(), got.code()), (5, Code::ResourceExhausted));
    let ended = heard.next().await;
    assert_eq!(ended.stats.ended, Some(Cause::Messages { direction: Direction::Received, max: 5 }));
    assert_eq!(at_server.next().await.code, Code::Cancelled, "the server hears of it");
}

#[tokio::test]
async fn a_client_sends_no_more_than_it_may() {
    let (record, mut at_server) = Record::new();
    let server = Server::start(StreamLayer::unlimited().with_observer(record), echo).await;
    let (channel, _, mut heard) = layered(&server, StreamLimits::default().with_max_messages(5));
    let got = call(channel, Request::new(messages(10, 10))).await;
    assert_eq!(got.code(), Code::ResourceExhausted);
    let ended = heard.next().await;
    assert_eq!(ended.stats.ended, Some(Cause::Messages { direction: Direction::Sent, max: 5 }));
    assert_eq!((ended.stats.sent.messages, ended.stats.sent.refused_messages), (5, 1));
    let there = at_server.next().await;
    assert!(there.code != Code::Ok && there.stats.received.messages <= 5, "{there:?}");
}

#[tokio::test]
async fn a_client_paces_itself() {
    let server = Server::start(StreamLayer::unlimited(), echo).await;
    let rate = Rate::new(50, Duration::from_secs(1), 1).unwrap();
    let limits = StreamLimits::default().with_sent(Pace::default().with_messages(rate));
    let (channel, _, mut heard) = layered(&server, limits);
    let start = Instant::now();
    let got = call(channel, Request::new(messages(11, 10))).await;
    assert_eq!((got.messages.len(), got.code()), (11, Code::Ok));
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert!(heard.next().await.stats.sent.waited >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for() {
    let server = Server::start(StreamLayer::unlimited(), |_| std::future::pending()).await;
    let max = Duration::from_millis(50);
    let (channel, _, mut heard) = layered(&server, StreamLimits::default().with_max_idle(max));
    assert_eq!(call(channel, Request::new(messages(1, 1))).await.code(), Code::DeadlineExceeded);
    assert_eq!(heard.next().await.stats.ended, Some(Cause::Idle { max }));
}

/// Without the layer the server hears nothing as long as the client's own messages go on: the stream is half open.
#[cfg(feature = "client")]
#[tokio::test]
async fn a_server_hears_of_a_response_that_is_dropped() {
    let (record, mut at_server) = Record::new();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let layer = StreamLayer::unlimited().with_observer(record);
    let server = Server::start(layer, move |request: Request<Streaming<Bytes>>| {
        let tell = tell.clone();
        async move {
            tokio::spawn(async move { tell.send(drain(request.into_inner()).await) });
            answer(tokio_stream::StreamExt::map(never(1, 1), Ok))
        }
    })
    .await;
    let (channel, calls, mut heard) = layered(&server, StreamLimits::default());
    let mut response = begin(channel, Request::new(never(1, 1))).await.unwrap();
    assert!(response.message().await.unwrap().is_some());
    assert_eq!(calls.len(), 1);
    drop(response);
    assert_eq!(heard.next().await.code, Code::Cancelled);
    assert_eq!(at_server.next().await.code, Code::Cancelled);
    let read = told.recv().await.unwrap();
    assert_eq!(read.messages.len(), 1);
    assert!(calls.is_empty());
}

#[tokio::test]
async fn a_handle_ends_a_clients_call() {
    let server = Server::start(StreamLayer::unlimited(), |_| async {
        answer(tokio_stream::StreamExt::map(never(1, 1), Ok))
    })
    .await;
    let (channel, calls, mut heard) = layered(&server, StreamLimits::default());
    let mut response = begin(channel, Request::new(never(1, 1))).await.unwrap();
    assert!(response.message().await.unwrap().is_some());
    assert_eq!(calls.cancel_all(&Status::unavailable("we go")), 1);
    let got = drain(response).await;
    assert_eq!((got.code(), got.end.unwrap_err().message()), (Code::Unavailable, "we go"));
    assert_eq!(heard.next().await.code, Code::Unavailable);
}
