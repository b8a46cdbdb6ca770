//! Servers without tonic, on sockets and on pipes in memory, where the clock can be virtual.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use interceptor_grpc::{RequestBody, StreamLayer};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, duplex};
use tokio::net::TcpListener;
use tower::{Layer, Service, service_fn};

use tonic::Status;

/// What a plain handler answers with.
pub(crate) type Answered = Result<Response<UnsyncBoxBody<Bytes, Status>>, Infallible>;

/// Serves this handler, HTTP/1 and HTTP/2, to whoever connects.
pub(crate) async fn plain<F, A>(layer: StreamLayer, handler: F) -> SocketAddr
where
    F: FnMut(Request<RequestBody<Incoming>>) -> A + Clone + Send + 'static,
    A: Future<Output = Answered> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = layer.layer(service_fn(handler));
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            serve(connection, service.clone());
        }
    });
    address
}

/// A server at the other end of a pipe.
pub(crate) struct Piped;

impl Piped {
    /// Serves this handler to the end of the pipe that is given out.
    pub(crate) fn serve<F, A>(layer: StreamLayer, handler: F) -> DuplexStream
    where
        F: FnMut(Request<RequestBody<Incoming>>) -> A + Clone + Send + 'static,
        A: Future<Output = Answered> + Send + 'static,
    {
        let (client, server) = duplex(1 << 20);
        serve(server, layer.layer(service_fn(handler)));
        client
    }
}

pub(crate) fn serve<C, S, R>(connection: C, service: S)
where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Service<Request<Incoming>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    R: http_body::Body<Data = Bytes> + Send + 'static,
    R::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    tokio::spawn(async move {
        let builder = Builder::new(TokioExecutor::new());
        _ = builder.serve_connection(TokioIo::new(connection), TowerToHyperService::new(service)).await;
    });
}

/// A gRPC response with this body.
pub(crate) fn grpc<B>(body: B) -> Answered
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let body = UnsyncBoxBody::new(body.map_err(|error| Status::from_error(error.into())));
    Ok(Response::builder().header("content-type", "application/grpc").body(body).unwrap())
}

/// The bytes, then the trailers of a call that went well.
pub(crate) fn well(bytes: impl Into<Bytes>) -> impl http_body::Body<Data = Bytes, Error = Infallible> + Send {
    let trailers = http::HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
    Full::new(bytes.into()).with_trailers(std::future::ready(Some(Ok(trailers))))
}

/// Reads all of a request, and answers with its bytes; with a status of its own if that fails, which nobody should see.
pub(crate) async fn reflect(request: Request<RequestBody<Incoming>>) -> Answered {
    match request.into_body().collect().await {
        Ok(body) => grpc(well(body.to_bytes())),
        Err(_) => {
            let mut response = grpc(http_body_util::Empty::new())?;
            response.headers_mut().insert("grpc-status", "15".parse().unwrap());
            Ok(response)
        }
    }
}
