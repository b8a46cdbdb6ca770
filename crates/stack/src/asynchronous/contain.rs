//! Panics as errors, also those that come while something waits.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use super::AsyncInterceptor;
use crate::{Contain, Panicked, Phase, Step};

impl<C, E, I> AsyncInterceptor<C, E> for Contain<I>
where
    C: Send + ?Sized,
    E: From<Panicked> + Send,
    I: AsyncInterceptor<C, E>,
{
    fn name(&self) -> &str {
        self.0.name()
    }

    fn defines(&self, phase: Phase) -> bool {
        self.0.defines(phase)
    }

    async fn enter(&self, context: &mut C) -> Result<Step, E> {
        // The call as well stands inside the future, so that a panic before it waits for the first time is no exception.
        contained(self.0.name(), Phase::Enter, async { self.0.enter(context).await }).await
    }

    async fn leave(&self, context: &mut C) -> Result<(), E> {
        contained(self.0.name(), Phase::Leave, async { self.0.leave(context).await }).await
    }

    async fn error(&self, context: &mut C, error: E) -> Result<(), E> {
        contained(self.0.name(), Phase::Error, async { self.0.error(context, error).await }).await
    }
}

/// After a panic the future is not polled again.
async fn contained<T, E: From<Panicked>>(
    name: &str,
    phase: Phase,
    future: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut future = pin!(future);
    poll_fn(|task| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(task)));
        polled.unwrap_or_else(|payload| Poll::Ready(Err(Panicked::new(name, phase, payload).into())))
    })
    .await
}
