//! How calls end: by themselves, by their handler, by their client, by a handle; each is handled once, with the code that it had.

use std::time::Duration;

use bytes::Bytes;
use interceptor_grpc::{CallHandle, Cause, Code, Status, StreamLimits};
use tokio::sync::oneshot;
use tokio_stream::StreamExt;
use tonic::Request;

use crate::support::{Server, answer, begin, connect, drain, echo, messages, never, read_all, watched};

#[tokio::test]
async fn a_call_that_ends_by_itself_counts_as_ok() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let calls = layer.calls().clone();
    let server = Server::start(layer, echo).await;
    let got = server.call(messages(10, 100)).await;
    assert_eq!((got.messages.len(), got.code()), (10, Code::Ok));
    let ended = heard.next().await;
    assert_eq!((ended.path.as_str(), ended.code, ended.stats.ended), ("/test.Echo/Talk", Code::Ok, None));
    assert_eq!((ended.stats.received.messages, ended.stats.received.bytes), (10, 1000));
    assert_eq!((ended.stats.sent.messages, ended.stats.sent.bytes), (10, 1000));
    assert_eq!((ended.stats.messages(), ended.stats.bytes()), (20, 2000));
    assert!(heard.is_silent() && calls.is_empty());
}

#[tokio::test]
async fn a_handler_that_fails_at_once_has_received_one_message_and_sent_none() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let server = Server::start(layer, |request: Request<tonic::Streaming<Bytes>>| async {
        drain(request.into_inner()).await.end?;
        Err(Status::not_found("nobody here"))
    })
    .await;
    let got = server.call(messages(1, 100)).await;
    assert_eq!((got.code(), got.end.unwrap_err().message()), (Code::NotFound, "nobody here"));
    let ended = heard.next().await;
    assert_eq!(ended.code, Code::NotFound);
    assert_eq!((ended.stats.received.messages, ended.stats.sent.messages), (1, 0));
}

#[tokio::test]
async fn a_handler_that_fails_at_the_fourth_message_has_sent_three() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let server = Server::start(layer, |_| async {
        let failing =
            messages(3, 10).map(Ok).chain(tokio_stream::once(Err(Status::internal("stream error"))));
        answer(failing)
    })
    .await;
    let got = server.call(messages(1, 1)).await;
    assert_eq!((got.messages.len(), got.code()), (3, Code::Internal));
    let ended = heard.next().await;
    assert_eq!((ended.code, ended.stats.sent.messages), (Code::Internal, 3));
}

#[tokio::test]
async fn a_method_that_nobody_serves_is_counted_as_what_the_router_said() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let server = Server::start(layer, echo).await;
    let mut grpc = tonic::client::Grpc::new(server.channel.clone());
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/no.Such/Method");
    let status = grpc.unary(Request::new(Bytes::new()), path, crate::support::Raw).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    let ended = heard.next().await;
    assert_eq!((ended.path.as_str(), ended.code), ("/no.Such/Method", Code::Unimplemented));
}

/// Its end is heard of when the response is dropped, by the reset of the stream.
#[tokio::test]
async fn a_client_that_goes_counts_as_cancelled() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let server = Server::start(layer, |_| async { answer(never(1, 10).map(Ok)) }).await;
    let mut response = server.begin(messages(1, 10)).await.unwrap();
    assert!(response.message().await.unwrap().is_some());
    drop(response);
    let ended = heard.next().await;
    assert_eq!((ended.code, ended.stats.sent.messages, ended.stats.ended), (Code::Cancelled, 1, None));
}

#[tokio::test]
async fn a_client_that_goes_before_the_answer_counts_as_cancelled() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let (begun, begins) = oneshot::channel();
    let begun = std::sync::Mutex::new(Some(begun));
    let server = Server::start(layer, move |_| {
        _ = begun.lock().unwrap().take().unwrap().send(());
        std::future::pending()
    })
    .await;
    let call = server.begin(messages(1, 10));
    tokio::select! {
        biased;
        response = call => panic!("{response:?}"),
        begun = begins => begun.unwrap(),
    }
    assert_eq!(heard.next().await.code, Code::Cancelled);
}

/// Without a word to anybody: its runtime is dropped, with all tasks.
#[test]
fn a_server_that_goes_counts_as_cancelled() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (servers, clients) = (runtime(), runtime());
    let (layer, mut heard) = watched(StreamLimits::default());
    let calls = layer.calls().clone();
    let server = servers.block_on(Server::start(layer, |_| async { answer(never(1, 10).map(Ok)) }));
    let mut response = clients.block_on(async {
        let channel = connect(server.address).await;
        begin(channel, Request::new(never(1, 10))).await.unwrap()
    });
    assert!(clients.block_on(response.message()).unwrap().is_some());
    assert_eq!(calls.len(), 1);
    drop((server, servers));
    assert_eq!(clients.block_on(heard.next()).code, Code::Cancelled);
    assert!(calls.is_empty());
    assert!(clients.block_on(response.message()).is_err());
}

#[tokio::test]
async fn a_handle_ends_a_call_whose_stream_runs() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let calls = layer.calls().clone();
    let server = Server::start(layer, |_| async { answer(never(2, 10).map(Ok)) }).await;
    let mut response = server.begin(never(1, 10)).await.unwrap();
    assert!(response.message().await.unwrap().is_some());
    let [call] = &calls.snapshot()[..] else { panic!("one call runs") };
    assert_eq!((call.info().service(), call.info().method()), ("test.Echo", "Talk"));
    assert!(call.cancel(Status::unavailable("the server goes")));
    assert!(!call.cancel(Status::internal("too late")), "the first stays");
    let got = drain(response).await;
    assert_eq!(got.messages.len(), 1, "what was on its way arrives");
    assert_eq!((got.code(), got.end.unwrap_err().message()), (Code::Unavailable, "the server goes"));
    let ended = heard.next().await;
    assert_eq!((ended.code, ended.stats.ended), (Code::Unavailable, Some(Cause::Cancelled)));
    assert!(call.is_over() && !call.cancel(Status::internal("")) && calls.is_empty());
    assert_eq!(call.stats(), ended.stats, "a handle outlives its call, which does not go on");
}

#[tokio::test]
async fn a_handle_ends_a_call_that_nobody_has_answered() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let (begun, begins) = oneshot::channel();
    let begun = std::sync::Mutex::new(Some(begun));
    let server = Server::start(layer, move |request: Request<tonic::Streaming<Bytes>>| {
        let call = request.extensions().get::<CallHandle>().unwrap().clone();
        _ = begun.lock().unwrap().take().unwrap().send(call);
        std::future::pending()
    })
    .await;
    let (got, ()) = tokio::join!(server.call(never(1, 10)), async {
        begins.await.unwrap().cancel(Status::cancelled("not now"));
    });
    assert_eq!((got.code(), got.end.unwrap_err().message()), (Code::Cancelled, "not now"));
    assert_eq!(heard.next().await.code, Code::Cancelled);
}

/// tonic ends a request cleanly when its body fails with CANCELLED: the handler would take half of the messages for all of them.
#[tokio::test]
async fn a_handler_never_takes_a_cancelled_call_for_a_finished_one() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let (tell, told) = oneshot::channel();
    let tell = std::sync::Mutex::new(Some(tell));
    let server = Server::start(layer, move |request: Request<tonic::Streaming<Bytes>>| {
        let tell = tell.lock().unwrap().take().unwrap();
        let call = request.extensions().get::<CallHandle>().unwrap().clone();
        let mut requests = request.into_inner();
        async move {
            // Somebody else reads, so that it is not dropped with the handler.
            tokio::spawn(async move {
                assert!(requests.message().await.unwrap().is_some());
                call.cancel(Status::cancelled("not now"));
                _ = tell.send(requests.message().await);
            });
            std::future::pending().await
        }
    })
    .await;
    let got = server.call(never(1, 10)).await;
    assert_eq!(got.code(), Code::Cancelled);
    assert_eq!(told.await.unwrap().unwrap_err().code(), Code::Aborted);
    assert_eq!(heard.next().await.code, Code::Cancelled);
}

/// The response ends, so the call does: nobody reads on.
#[tokio::test]
async fn a_request_that_outlives_its_response_ends_with_it() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let (tell, told) = oneshot::channel();
    let tell = std::sync::Mutex::new(Some(tell));
    let server = Server::start(layer, move |request: Request<tonic::Streaming<Bytes>>| {
        let tell = tell.lock().unwrap().take().unwrap();
        let mut requests = request.into_inner();
        async move {
            assert!(requests.message().await.unwrap().is_some());
            tokio::spawn(async move { _ = tell.send(requests.message().await) });
            answer(messages(1, 1).map(Ok))
        }
    })
    .await;
    let got = server.call(never(1, 10)).await;
    assert_eq!((got.messages.len(), got.code()), (1, Code::Ok));
    assert_eq!(heard.next().await.code, Code::Ok);
    assert!(told.await.unwrap().is_err());
}

#[tokio::test]
async fn all_calls_are_ended_when_a_server_goes() {
    let (layer, mut heard) = watched(StreamLimits::default());
    let calls = layer.calls().clone();
    let server = Server::start(layer, |_| async { answer(never(1, 10).map(Ok)) }).await;
    let (one, two) = (server.begin(never(1, 1)).await.unwrap(), server.begin(never(1, 1)).await.unwrap());
    assert_eq!(calls.cancel_all(&Status::unavailable("the server goes")), 2);
    for response in [one, two] {
        assert_eq!(drain(response).await.code(), Code::Unavailable);
        assert_eq!(heard.next().await.code, Code::Unavailable);
    }
    assert!(calls.is_empty());
}

#[tokio::test]
async fn a_call_is_ended_after_its_longest_time() {
    let max = Duration::from_millis(50);
    for answers in [true, false] {
        let (layer, mut heard) = watched(StreamLimits::default().with_max_duration(max));
        let server = Server::start(layer, move |_| async move {
            if !answers {
                std::future::pending::<()>().await;
            }
            answer(never(3, 10).map(Ok))
        })
        .await;
        let got = server.call(never(1, 10)).await;
        assert_eq!((got.messages.len(), got.code()), (if answers { 3 } else { 0 }, Code::DeadlineExceeded));
        let ended = heard.next().await;
        assert_eq!((ended.code, ended.stats.ended), (Code::DeadlineExceeded, Some(Cause::Duration { max })));
        assert!(ended.stats.duration >= max);
    }
}

#[tokio::test]
async fn a_call_in_which_nothing_moves_is_ended() {
    let max = Duration::from_millis(50);
    for answers in [true, false] {
        let (layer, mut heard) = watched(StreamLimits::default().with_max_idle(max));
        let server = Server::start(layer, move |request| async move {
            if answers { echo(request).await } else { read_all(request).await }
        })
        .await;
        let got = server.call(never(3, 10)).await;
        assert_eq!((got.messages.len(), got.code()), (if answers { 3 } else { 0 }, Code::DeadlineExceeded));
        let ended = heard.next().await;
        assert_eq!((ended.code, ended.stats.ended), (Code::DeadlineExceeded, Some(Cause::Idle { max })));
        assert_eq!(ended.stats.received.messages, 3);
    }
}
