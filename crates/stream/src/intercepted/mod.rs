//! A stream with limits and interceptors around it.

mod ending;
mod outgoing;
mod receiving;
mod sending;
mod side;
mod waiting;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use pin_project_lite::pin_project;

use self::side::Side;
use crate::handle::{Place, Shared};
use crate::timer::Timer;
use crate::{Ending, Intercept, Lane, MessageInterceptor, StreamHandle};

pin_project! {
    /// A stream of messages `M` with limits and interceptors around it, made by [`Intercept`].
    ///
    /// It is a [`Stream`](futures_core::Stream) of `Result<M, StreamError<E>>` if what is wrapped is one of `Result<M, E>`, and a
    /// [`Sink`](futures_sink::Sink) for `M` if what is wrapped is one. It needs a tokio runtime with a timer if a message waits or a limit of time is
    /// set, and is `Send` and `Unpin` if what it is made of is.
    #[must_use = "a stream does nothing unless it is polled"]
    pub struct Intercepted<S, M, E, I, Z>
    where
        I: MessageInterceptor<M, E>,
    {
        #[pin]
        inner: S,
        pull_timer: Timer,
        push_timer: Timer,
        state: State<M, E, I, Z>,
    }

    impl<S, M, E, I, Z> PinnedDrop for Intercepted<S, M, E, I, Z>
    where
        I: MessageInterceptor<M, E>,
    {
        fn drop(this: Pin<&mut Self>) {
            this.project().state.finish(&Ending::Dropped);
        }
    }
}

/// All but what has to stay in its place.
struct State<M, E, I, Z> {
    /// What is pulled out of the stream.
    pull: Option<Side<M>>,
    /// What is pushed into the sink.
    push: Option<Side<M>>,
    /// The direction that this stream does not have, for another one that does.
    spare: Option<Lane>,
    interceptors: I,
    size: Z,
    shared: Arc<Shared>,
    /// The interceptors know that it is over.
    finished: bool,
    errors: PhantomData<fn() -> E>,
}

impl<S, M, E, I, Z> Intercepted<S, M, E, I, Z>
where
    I: MessageInterceptor<M, E>,
{
    pub(crate) fn new(
        inner: S,
        interceptors: I,
        size: Z,
        shared: Arc<Shared>,
        (pull, push): (Option<Lane>, Option<Lane>),
        spare: Option<Lane>,
    ) -> Self {
        shared.opened();
        let (pull, push) = (pull.map(Side::new), push.map(Side::new));
        let (finished, errors) = (false, PhantomData);
        Self {
            inner,
            pull_timer: Timer::default(),
            push_timer: Timer::default(),
            state: State { pull, push, spare, interceptors, size, shared, finished, errors },
        }
    }

    /// A handle to look at it and to end it from elsewhere.
    #[must_use]
    pub fn handle(&self) -> StreamHandle {
        StreamHandle { shared: Arc::clone(&self.state.shared) }
    }

    /// What it is to be ended with, and where its counts are, for the other direction of the same stream where that is another object, perhaps with
    /// messages of another type: `counterpart()?.sink(..)`. Both have one set of limits and counts and one handle, each its own interceptors.
    ///
    /// Once it is taken the stream is not over before that direction is, or was given up by dropping this.
    ///
    /// `None` if this one has both directions or is over, or the other one was taken already.
    pub fn counterpart(&mut self) -> Option<Intercept> {
        let lane = self.state.spare.take_if(|_| !self.state.finished)?;
        Some(Intercept::beside(lane, Place::new(&self.state.shared)))
    }

    /// The interceptors.
    pub const fn interceptors(&self) -> &I {
        &self.state.interceptors
    }

    /// What is wrapped.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }
}

impl<S, M, E, I, Z> fmt::Debug for Intercepted<S, M, E, I, Z>
where
    I: MessageInterceptor<M, E>,
{
    /// Without messages and interceptors, whose types need not print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intercepted").field("stats", &self.handle().stats()).finish_non_exhaustive()
    }
}
