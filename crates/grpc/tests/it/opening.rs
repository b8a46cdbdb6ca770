//! What is decided when a call begins: policies, methods, places, metadata.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::HeaderName;
use interceptor_grpc::{
    CallHandle, CallHead, CallInfo, CallLimits, Code, MethodKind, Observer, Status, StreamLayer, StreamLimits,
};
use tokio_stream::StreamExt;
use tonic::Request;

use crate::support::{Record, Server, answer, call, connect, drain, echo, messages, never};

/// A handler that counts how often it runs.
fn counted() -> (Arc<AtomicUsize>, impl Fn(Request<tonic::Streaming<bytes::Bytes>>) -> Answer + Send + Sync) {
    let runs = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&runs);
    (runs, move |_| {
        counts.fetch_add(1, Ordering::Relaxed);
        std::future::ready(answer(never(1, 10).map(Ok)))
    })
}

type Answer = std::future::Ready<Result<tonic::Response<crate::support::Messages>, Status>>;

#[tokio::test]
async fn a_policy_refuses_before_the_handler_runs() {
    let (record, mut heard) = Record::new();
    let layer = StreamLayer::unlimited().with_observer(record).with_policy(|head: &CallHead<'_>| match head
        .headers()
        .get("x-user")
    {
        Some(_) => Ok(*head.limits()),
        None => Err(Status::unauthenticated(format!("who calls {}?", head.method()))),
    });
    let (runs, handler) = counted();
    let server = Server::start(layer, handler).await;
    let got = server.call(messages(1, 1)).await;
    assert_eq!((got.code(), got.end.unwrap_err().message()), (Code::Unauthenticated, "who calls Talk?"));
    let ended = heard.next().await;
    assert_eq!((ended.code, ended.stats.messages()), (Code::Unauthenticated, 0));
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    let mut request = Request::new(messages(1, 1));
    request.metadata_mut().insert("x-user", "alice".parse().unwrap());
    let response = crate::support::begin(server.channel.clone(), request).await;
    assert!(response.is_ok() && runs.load(Ordering::Relaxed) == 1);
}

#[tokio::test]
async fn a_policy_decides_what_a_call_may_do() {
    let layer = StreamLayer::new(StreamLimits::default().with_max_messages(5)).unwrap();
    let layer = layer.with_policy(|head: &CallHead<'_>| {
        let max = head.headers().get("x-max").and_then(|max| max.to_str().ok()?.parse().ok());
        let limits = head.limits().stream;
        Ok(CallLimits::new(max.map_or(limits, |max| limits.with_max_messages(max))))
    });
    let server = Server::start(layer, |_| async { answer(messages(10, 10).map(Ok)) }).await;
    assert_eq!(server.call(messages(0, 0)).await.messages.len(), 5);
    for (max, got) in [("7", 7), ("20", 10)] {
        let mut request = Request::new(messages(0, 0));
        request.metadata_mut().insert("x-max", max.parse().unwrap());
        assert_eq!(call(server.channel.clone(), request).await.messages.len(), got);
    }
    // A policy that is wrong lets nobody in.
    let mut request = Request::new(messages(0, 0));
    request.metadata_mut().insert("x-max", "0".parse().unwrap());
    let got = call(server.channel.clone(), request).await;
    assert_eq!(got.code(), Code::Internal);
    assert!(got.end.unwrap_err().message().contains("StreamLimits::max_messages is 0"));
}

#[tokio::test]
async fn a_method_has_limits_of_its_own() {
    let few = StreamLimits::default().with_max_messages(1);
    let layer = StreamLayer::new(few).unwrap();
    let layer = layer.with_method("/test.Echo/Talk", few.with_max_messages(3)).unwrap();
    let server = Server::start(layer, |_| async { answer(messages(10, 10).map(Ok)) }).await;
    assert_eq!(server.call(messages(0, 0)).await.messages.len(), 3);
}

#[test]
fn limits_that_are_out_of_range_are_refused_at_once() {
    let wrong = StreamLimits::default().with_max_messages(0);
    let error = StreamLayer::new(wrong).unwrap_err();
    assert_eq!(error.to_string(), "StreamLimits::max_messages is 0, it has to be at least 1");
    assert!(StreamLayer::unlimited().with_method("/a/b", wrong).is_err());
}

#[tokio::test]
async fn a_peer_has_so_many_streams_and_no_more() {
    let (record, mut heard) = Record::new();
    let layer = StreamLayer::unlimited().with_streams_per_peer(2).with_observer(record);
    let (runs, handler) = counted();
    let server = Server::start(layer, handler).await;
    let one = server.begin(messages(1, 1)).await.unwrap();
    // From another connection, but the same host.
    let other = connect(server.address).await;
    let two = crate::support::begin(other, Request::new(never(1, 1))).await.unwrap();
    let got = server.call(messages(1, 1)).await;
    assert_eq!(got.code(), Code::ResourceExhausted);
    assert_eq!(got.end.unwrap_err().message(), "more than 2 streams of one peer at once");
    assert_eq!(heard.next().await.code, Code::ResourceExhausted);
    assert_eq!(runs.load(Ordering::Relaxed), 2, "the handler never ran");
    // A place is free as soon as a call is over.
    drop(one);
    assert_eq!(heard.next().await.code, Code::Cancelled);
    assert!(server.begin(never(1, 1)).await.is_ok());
    drop(two);
}

#[tokio::test]
async fn peers_are_told_apart_by_a_key() {
    let layer = StreamLayer::unlimited().with_streams_per_peer(1).with_key(|head| {
        let user = head.headers().get("x-user")?.to_str().ok()?;
        Some(user.into())
    });
    let (_, handler) = counted();
    let server = Server::start(layer, handler).await;
    let mut open = Vec::new();
    for (user, code) in [
        (Some("alice"), None),
        (Some("bob"), None),
        (Some("alice"), Some(Code::ResourceExhausted)),
        (None, None),
        (None, Some(Code::ResourceExhausted)),
    ] {
        let mut request = Request::new(never(1, 1));
        if let Some(user) = user {
            request.metadata_mut().insert("x-user", user.parse().unwrap());
        }
        let begun = crate::support::begin(server.channel.clone(), request).await;
        assert_eq!(begun.as_ref().err().map(Status::code), code, "{user:?}");
        open.push(begun);
    }
}

#[tokio::test]
async fn all_peers_together_have_so_many_streams_and_no_more() {
    let layer = StreamLayer::unlimited().with_max_streams(1);
    let calls = layer.calls().clone();
    let (_, handler) = counted();
    let server = Server::start(layer, handler).await;
    let one = server.begin(never(1, 1)).await.unwrap();
    let got = server.call(messages(1, 1)).await;
    assert_eq!((got.code(), calls.len()), (Code::ResourceExhausted, 1));
    calls.cancel_all(&Status::unavailable(""));
    assert_eq!(drain(one).await.code(), Code::Unavailable);
    assert!(server.begin(never(1, 1)).await.is_ok());
}

/// Keeps what it has seen of a call at its beginning.
struct Infos(tokio::sync::mpsc::UnboundedSender<CallInfo>);

impl Observer for Infos {
    type PerCall = ();

    fn started(&self, info: &CallInfo, _: &CallHandle) {
        _ = self.0.send(info.clone());
    }
}

#[tokio::test]
async fn what_is_known_of_a_call_is_known_from_the_beginning() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let limits = CallLimits::new(StreamLimits::control()).with_kind(MethodKind::BidiStream);
    let layer = StreamLayer::unlimited()
        .with_method("/test.Echo/Talk", limits)
        .unwrap()
        .with_metadata([HeaderName::from_static("x-user")])
        .with_observer(Infos(tell));
    let server = Server::start(layer, echo).await;
    let mut request = Request::new(messages(1, 1));
    request.metadata_mut().insert("x-user", "alice".parse().unwrap());
    request.metadata_mut().insert("x-secret", "hush".parse().unwrap());
    assert_eq!(call(server.channel.clone(), request).await.code(), Code::Ok);
    let info = told.recv().await.unwrap();
    assert_eq!((info.path(), info.service(), info.method()), ("/test.Echo/Talk", "test.Echo", "Talk"));
    assert_eq!(info.kind(), Some(MethodKind::BidiStream));
    assert!(info.peer().unwrap().ip().is_loopback());
    assert_eq!((info.metadata("x-user"), info.metadata("x-secret")), (Some("alice"), None));
}
