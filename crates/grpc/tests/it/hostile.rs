//! Clients that speak HTTP/2 well and gRPC badly.

use std::time::Duration;

use bytes::Bytes;
use interceptor_grpc::{Code, StreamLayer, StreamLimits};
use tokio::time::Instant;
use tokio_stream::StreamExt;
use tonic::Request;
use tonic::transport::server::TcpIncoming;

use crate::rig::{Ended, Ledger, Piped, RawClient, plain, prefixed, push, reflect, within};
use crate::support::{Server, answer, begin, connect, echo, messages, never, service};

const HUGE: [u8; 5] = [0, 0xFF, 0xFF, 0xFF, 0xFF];

fn watched(limits: StreamLimits) -> (StreamLayer, Ledger) {
    let ledger = Ledger::new();
    (StreamLayer::new(limits).unwrap().with_observer(ledger.clone()), ledger)
}

/// Nothing is set aside for what is only claimed, and the time without a byte runs on.
#[test]
fn a_length_that_is_only_claimed_takes_no_memory_and_no_longer_than_idleness_may() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let max = Duration::from_secs(30);
    let allocated = allocation_counter::measure(|| {
        runtime.block_on(async {
            let (layer, ledger) = watched(StreamLimits::default().with_max_idle(max));
            let mut client = RawClient::over(Piped::serve(layer, reflect), 65_535).await;
            let began = Instant::now();
            let (response, mut request) = client.begin();
            request.send_data(Bytes::from_static(&HUGE), false).unwrap();
            let ended = Ended::of(response).await;
            assert_eq!((ended.code, ended.body.len()), (Some(Code::DeadlineExceeded), 0));
            assert_eq!(began.elapsed().as_secs(), max.as_secs());
            let accounts = ledger.over(1).await;
            let (code, stats) = accounts.handled[0];
            assert_eq!((code, stats.received.messages), (Code::DeadlineExceeded, 0));
            assert_eq!((stats.received.refused_messages, stats.received.refused_bytes), (1, 0xFFFF_FFFF));
        });
    });
    assert!(allocated.bytes_max < 1 << 20, "{allocated:?}");
}

#[tokio::test]
async fn a_length_above_the_limit_is_refused_before_a_byte_of_the_message_comes() {
    let (layer, ledger) = watched(StreamLimits::control());
    let server = Server::start(layer, echo).await;
    let mut client = RawClient::connect(server.address).await;
    let (response, mut request) = client.begin();
    request.send_data(Bytes::from_static(&HUGE), false).unwrap();
    assert_eq!(within(Ended::of(response)).await.code, Some(Code::ResourceExhausted));
    assert_eq!(ledger.over(1).await.codes(), [Code::ResourceExhausted]);
}

/// A byte now and then is not nothing: only the longest time ends such a call, so who fears them sets one.
#[tokio::test(start_paused = true)]
async fn who_sends_a_byte_a_second_is_not_idle_and_has_its_longest_time() {
    let limits = StreamLimits::default().with_max_idle(Duration::from_secs(5));
    for (limits, code, seconds) in [
        (limits.with_max_duration(Duration::from_secs(60)), Code::DeadlineExceeded, 60),
        // All of it comes, in the end.
        (limits, Code::Ok, 100),
    ] {
        let (layer, ledger) = watched(limits);
        let mut client = RawClient::over(Piped::serve(layer, reflect), 65_535).await;
        let began = Instant::now();
        let (response, mut request) = client.begin();
        let drips = tokio::spawn(async move {
            let mut message = prefixed(&[7; 95]);
            while !message.is_empty() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if request.send_data(message.split_to(1), message.is_empty()).is_err() {
                    break;
                }
            }
        });
        let ended = Ended::of(response).await;
        assert_eq!((ended.code, began.elapsed().as_secs()), (Some(code), seconds));
        assert_eq!(ledger.over(1).await.codes(), [code]);
        drips.abort();
    }
}

/// They cost a peer nothing, not even its window.
#[tokio::test(start_paused = true)]
async fn frames_without_a_byte_are_neither_messages_nor_a_sign_of_life() {
    let max = Duration::from_secs(5);
    let (layer, ledger) = watched(StreamLimits::default().with_max_idle(max));
    let mut client = RawClient::over(Piped::serve(layer, reflect), 65_535).await;
    let (response, mut request) = client.begin();
    let began = Instant::now();
    let empties = tokio::spawn(async move {
        while request.send_data(Bytes::new(), false).is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    assert_eq!(Ended::of(response).await.code, Some(Code::DeadlineExceeded));
    assert_eq!(began.elapsed().as_secs(), max.as_secs());
    assert_eq!(ledger.over(1).await.handled[0].1.messages(), 0);
    empties.abort();
}

#[tokio::test]
async fn messages_arrive_whole_whatever_frames_they_came_in() {
    let wire: Bytes = [&b"one"[..], b"", b"three", &[9; 300]].map(prefixed).concat().into();
    for cut in [1, 2, 3, 4, 5, 6, 7, 64, wire.len()] {
        let (layer, ledger) = watched(StreamLimits::control());
        let server = Server::start(layer, echo).await;
        let mut client = RawClient::connect(server.address).await;
        let (response, mut request) = client.begin();
        for (n, piece) in wire.chunks(cut).enumerate() {
            if n % 50 == 7 {
                // A frame without a byte, behind one that has been read.
                client.ping().await;
                request.send_data(Bytes::new(), false).unwrap();
            }
            request.send_data(Bytes::copy_from_slice(piece), false).unwrap();
        }
        request.send_data(Bytes::new(), true).unwrap();
        let ended = within(Ended::of(response)).await;
        assert_eq!((ended.body, ended.code), (wire.clone(), Some(Code::Ok)), "{cut}");
        let accounts = ledger.over(1).await;
        let (_, stats) = accounts.handled[0];
        assert_eq!((stats.received.messages, stats.received.bytes), (4, 308), "{cut}");
        assert_eq!((stats.sent.messages, stats.sent.bytes), (4, 308), "{cut}");
    }
}

#[tokio::test]
async fn a_flood_of_empty_messages_is_counted_and_cut_at_the_limit() {
    let flood = Bytes::from(vec![0; 5 * 100_000]);
    for (limits, passed, code) in [
        (StreamLimits::default(), 100_000, Code::Ok),
        (StreamLimits::default().with_max_messages(1000), 1000, Code::ResourceExhausted),
    ] {
        let (layer, ledger) = watched(limits);
        let address = plain(layer, reflect).await;
        let mut client = RawClient::connect(address).await;
        let (response, mut request) = client.begin();
        let flood = flood.clone();
        let pushes = tokio::spawn(async move {
            _ = push(&mut request, flood).await;
            _ = request.send_data(Bytes::new(), true);
        });
        assert_eq!(within(Ended::of(response)).await.code, Some(code));
        let accounts = ledger.over(1).await;
        let (handled, stats) = accounts.handled[0];
        assert_eq!((handled, stats.received.messages, stats.received.bytes), (code, passed, 0));
        pushes.await.unwrap();
    }
}

/// But for one of which only the prefix has come: tonic takes that for a clean end, with the layer and without it.
#[tokio::test]
async fn a_message_that_never_becomes_whole_is_an_error_of_the_handlers() {
    for (torn, code) in [
        (&[0][..], Code::Internal),
        (&[0, 0, 0, 0], Code::Internal),
        (&[0, 0, 0, 0, 3], Code::Ok),
        (&[0, 0, 0, 0, 3, 1, 2], Code::Internal),
    ] {
        let (layer, ledger) = watched(StreamLimits::control());
        let server = Server::start(layer, echo).await;
        let mut client = RawClient::connect(server.address).await;
        let (response, mut request) = client.begin();
        request.send_data(prefixed(b"whole"), false).unwrap();
        request.send_data(Bytes::copy_from_slice(torn), true).unwrap();
        let ended = within(Ended::of(response)).await;
        assert_eq!((ended.body, ended.code), (prefixed(b"whole"), Some(code)), "{torn:?}");
        let accounts = ledger.over(1).await;
        let (handled, stats) = accounts.handled[0];
        assert_eq!((handled, stats.received.messages), (code, 1), "{torn:?}");
    }
}

#[tokio::test]
async fn a_call_that_is_reset_behind_its_headers_is_counted_once_and_leaves_no_place() {
    let (layer, ledger) = watched(StreamLimits::default());
    let layer = layer.with_streams_per_peer(1);
    let calls = layer.calls().clone();
    let server = Server::start(layer, echo).await;
    let mut client = RawClient::connect(server.address).await;
    for n in 1..=20 {
        let (response, mut request) = client.begin();
        if n % 2 == 0 {
            // Sometimes it has been seen first.
            ledger.until(|accounts| accounts.started == n).await;
        }
        request.send_reset(h2::Reason::CANCEL);
        drop((response, request));
        client.ping().await;
        if n % 2 == 0 {
            ledger.until(|accounts| accounts.is_even()).await;
        }
    }
    let got = within(server.call(messages(1, 1))).await;
    assert_eq!((got.code(), got.messages.len()), (Code::Ok, 1));
    let accounts = ledger.until(|accounts| accounts.counted(Code::Ok) == 1 && accounts.is_even()).await;
    assert_eq!(accounts.counted(Code::Cancelled), accounts.started - 1);
    assert!(accounts.started >= 11 && calls.is_empty());
}

#[tokio::test]
async fn a_connection_that_is_closed_in_mid_stream_ends_its_calls_and_no_others() {
    let (layer, ledger) = watched(StreamLimits::default());
    let calls = layer.calls().clone();
    let server = Server::start(layer, echo).await;
    let mut clients = [RawClient::connect(server.address).await, RawClient::connect(server.address).await];
    let mut open = Vec::new();
    for client in [0, 0, 1] {
        let (response, mut request) = clients[client].begin();
        request.send_data(prefixed(b"hello"), false).unwrap();
        let mut body = response.await.unwrap().into_body();
        assert_eq!(body.data().await.unwrap().unwrap(), prefixed(b"hello"));
        open.push((request, body));
    }
    assert_eq!(calls.len(), 3);
    let [goes, _stays] = clients;
    drop(goes);
    let accounts = ledger.over(2).await;
    assert_eq!((accounts.codes(), calls.len()), (vec![Code::Cancelled; 2], 1));
    let (mut request, mut body) = open.pop().unwrap();
    request.send_data(prefixed(b"again"), true).unwrap();
    assert_eq!(within(body.data()).await.unwrap().unwrap(), prefixed(b"again"));
    assert_eq!(ledger.over(3).await.counted(Code::Ok), 1);
}

/// A response that has nothing but its headers: its status stands there.
#[tokio::test]
async fn a_response_of_headers_alone_is_counted_by_their_status() {
    let (layer, ledger) = watched(StreamLimits::control());
    let server = Server::start(layer, |_| async { Err(tonic::Status::not_found("nobody")) }).await;
    let mut client = RawClient::connect(server.address).await;
    let (response, _request) = client.begin();
    let ended = within(Ended::of(response)).await;
    assert_eq!((ended.code, ended.body.len()), (Some(Code::NotFound), 0));
    assert_eq!(ledger.over(1).await.codes(), [Code::NotFound]);
}

/// GOAWAY first, and the calls that run are told why: the server is gone when the last has been.
#[tokio::test]
async fn a_server_that_shuts_down_tells_its_calls_and_ends() {
    let (layer, ledger) = watched(StreamLimits::default());
    let calls = layer.calls().clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap();
    let server = tonic::transport::Server::builder()
        .layer(layer)
        .add_service(service(|_| async { answer(never(1, 10).map(Ok)) }));
    let task = tokio::spawn(server.serve_with_incoming_shutdown(incoming, async {
        _ = stopped.await;
    }));
    let mut response = begin(connect(address).await, Request::new(never(1, 1))).await.unwrap();
    assert!(response.message().await.unwrap().is_some());
    stop.send(()).unwrap();
    assert_eq!(calls.cancel_all(&tonic::Status::unavailable("the server goes")), 1);
    let status = within(response.message()).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Unavailable, "the server goes"));
    assert_eq!(ledger.over(1).await.codes(), [Code::Unavailable]);
    within(task).await.unwrap().unwrap();
}
