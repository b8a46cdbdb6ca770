//! Where the layer is put: around one service or a whole server, tonic's, axum's or none; and what is not gRPC.

use std::convert::Infallible;

use axum::Router;
use axum::routing::{any_service, get};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use interceptor_grpc::{CallHandle, Code, StreamLayer, StreamLimits};
use tokio::net::{TcpListener, TcpStream};
use tower::Layer;

use crate::rig::{Ended, Ledger, RawClient, plain, prefixed, reflect, serve, within};
use crate::support::{Server, call, connect, echo, messages, never, service};

fn watched(limits: StreamLimits) -> (StreamLayer, Ledger) {
    let ledger = Ledger::new();
    (StreamLayer::new(limits).unwrap().with_observer(ledger.clone()), ledger)
}

/// The inner one has the handle that the handler finds; each counts for itself.
#[tokio::test]
async fn a_service_may_have_a_layer_within_the_servers() {
    let (outer, outside) = watched(StreamLimits::default().with_max_messages(5));
    let (inner, inside) = watched(StreamLimits::default().with_max_messages(3));
    let inner_calls = inner.calls().clone();
    let echoes = service(move |request| {
        let call = request.extensions().get::<CallHandle>().unwrap().clone();
        let known =
            inner_calls.snapshot().iter().any(|known| known.info().started() == call.info().started());
        async move {
            assert!(known && call.stats().ended.is_none());
            echo(request).await
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tonic::transport::Server::builder().layer(outer).add_service(inner.layer(echoes));
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    tokio::spawn(async move { server.serve_with_incoming(incoming).await.unwrap() });
    let channel = connect(address).await;
    for (sent, code) in [(3, Code::Ok), (4, Code::ResourceExhausted), (6, Code::ResourceExhausted)] {
        let got = within(call(channel.clone(), tonic::Request::new(messages(sent, 10)))).await;
        assert_eq!(got.code(), code);
    }
    for (ledger, passed) in [(outside, [3, 4, 5]), (inside, [3, 3, 3])] {
        let accounts = ledger.over(3).await;
        assert_eq!(accounts.codes(), [Code::Ok, Code::ResourceExhausted, Code::ResourceExhausted]);
        let received: Vec<_> = accounts.handled.iter().map(|(_, stats)| stats.received.messages).collect();
        assert_eq!(received, passed);
    }
}

#[tokio::test]
async fn a_router_of_axums_may_have_it_around_its_grpc_routes() {
    let (layer, ledger) = watched(StreamLimits::control().with_max_messages(3));
    let grpc = Router::new().route("/test.Echo/Talk", any_service(service(echo))).layer(layer);
    let app = grpc.route("/healthz", get(|| async { "as it should be" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            serve(connection, app.clone());
        }
    });
    let channel = connect(address).await;
    let got = within(call(channel.clone(), tonic::Request::new(messages(3, 10)))).await;
    assert_eq!((got.messages.len(), got.code()), (3, Code::Ok));
    let got = within(call(channel, tonic::Request::new(never(4, 10)))).await;
    assert_eq!(got.code(), Code::ResourceExhausted);
    assert_eq!(ledger.over(2).await.codes(), [Code::Ok, Code::ResourceExhausted]);
    let (status, _, body) = http1(address, "/healthz", "text/plain", "").await;
    assert_eq!((status, body), (StatusCode::OK, Bytes::from_static(b"as it should be")));
    assert_eq!(ledger.now().started, 2, "nobody has asked the layer");
}

/// tonic's server does not look at the content type. If the layer let pass what says to be something else, everybody who said so would have no limits.
#[tokio::test]
async fn who_says_that_it_is_not_grpc_gets_past_no_limit() {
    for (content_type, http, code) in [
        ("application/grpc", 200, Code::ResourceExhausted),
        ("application/grpc+proto", 200, Code::ResourceExhausted),
        ("application/grpc;charset=utf-8", 200, Code::ResourceExhausted),
        ("Application/GRPC+json", 200, Code::ResourceExhausted),
        ("application/grpc-web+proto", 415, Code::Unimplemented),
        ("application/grpc-web-text", 415, Code::Unimplemented),
        ("application/grpcx", 415, Code::Unimplemented),
        ("application/json", 415, Code::Unimplemented),
        ("", 415, Code::Unimplemented),
    ] {
        let (layer, ledger) = watched(StreamLimits::control().with_max_messages(2));
        let layer = layer.with_streams_per_peer(1);
        let server = Server::start(layer, echo).await;
        let mut client = RawClient::connect(server.address).await;
        let (response, mut request) = client.begin_as(content_type);
        _ = request.send_data(prefixed(b"hello").repeat(3).into(), false);
        let ended = within(Ended::of(response)).await;
        assert_eq!((ended.http, ended.code), (http, Some(code)), "{content_type}: {ended:?}");
        let accounts = ledger.over(1).await;
        assert_eq!((accounts.codes(), accounts.is_even()), (vec![code], true), "{content_type}");
    }
}

/// What a handler answers that is not gRPC has no messages, whatever its bytes look like: it goes on as it is.
#[tokio::test]
async fn an_answer_that_is_not_grpc_is_not_taken_for_messages() {
    const TEXT: &str = "a page of text, whose first five bytes would be the prefix of 543 MB";
    for (status, content_type, code) in [
        (StatusCode::NOT_FOUND, "text/plain", Code::Unimplemented),
        (StatusCode::OK, "text/html", Code::Unknown),
        (StatusCode::SERVICE_UNAVAILABLE, "application/grpc", Code::Unavailable),
    ] {
        let (layer, ledger) = watched(StreamLimits::control().with_max_messages(1).with_max_held_bytes(1));
        let address = plain(layer, move |_| async move {
            let body = Full::new(Bytes::from_static(TEXT.as_bytes()));
            let body = body.map_err(|never: Infallible| match never {}).boxed_unsync();
            let response = Response::builder().status(status).header("content-type", content_type);
            Ok(response.body(body).unwrap())
        })
        .await;
        let (got, kind, body) = http1(address, "/some/path", "application/grpc", "").await;
        assert_eq!((got, kind.as_str(), &body[..]), (status, content_type, TEXT.as_bytes()));
        let accounts = ledger.over(1).await;
        let (handled, stats) = accounts.handled[0];
        assert_eq!((handled, stats.sent.messages, stats.sent.refused_messages), (code, 0, 0));
    }
}

/// A request over HTTP/1, by hyper's own client.
async fn http1(
    address: std::net::SocketAddr,
    path: &str,
    content_type: &str,
    body: &'static str,
) -> (StatusCode, String, Bytes) {
    let connection = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut send, connection) = hyper::client::conn::http1::handshake(connection).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(path).header("host", "test").header("content-type", content_type);
    let response =
        within(send.send_request(request.body(Full::new(Bytes::from(body))).unwrap())).await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    (response.status(), kind, within(response.into_body().collect()).await.unwrap().to_bytes())
}

/// Any HTTP will do that has a body of `Bytes`: here hyper's, with a plain function behind it.
#[tokio::test]
async fn a_function_behind_hyper_has_the_same_limits() {
    let (layer, ledger) = watched(StreamLimits::control().with_max_messages(2));
    let address = plain(layer, reflect).await;
    for (sent, code, received) in [(2, Code::Ok, 2), (3, Code::ResourceExhausted, 2)] {
        let mut client = RawClient::connect(address).await;
        let (response, mut request) = client.begin();
        request.send_data(prefixed(b"hello").repeat(sent).into(), true).unwrap();
        let ended = within(Ended::of(response)).await;
        assert_eq!(ended.code, Some(code));
        assert_eq!(ended.body.len(), if code == Code::Ok { 20 } else { 0 });
        let accounts = ledger.until(|accounts| accounts.counted(code) == 1).await;
        assert_eq!(accounts.handled.last().unwrap().1.received.messages, received);
    }
}
