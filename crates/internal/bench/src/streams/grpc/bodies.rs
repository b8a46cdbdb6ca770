//! The bodies of a call by hand: frames of messages go through, nothing waits, there is neither a network nor a runtime.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::vec;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body, Frame};
use interceptor_grpc::{StreamLayer, StreamService};
use tower_layer::Layer as _;
use tower_service::Service;

use super::Form;
use crate::contender::{Case, Contender, Role};
use crate::streams::NAME;

/// Bytes of a message, without its prefix.
pub const MESSAGE: usize = 200;
/// Bytes of a frame: what HTTP/2 allows without being asked.
pub const FRAME: usize = 16_384;
/// Messages of a call in the measurements of time.
const CALL: usize = 1024;

/// Where the messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// In the response.
    Pull,
    /// In the request.
    Push,
}

/// One call with so many messages in it.
#[derive(Debug)]
pub struct Bodies {
    way: Way,
    layered: Option<StreamService<Handler>>,
    frames: Option<Framed>,
}

impl Bodies {
    /// # Errors
    /// The layer cannot be made.
    pub fn new(way: Way, form: Form) -> anyhow::Result<Self> {
        let layer = form.layer("/bench.Bodies/Call")?;
        let layered = layer.map(|layer: StreamLayer| layer.layer(Handler));
        Ok(Self { way, layered, frames: None })
    }
}

impl Contender for Bodies {
    fn prepare(&mut self, items: usize) {
        self.frames = Some(Framed::new(items));
    }

    fn run(&mut self) {
        let Some(frames) = self.frames.take() else { return };
        match &mut self.layered {
            Some(service) => drive(service, self.way, frames),
            None => drive(&mut Handler, self.way, frames),
        }
    }
}

/// Calls, and reads the response to its end.
fn drive<S, R>(service: &mut S, way: Way, frames: Framed)
where
    S: Service<Request<Either>, Response = Response<R>, Error = Infallible>,
    R: Body<Data = Bytes>,
{
    let mut request = Request::new(Either(None));
    *request.uri_mut() = http::Uri::from_static("/bench.Bodies/Call");
    match way {
        Way::Push => *request.body_mut() = Either(Some(frames)),
        // What the handler is to answer with.
        Way::Pull => _ = request.extensions_mut().insert(frames),
    }
    let cx = &mut Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(response)) = pin!(service.call(request)).poll(cx) else { return };
    let mut body = pin!(response.into_body());
    while let Poll::Ready(Some(Ok(frame))) = body.as_mut().poll_frame(cx) {
        drop(std::hint::black_box(frame));
    }
}

/// Messages, one behind the other, cut into frames.
#[derive(Clone, Debug)]
struct Framed {
    frames: vec::IntoIter<Bytes>,
}

impl Framed {
    fn new(messages: usize) -> Self {
        let mut message = [7; 5 + MESSAGE];
        if let Some(prefix) = message.first_chunk_mut() {
            let [a, b, c, d] = (MESSAGE as u32).to_be_bytes();
            *prefix = [0, a, b, c, d];
        }
        let all = Bytes::from(message.repeat(messages));
        let frames: Vec<_> = all.chunks(FRAME).map(|frame| all.slice_ref(frame)).collect();
        Self { frames: frames.into_iter() }
    }
}

/// Frames if there are any, then nothing.
#[derive(Debug)]
struct Either(Option<Framed>);

impl Body for Either {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.as_mut().and_then(|framed| framed.frames.next());
        Poll::Ready(next.map(|frame| Ok(Frame::data(frame))))
    }
}

/// Frames if there are any, then the status.
#[derive(Debug)]
struct Answer {
    frames: Option<Framed>,
    done: bool,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(frame) = self.frames.as_mut().and_then(|framed| framed.frames.next()) {
            return Poll::Ready(Some(Ok(Frame::data(frame))));
        }
        if std::mem::replace(&mut self.done, true) {
            return Poll::Ready(None);
        }
        let mut trailers = HeaderMap::with_capacity(1);
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }
}

/// Reads the request to its end, or answers with frames.
#[derive(Clone, Copy, Debug)]
struct Handler;

impl<B: Body<Data = Bytes>> Service<Request<B>> for Handler {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Handling<B>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Handling<B> {
        let frames = request.extensions_mut().remove::<Framed>();
        Handling { body: Box::pin(request.into_body()), frames }
    }
}

struct Handling<B> {
    body: Pin<Box<B>>,
    frames: Option<Framed>,
}

impl<B: Body<Data = Bytes>> Future for Handling<B> {
    type Output = Result<Response<Answer>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.frames.is_none() {
            while let Poll::Ready(Some(Ok(frame))) = self.body.as_mut().poll_frame(cx) {
                drop(std::hint::black_box(frame));
            }
        }
        Poll::Ready(Ok(Response::new(Answer { frames: self.frames.take(), done: false })))
    }
}

pub(super) fn cases() -> Vec<Case> {
    let forms = [
        (Role::Variant, "frames alone", Form::Bare),
        (Role::Subject, "interceptor-grpc, counting", Form::Counting),
        (Role::Variant, "interceptor-grpc, all limits", Form::Limits),
        (Role::Variant, "interceptor-grpc, all limits, both ways together as well", Form::Both),
        (Role::Variant, "interceptor-grpc, an observer", Form::Observed),
    ];
    let case = |variant, way| {
        forms.map(|(role, name, form)| {
            let make = move || Bodies::new(way, form);
            Case::timed((NAME, variant, 1), (role, name), make).with_stretch(CALL)
        })
    };
    [case("gRPC bodies, pull", Way::Pull), case("gRPC bodies, push", Way::Push)]
        .into_iter()
        .flatten()
        .collect()
}
