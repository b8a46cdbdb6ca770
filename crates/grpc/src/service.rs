//! The services that the layers make: they begin a call and wrap its request.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::body::{BoxError, Flow, RequestBody, ResponseBody};
use crate::call::{Opened, open};
use crate::future::CallFuture;
use crate::settings::Settings;

/// A gRPC service whose calls are counted, limited and watched: made by [`StreamLayer`](crate::StreamLayer).
#[derive(Clone, Debug)]
pub struct StreamService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> StreamService<S> {
    pub(crate) const fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, B, R> Service<Request<B>> for StreamService<S>
where
    S: Service<Request<RequestBody<B>>, Response = Response<R>>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
    R: Body<Data = Bytes>,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = CallFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let Opened { owner, received, sent, http } = open(&self.settings, &mut parts);
        let body = RequestBody::new(body, Flow::new(received), &owner);
        let answer = (!owner.shared.is_ended()).then(|| self.inner.call(Request::from_parts(parts, body)));
        CallFuture::new(answer, Flow::new(sent), owner, http)
    }
}

#[cfg(feature = "server")]
impl<S: tonic::server::NamedService> tonic::server::NamedService for StreamService<S> {
    const NAME: &'static str = S::NAME;
}

/// A channel whose calls are counted, limited and watched: made by [`ClientStreamLayer`](crate::ClientStreamLayer).
#[derive(Clone, Debug)]
pub struct ClientStreamService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> ClientStreamService<S> {
    pub(crate) const fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, B, R> Service<Request<B>> for ClientStreamService<S>
where
    S: Service<Request<tonic::body::Body>, Response = Response<R>>,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
    R: Body<Data = Bytes>,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = CallFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let Opened { owner, received, sent, http } = open(&self.settings, &mut parts);
        let body = tonic::body::Body::new(RequestBody::new(body, Flow::new(sent), &owner));
        let answer = (!owner.shared.is_ended()).then(|| self.inner.call(Request::from_parts(parts, body)));
        CallFuture::new(answer, Flow::new(received), owner, http)
    }
}
