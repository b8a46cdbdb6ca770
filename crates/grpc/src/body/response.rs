//! The body of a response: sent by a server's handler, received by a client. With it the call ends.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};
use pin_project_lite::pin_project;
use tonic::{Code, Status};

use super::{Came, Flow};
use crate::call::Owner;
use crate::status;

pin_project! {
    /// A response's body, whose messages are counted and limited. When the call is ended, its last frame is trailers with the status.
    pub struct ResponseBody<B> {
        // Dropped first, so that what it counts and releases comes before the end of the call.
        #[pin]
        inner: Option<B>,
        live: Option<Live>,
        trailers: Option<HeaderMap>,
    }

    impl<B> PinnedDrop for ResponseBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.inner.set(None);
        }
    }
}

/// There as long as the call is not over.
#[derive(Debug)]
struct Live {
    flow: Flow,
    owner: Owner,
}

impl<B> ResponseBody<B> {
    pub(crate) const fn new(inner: B, flow: Flow, owner: Owner) -> Self {
        Self { inner: Some(inner), live: Some(Live { flow, owner }), trailers: None }
    }

    /// Of a response that is over with its head.
    pub(crate) const fn empty() -> Self {
        Self { inner: None, live: None, trailers: None }
    }
}

impl<B> Body for ResponseBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: 'static,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        loop {
            let Some(Live { flow, owner }) = this.live else {
                return Poll::Ready(this.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))));
            };
            if let Some(status) = owner.shared.status() {
                this.inner.set(None);
                *this.live = None;
                return Poll::Ready(Some(Ok(Frame::trailers(trailers(&status)))));
            }
            let polled = match poll_guarded(flow, owner, cx) {
                Poll::Ready(Came::Data(data)) => {
                    if flow.is_empty() && at_end(this.inner.as_ref().as_pin_ref()) {
                        // Nobody need ask for more.
                        owner.code.get_or_insert(owner.fallback);
                    }
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Poll::Ready(Came::End) => continue,
                Poll::Ready(Came::More) => match this.inner.as_mut().as_pin_mut() {
                    Some(inner) => {
                        let _entered = owner.shared.span.enter();
                        let _guard = owner.shared.guard();
                        inner.poll_frame(cx)
                    }
                    None => Poll::Ready(None),
                },
                Poll::Pending => Poll::Pending,
            };
            let last = match polled {
                Poll::Pending if owner.poll_ended(cx).is_pending() => return Poll::Pending,
                Poll::Pending => continue,
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        flow.feed(data);
                        continue;
                    }
                    Err(frame) => {
                        *this.trailers = frame.into_trailers().ok();
                        None
                    }
                },
                Poll::Ready(Some(Err(error))) => {
                    owner.code = Some(code_of(&error));
                    Some(Err(error))
                }
                Poll::Ready(None) => None,
            };
            if owner.code.is_none() {
                owner.code = this.trailers.as_ref().and_then(status::read).or(Some(owner.fallback));
            }
            // A message that never became whole comes before the end, so that it is found to be broken.
            let torn = flow.finish().map(|torn| Ok(Frame::data(torn)));
            this.inner.set(None);
            *this.live = None;
            if let Some(last) = last.or(torn) {
                return Poll::Ready(Some(last));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match (&self.live, &self.inner) {
            // Not before its status has gone: whoever is told of the end does not ask for trailers.
            (Some(Live { flow, owner }), Some(inner)) => {
                flow.is_empty() && inner.is_end_stream() && !owner.shared.is_ended()
            }
            (Some(_), None) => false,
            (None, _) => self.trailers.is_none(),
        }
    }
}

/// Observers may panic.
fn poll_guarded(flow: &mut Flow, owner: &Owner, cx: &mut Context<'_>) -> Poll<Came> {
    let _guard = owner.shared.guard();
    flow.poll(&owner.shared, owner.watches.as_deref(), cx)
}

fn at_end<B: Body>(inner: Option<Pin<&B>>) -> bool {
    inner.is_some_and(|inner| inner.is_end_stream())
}

fn trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::with_capacity(2);
    status::write(status, &mut trailers);
    trailers
}

/// What a body that fails counts as.
fn code_of<E: 'static>(error: &E) -> Code {
    (error as &dyn Any).downcast_ref::<Status>().map_or(Code::Unavailable, Status::code)
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").field("live", &self.live).finish_non_exhaustive()
    }
}
