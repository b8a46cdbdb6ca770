//! A tonic server on loopback whose only handler is a function, and a channel to it.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use interceptor_grpc::StreamLayer;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt};
use tonic::codec::CompressionEncoding;

use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status, Streaming};
use tower::Service;

use super::{Got, Raw, drain};

/// What a handler answers with.
pub(crate) type Messages = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;
type Answer = Pin<Box<dyn Future<Output = Result<Response<Messages>, Status>> + Send>>;
type Handler = dyn Fn(Request<Streaming<Bytes>>) -> Answer + Send + Sync;

/// A server with a layer, and a channel to it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) channel: Channel,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) async fn start<F, A>(layer: StreamLayer, handler: F) -> Self
    where
        F: Fn(Request<Streaming<Bytes>>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response<Messages>, Status>> + Send + 'static,
    {
        Self::start_with(layer, handler, |builder| builder).await
    }

    /// With tonic's server set up in some way.
    pub(crate) async fn start_with<F, A>(
        layer: StreamLayer,
        handler: F,
        set_up: impl FnOnce(tonic::transport::Server) -> tonic::transport::Server,
    ) -> Self
    where
        F: Fn(Request<Streaming<Bytes>>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response<Messages>, Status>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = set_up(tonic::transport::Server::builder()).layer(layer).add_service(service(handler));
        let task = tokio::spawn(async move {
            server.serve_with_incoming(TcpListenerStream::new(listener)).await.unwrap();
        });
        let channel = connect(address).await;
        Self { address, channel, task }
    }

    /// Sends these messages, then reads the response to its end.
    pub(crate) async fn call(&self, messages: impl Stream<Item = Bytes> + Send + 'static) -> Got {
        call(self.channel.clone(), Request::new(messages)).await
    }

    /// Begins a call; the head of the response has come.
    pub(crate) async fn begin(
        &self,
        messages: impl Stream<Item = Bytes> + Send + 'static,
    ) -> Result<Streaming<Bytes>, Status> {
        begin(self.channel.clone(), Request::new(messages)).await
    }
}

/// A channel of its own.
pub(crate) async fn connect(address: SocketAddr) -> Channel {
    Endpoint::new(format!("http://{address}")).unwrap().connect().await.unwrap()
}

/// Sends the request over any channel, then reads the response to its end.
pub(crate) async fn call<T, S>(channel: T, request: Request<S>) -> Got
where
    T: tonic::client::GrpcService<tonic::body::Body>,
    T::Error: std::fmt::Debug,
    T::ResponseBody: http_body::Body<Data = Bytes> + Send + 'static,
    <T::ResponseBody as http_body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S: Stream<Item = Bytes> + Send + 'static,
{
    match begin(channel, request).await {
        Ok(stream) => drain(stream).await,
        Err(status) => Got { messages: Vec::new(), end: Err(status) },
    }
}

pub(crate) async fn begin<T, S>(channel: T, request: Request<S>) -> Result<Streaming<Bytes>, Status>
where
    T: tonic::client::GrpcService<tonic::body::Body>,
    T::Error: std::fmt::Debug,
    T::ResponseBody: http_body::Body<Data = Bytes> + Send + 'static,
    <T::ResponseBody as http_body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S: Stream<Item = Bytes> + Send + 'static,
{
    let gzip = request.metadata().contains_key("x-gzip");
    let mut grpc = tonic::client::Grpc::new(channel);
    if gzip {
        grpc = grpc.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip);
    }
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/test.Echo/Talk");
    Ok(grpc.streaming(request, path, Raw).await?.into_inner())
}

/// Messages of so many bytes.
pub(crate) fn messages(count: usize, bytes: usize) -> impl Stream<Item = Bytes> + Send + 'static {
    tokio_stream::iter((0..count).map(move |n| Bytes::from(vec![n as u8; bytes])))
}

/// A client that has sent these and keeps its side open.
pub(crate) fn never(count: usize, bytes: usize) -> impl Stream<Item = Bytes> + Send + 'static {
    messages(count, bytes).chain(tokio_stream::pending())
}

/// A handler's answer of messages.
pub(crate) fn answer<S>(messages: S) -> Result<Response<Messages>, Status>
where
    S: Stream<Item = Result<Bytes, Status>> + Send + 'static,
{
    Ok(Response::new(Box::pin(messages)))
}

/// Answers each message with itself, as it comes.
pub(crate) async fn echo(request: Request<Streaming<Bytes>>) -> Result<Response<Messages>, Status> {
    answer(request.into_inner())
}

/// Reads all, and answers with the number of messages.
pub(crate) async fn read_all(request: Request<Streaming<Bytes>>) -> Result<Response<Messages>, Status> {
    let got = drain(request.into_inner()).await;
    got.end?;
    answer(tokio_stream::once(Ok(Bytes::from(got.messages.len().to_string()))))
}

/// The service by itself, for a server of one's own.
pub(crate) fn service<F, A>(handler: F) -> Echo
where
    F: Fn(Request<Streaming<Bytes>>) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response<Messages>, Status>> + Send + 'static,
{
    Echo(Arc::new(move |request| -> Answer { Box::pin(handler(request)) }))
}

#[derive(Clone)]
pub(crate) struct Echo(Arc<Handler>);

impl tonic::server::NamedService for Echo {
    const NAME: &'static str = "test.Echo";
}

impl<B> Service<http::Request<B>> for Echo
where
    B: http_body::Body + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
{
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let handler = Streamed(Arc::clone(&self.0));
        Box::pin(async move {
            let gzip = CompressionEncoding::Gzip;
            let mut grpc = tonic::server::Grpc::new(Raw).accept_compressed(gzip).send_compressed(gzip);
            Ok(grpc.streaming(handler, request).await)
        })
    }
}

struct Streamed(Arc<Handler>);

impl tonic::server::StreamingService<Bytes> for Streamed {
    type Response = Bytes;
    type ResponseStream = Messages;
    type Future = Answer;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Answer {
        (self.0)(request)
    }
}
