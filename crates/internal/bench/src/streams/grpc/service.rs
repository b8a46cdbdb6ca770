//! A gRPC service of three methods, as generated code has them.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_stream::{Stream, StreamExt as _};
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

/// Any error of a body.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Bytes of a message's only field: with its key and its length 200 bytes.
const DATA: usize = 197;

/// How many messages are asked for.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Ask {
    #[prost(uint64, tag = "1")]
    pub(super) count: u64,
}

/// A message of 200 bytes.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Blob {
    #[prost(bytes = "vec", tag = "1")]
    data: Vec<u8>,
}

/// So many messages, each made when it is asked for.
pub(super) fn blobs(count: u64) -> impl Stream<Item = Blob> + Send + 'static {
    tokio_stream::iter((0..count).map(|_| blob()))
}

pub(super) fn blob() -> Blob {
    Blob { data: vec![7; DATA] }
}

async fn pull(request: Request<Ask>) -> Result<Response<impl Stream<Item = Result<Blob, Status>>>, Status> {
    Ok(Response::new(blobs(request.into_inner().count).map(Ok)))
}

async fn push(request: Request<Streaming<Blob>>) -> Result<Response<Ask>, Status> {
    let (mut messages, mut count) = (request.into_inner(), 0);
    while messages.message().await?.is_some() {
        count += 1;
    }
    Ok(Response::new(Ask { count }))
}

async fn unary(request: Request<Blob>) -> Result<Response<Blob>, Status> {
    Ok(Response::new(request.into_inner()))
}

/// The server's side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bench;

impl NamedService for Bench {
    const NAME: &'static str = "bench.Bench";
}

impl<B> Service<http::Request<B>> for Bench
where
    B: http_body::Body + Send + 'static,
    B::Error: Into<BoxError> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        match request.uri().path() {
            "/bench.Bench/Pull" => Box::pin(async move {
                let mut grpc = Grpc::new(ProstCodec::<Blob, Ask>::default());
                Ok(grpc.server_streaming(service_fn(pull), request).await)
            }),
            "/bench.Bench/Push" => Box::pin(async move {
                let mut grpc = Grpc::new(ProstCodec::<Ask, Blob>::default());
                Ok(grpc.client_streaming(service_fn(push), request).await)
            }),
            "/bench.Bench/Unary" => Box::pin(async move {
                let mut grpc = Grpc::new(ProstCodec::<Blob, Blob>::default());
                Ok(grpc.unary(service_fn(unary), request).await)
            }),
            _ => Box::pin(async { Ok(Status::unimplemented("").into_http()) }),
        }
    }
}
