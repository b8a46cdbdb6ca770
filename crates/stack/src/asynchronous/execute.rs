//! Stacks whose interceptors the compiler knows: one future, nothing boxed.

use std::future::{Future, ready};

use super::AsyncInterceptor;
use super::calls::call;
use crate::{Observer, Step};

/// [`Execute`](crate::Execute) for interceptors that wait: `()`, an interceptor before a stack, as [`stack!`](crate::stack) makes them, or an
/// [`AsyncStack`](crate::AsyncStack).
///
/// **Who drops the future skips what is left of the way out**: no `leave` and no `error` runs, because nothing asynchronous can run in a
/// destructor. End a running stack by a signal that an interceptor waits for, never by dropping or aborting it (a timeout around it drops it,
/// too), and keep what must not leak in values that clean up when they are dropped.
pub trait AsyncExecute<C: Send + ?Sized, E: Send>: Send + Sync {
    /// Takes the context in and out again; the error is the one that no interceptor has dealt with.
    fn execute(&self, context: &mut C) -> impl Future<Output = Result<(), E>> + Send {
        async { self.execute_with(context, 0, &mut ()).await }
    }

    /// The same, and `observer` hears of every call. The outermost interceptor counts as `depth`.
    fn execute_with<O: Observer<C, E> + Send>(
        &self,
        context: &mut C,
        depth: usize,
        observer: &mut O,
    ) -> impl Future<Output = Result<(), E>> + Send;
}

impl<C: Send + ?Sized, E: Send> AsyncExecute<C, E> for () {
    fn execute_with<O: Observer<C, E> + Send>(
        &self,
        _: &mut C,
        _: usize,
        _: &mut O,
    ) -> impl Future<Output = Result<(), E>> + Send {
        ready(Ok(()))
    }
}

impl<C: Send + ?Sized, E: Send, I: AsyncInterceptor<C, E>, R: AsyncExecute<C, E>> AsyncExecute<C, E>
    for (I, R)
{
    async fn execute_with<O: Observer<C, E> + Send>(
        &self,
        context: &mut C,
        depth: usize,
        observer: &mut O,
    ) -> Result<(), E> {
        let (this, rest) = self;
        // Whatever has failed leaves this block, so that nothing of an outcome is kept while a function waits.
        let error = 'failed: {
            match call!(this.enter(context), depth, observer) {
                Ok(Step::Next) => {
                    if let Err(error) = rest.execute_with(context, depth + 1, observer).await {
                        break 'failed error;
                    }
                }
                Ok(Step::Turn) => {}
                Err(error) => break 'failed error,
            }
            match call!(this.leave(context), depth, observer) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            }
        };
        call!(this.error(context, error), depth, observer)
    }
}

impl<C: Send + ?Sized, E: Send, S: AsyncExecute<C, E> + ?Sized> AsyncExecute<C, E> for &S {
    fn execute(&self, context: &mut C) -> impl Future<Output = Result<(), E>> + Send {
        (**self).execute(context)
    }

    fn execute_with<O: Observer<C, E> + Send>(
        &self,
        context: &mut C,
        depth: usize,
        observer: &mut O,
    ) -> impl Future<Output = Result<(), E>> + Send {
        (**self).execute_with(context, depth, observer)
    }
}
