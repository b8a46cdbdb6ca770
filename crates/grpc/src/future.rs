//! The time until a call is answered: the handler's future, or a status in its place.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;
use tonic::{Code, Status};

use crate::body::{Flow, ResponseBody};
use crate::call::Owner;
use crate::{content, status};

pin_project! {
    /// The answer to a call, from the wrapped service or, once the call has been ended, a status instead of it.
    pub struct CallFuture<F> {
        // `None` from the beginning if the call was refused, and once it has been ended.
        #[pin]
        answer: Option<F>,
        rest: Option<Rest>,
    }
}

/// What goes on to the response's body.
#[derive(Debug)]
struct Rest {
    flow: Flow,
    owner: Owner,
    /// With a status in place of an answer.
    http: StatusCode,
}

impl<F> CallFuture<F> {
    pub(crate) const fn new(answer: Option<F>, flow: Flow, owner: Owner, http: StatusCode) -> Self {
        Self { answer, rest: Some(Rest { flow, owner, http }) }
    }
}

impl<F, R, E> Future for CallFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
{
    type Output = Result<Response<ResponseBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // Polled after its end, as no future should be.
        let Some(rest) = this.rest else { return Poll::Pending };
        let polled = match this.answer.as_mut().as_pin_mut() {
            Some(answer) if !rest.owner.shared.is_ended() => {
                let _entered = rest.owner.shared.span.enter();
                let _guard = rest.owner.shared.guard();
                answer.poll(cx)
            }
            _ => Poll::Pending,
        };
        // The cause of the call's end comes first, whatever the handler has made of it.
        if rest.owner.shared.is_ended() || polled.is_pending() && rest.owner.poll_ended(cx).is_ready() {
            this.answer.set(None);
            let (status, http) = (rest.owner.shared.status(), rest.http);
            drop(this.rest.take());
            return Poll::Ready(Ok(refusal(http, &status.unwrap_or_else(|| Status::unknown("")))));
        }
        let Poll::Ready(answer) = polled else { return Poll::Pending };
        let Some(Rest { mut flow, mut owner, .. }) = this.rest.take() else { return Poll::Pending };
        this.answer.set(None);
        match answer {
            Ok(response) => {
                let (parts, body) = response.into_parts();
                if parts.status != StatusCode::OK || !content::is_grpc(&parts.headers) {
                    flow.pass_all();
                }
                owner.fallback = status::of_http(parts.status);
                owner.code = status::read(&parts.headers);
                if body.is_end_stream() {
                    // Nobody need poll it.
                    owner.code.get_or_insert(owner.fallback);
                }
                Poll::Ready(Ok(Response::from_parts(parts, ResponseBody::new(body, flow, owner))))
            }
            Err(error) => {
                owner.code = Some(Code::Unavailable);
                Poll::Ready(Err(error))
            }
        }
    }
}

/// A response that is a status and nothing else.
fn refusal<R>(http: StatusCode, status: &Status) -> Response<ResponseBody<R>> {
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = http;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    status::write(status, response.headers_mut());
    response
}

impl<F> std::fmt::Debug for CallFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallFuture").field("rest", &self.rest).finish_non_exhaustive()
    }
}
