//! A service around a queue: the outer stack's last interceptor waits for work and sends each piece through the inner stack.

use std::fmt;
use std::future::Future;

use super::{AsyncExecute, AsyncInterceptor};
use crate::{Phase, Step};

/// Where a [`Worker`]'s messages come from and what becomes of them. `C` and `E` are the outer stack's context and error.
///
/// It names no runtime: wait in [`next`](Self::next) for whatever brings messages and for whatever says stop, with the runtime's own means.
pub trait Queue<C: Send + ?Sized, E: Send>: Send + Sync {
    /// The inner stack's context.
    type Message: Send;
    /// The inner stack's error.
    type Failure: Send;

    /// Waits for the next message; `None` ends the service, as no more come or it is time to stop. A message that is being worked on is always
    /// finished first: between two messages this is the only place that waits.
    fn next(&self, service: &mut C) -> impl Future<Output = Option<Self::Message>> + Send;

    /// Gets each message back with what came of it: `Ok` goes on with the next one, an error ends the service, and the outer stack unwinds with
    /// that.
    fn done(
        &self,
        service: &mut C,
        message: Self::Message,
        outcome: Result<(), Self::Failure>,
    ) -> impl Future<Output = Result<(), E>> + Send;
}

/// The asynchronous [`for_each`](crate::for_each): takes one message after another from a [`Queue`] and executes the inner stack around each.
/// What the outer stack has gathered serves all messages, and is torn down once, when the queue ends.
///
/// It works on one message at a time, in order; execute several services on one queue for more. `examples/queue_service.rs` is a whole one.
pub struct Worker<Q, I> {
    name: &'static str,
    queue: Q,
    inner: I,
}

impl<Q, I> Worker<Q, I> {
    /// A worker of this name, which executes `inner` around each message.
    #[must_use]
    pub const fn new(name: &'static str, queue: Q, inner: I) -> Self {
        Self { name, queue, inner }
    }
}

impl<C, E, Q, I> AsyncInterceptor<C, E> for Worker<Q, I>
where
    C: Send + ?Sized,
    E: Send,
    Q: Queue<C, E>,
    I: AsyncExecute<Q::Message, Q::Failure>,
{
    fn name(&self) -> &str {
        self.name
    }

    fn defines(&self, phase: Phase) -> bool {
        phase == Phase::Enter
    }

    async fn enter(&self, service: &mut C) -> Result<Step, E> {
        while let Some(mut message) = self.queue.next(service).await {
            let outcome = self.inner.execute(&mut message).await;
            self.queue.done(service, message, outcome).await?;
        }
        Ok(Step::Next)
    }
}

impl<Q, I> fmt::Debug for Worker<Q, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("name", &self.name).finish_non_exhaustive()
    }
}
