//! The body of a request: received by a server's handler, sent by a client.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};
use pin_project_lite::pin_project;

use super::{BoxError, Came, Flow};
use crate::call::{Owner, Shared};
use crate::observer::Watch;

pin_project! {
    /// A request's body, whose messages are counted and limited. When the call is ended, its last frame is an error, the status.
    pub struct RequestBody<B> {
        // `None` once nothing comes any more.
        #[pin]
        inner: Option<B>,
        flow: Flow,
        shared: Arc<Shared>,
        // Not kept alive: what is kept for the call goes when the call is over, whoever still has its request.
        watches: Option<Weak<[Box<dyn Watch>]>>,
        trailers: Option<HeaderMap>,
    }
}

impl<B> RequestBody<B> {
    pub(crate) fn new(inner: B, flow: Flow, owner: &Owner) -> Self {
        let watches = owner.watches.as_ref().map(Arc::downgrade);
        Self { inner: Some(inner), flow, shared: Arc::clone(&owner.shared), watches, trailers: None }
    }
}

impl<B> Body for RequestBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        let shared = &**this.shared;
        loop {
            let Some(mut inner) = this.inner.as_mut().as_pin_mut() else {
                return Poll::Ready(this.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))));
            };
            if let Some(last) = shared.cut() {
                this.inner.set(None);
                return Poll::Ready(last.map(|status| Err(status.into())));
            }
            let watches = this.watches.as_ref().and_then(Weak::upgrade);
            let polled = match this.flow.poll(shared, watches.as_deref(), cx) {
                Poll::Ready(Came::Data(data)) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Poll::Ready(Came::End) => continue,
                Poll::Ready(Came::More) => inner.as_mut().poll_frame(cx),
                Poll::Pending => Poll::Pending,
            };
            match polled {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => this.flow.feed(data),
                    Err(frame) => {
                        *this.trailers = frame.into_trailers().ok();
                        this.inner.set(None);
                        return torn(this.flow, this.trailers);
                    }
                },
                Poll::Ready(Some(Err(error))) => {
                    this.inner.set(None);
                    return Poll::Ready(Some(Err(error.into())));
                }
                Poll::Ready(None) => {
                    this.inner.set(None);
                    return torn(this.flow, this.trailers);
                }
                Poll::Pending => {
                    shared.requesting.register(cx.waker());
                    // Whoever ended the call before the waker was there has woken nobody.
                    if shared.cut().is_none() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.inner {
            Some(inner) => self.flow.is_empty() && inner.is_end_stream() && self.shared.cut().is_none(),
            None => self.trailers.is_none(),
        }
    }
}

/// What is kept of a message that never became whole comes before the end, so that it is found to be broken.
fn torn(flow: &mut Flow, trailers: &mut Option<HeaderMap>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
    let frame = flow.finish().map(Frame::data).or_else(|| trailers.take().map(Frame::trailers));
    Poll::Ready(frame.map(Ok))
}

impl<B> fmt::Debug for RequestBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").field("info", &self.shared.info).finish_non_exhaustive()
    }
}
