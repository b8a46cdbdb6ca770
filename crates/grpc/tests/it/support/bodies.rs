//! Bodies of frames as a test wants them, and a service between two of them, without a connection.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{BufMut, Bytes, BytesMut};
use http::{Request, Response};
use http_body::{Body, Frame};
use interceptor_grpc::StreamLayer;
use tower::{Service, ServiceBuilder, service_fn};

/// A body of frames, with trailers after them if it is a response's; or without an end.
#[derive(Debug)]
pub(crate) struct Framed {
    frames: std::vec::IntoIter<Bytes>,
    ends: bool,
    trailers: Option<http::HeaderMap>,
}

impl Framed {
    pub(crate) fn new(frames: Vec<Bytes>) -> Self {
        Self { frames: frames.into_iter(), ends: true, trailers: None }
    }

    pub(crate) fn response(frames: Vec<Bytes>) -> Self {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("grpc-status", "0".parse().unwrap());
        Self { trailers: Some(trailers), ..Self::new(frames) }
    }

    pub(crate) fn endless(frames: Vec<Bytes>) -> Self {
        Self { ends: false, ..Self::new(frames) }
    }
}

impl Body for Framed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.frames.next().map(Frame::data).or_else(|| self.trailers.take().map(Frame::trailers));
        if next.is_none() && !self.ends { Poll::Pending } else { Poll::Ready(next.map(Ok)) }
    }
}

/// What came of a body: its data in one, the trailers, the error.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) data: BytesMut,
    pub(crate) trailers: Option<http::HeaderMap>,
    pub(crate) error: Option<String>,
}

pub(crate) async fn read<B>(body: B) -> Read
where
    B: Body<Data = Bytes>,
    B::Error: std::fmt::Display,
{
    let mut body = Box::pin(body);
    let mut read = Read::default();
    while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) => read.data.put(data),
            Ok(Err(frame)) => read.trailers = frame.into_trailers().ok(),
            Err(error) => read.error = Some(error.to_string()),
        }
    }
    read
}

/// So many messages of so many bytes as they are on the wire.
pub(crate) fn wire(count: u8, bytes: u32) -> Bytes {
    let mut wire = BytesMut::new();
    for n in 0..count {
        wire.put_u8(0);
        wire.put_u32(bytes);
        wire.put_bytes(n, bytes as usize);
    }
    wire.freeze()
}

pub(crate) fn cut(wire: &Bytes, chunk: usize) -> Vec<Bytes> {
    wire.chunks(chunk).map(Bytes::copy_from_slice).collect()
}

/// Sends the request through the layer to a handler that reads it and answers with its response; both are read to their end.
pub(crate) async fn through(layer: StreamLayer, request: Framed, response: Framed) -> (Read, Read) {
    let (tell, told) = tokio::sync::oneshot::channel();
    let mut ends = Some((tell, response));
    let mut service = ServiceBuilder::new().layer(layer).service(service_fn(move |request: Request<_>| {
        let (tell, response) = ends.take().unwrap();
        async move {
            _ = tell.send(read(request.into_body()).await);
            Ok::<_, Infallible>(Response::new(response))
        }
    }));
    let request = Request::builder().uri("/test.Echo/Talk").body(request).unwrap();
    let response = service.call(request).await.unwrap();
    let response = read(response.into_body()).await;
    (told.await.unwrap_or_default(), response)
}
