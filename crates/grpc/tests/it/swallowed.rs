//! Handlers that do not care: whatever they make of a call that was ended, its client gets the status of that.

use std::time::Duration;

use bytes::Bytes;
use interceptor_grpc::{CallHandle, Code, Excess, Pace, Rate, Status, StreamLayer, StreamLimits};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Streaming};

use crate::rig::{Ledger, within};
use crate::support::{Messages, Server, answer, call, messages, never};

/// What a handler does about an error of its request.
#[derive(Clone, Copy, Debug)]
enum Swallows {
    /// Answers as if all had gone well.
    AnswersAnyway,
    /// Waits for something that never comes, and has not answered.
    WaitsForEver,
    /// Has answered before it reads, and goes on to answer.
    StreamsOn,
    /// Has answered, reads in a task of its own, and never looks at its stream again.
    ReadsElsewhere,
    /// Reads on after the error, until that is over.
    ReadsOn,
}

async fn handle(
    how: Swallows,
    request: Request<Streaming<Bytes>>,
) -> Result<tonic::Response<Messages>, Status> {
    let call = request.extensions().get::<CallHandle>().unwrap().clone();
    let by_hand = request.metadata().contains_key("x-cancel");
    let mut requests = request.into_inner();
    let read = async move {
        let mut read = 0;
        while let Ok(Some(_)) = requests.message().await {
            read += 1;
            if by_hand && read == 2 {
                call.cancel(Status::unavailable("by hand"));
            }
        }
        (requests, read)
    };
    match how {
        Swallows::AnswersAnyway => {
            read.await;
            answer(messages(2, 2).map(Ok))
        }
        Swallows::WaitsForEver => {
            read.await;
            std::future::pending().await
        }
        Swallows::StreamsOn => {
            let (to, from) = tokio::sync::mpsc::channel(1);
            tokio::spawn(async move {
                read.await;
                while to.send(Ok(Bytes::from_static(b"on"))).await.is_ok() {}
            });
            answer(ReceiverStream::new(from))
        }
        Swallows::ReadsElsewhere => {
            tokio::spawn(read);
            answer(tokio_stream::pending())
        }
        Swallows::ReadsOn => {
            let (mut requests, _) = read.await;
            for _ in 0..10 {
                assert!(!matches!(requests.message().await, Ok(Some(_))), "nothing comes after the end");
            }
            Err(Status::data_loss("a status of its own"))
        }
    }
}

#[tokio::test]
async fn the_status_of_the_end_arrives_whatever_the_handler_makes_of_it() {
    let fail = |rate| Pace::default().with_messages(rate).with_excess(Excess::Fail);
    let two = Rate::new(1, Duration::from_secs(3600), 2).unwrap();
    let exhausted = Code::ResourceExhausted;
    let all = StreamLimits::default();
    for (limits, code, header) in [
        (all.with_max_messages(2), exhausted, None),
        (all.with_max_bytes(25), exhausted, None),
        (all.with_received(fail(two)), exhausted, None),
        (all.with_both(fail(two)), exhausted, None),
        (
            all.with_received(Pace::default().with_messages(two).with_max_wait(Duration::from_secs(1))),
            exhausted,
            None,
        ),
        (all, Code::Unavailable, Some("x-cancel")),
        (all.with_max_idle(Duration::from_millis(20)), Code::DeadlineExceeded, None),
    ] {
        for how in [
            Swallows::AnswersAnyway,
            Swallows::WaitsForEver,
            Swallows::StreamsOn,
            Swallows::ReadsElsewhere,
            Swallows::ReadsOn,
        ] {
            let ledger = Ledger::new();
            let layer = StreamLayer::new(limits).unwrap().with_observer(ledger.clone());
            let calls = layer.calls().clone();
            let server = Server::start(layer, move |request| handle(how, request)).await;
            // Two go through, the third is one too many, or never comes.
            let count = if code == Code::DeadlineExceeded { 2 } else { 5 };
            let mut request = Request::new(never(count, 10));
            if let Some(header) = header {
                request.metadata_mut().insert(header, "1".parse().unwrap());
            }
            let got = within(call(server.channel.clone(), request)).await;
            assert_eq!(got.code(), code, "{how:?} {limits:?}: {got:?}");
            let accounts = ledger.over(1).await;
            let (handled, stats) = accounts.handled[0];
            // All five had gone past the layer, in one frame, when the handler decided.
            let received = if header.is_some() { 5 } else { 2 };
            assert_eq!((handled, stats.received.messages), (code, received), "{how:?} {limits:?}");
            assert!(accounts.is_even() && calls.is_empty());
        }
    }
}
