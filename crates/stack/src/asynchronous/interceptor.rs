//! What an asynchronous interceptor is.

use std::future::{Future, ready};
use std::sync::Arc;

use crate::{Phase, Step};

/// [`Interceptor`](crate::Interceptor) with functions that wait. Write them as `async fn`; what they hold while they wait has to be `Send`, so
/// that the execution can be spawned.
///
/// There is no form made of closures: an `async` closure cannot promise that its future is `Send`, and a boxed future would cost an allocation a
/// call. [`Immediate`](crate::Immediate) takes an interceptor that waits for nothing, closures included.
///
/// ```
/// use interceptor_stack::{AsyncExecute, AsyncInterceptor, Step, stack};
///
/// /// Lets others run first.
/// struct Yield;
///
/// impl<E: Send> AsyncInterceptor<u32, E> for Yield {
///     fn name(&self) -> &str {
///         "yield"
///     }
///
///     async fn enter(&self, turns: &mut u32) -> Result<Step, E> {
///         tokio::task::yield_now().await;
///         *turns += 1;
///         Ok(Step::Next)
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let mut turns = 0;
/// let outcome: Result<(), ()> = stack![Yield, Yield].execute(&mut turns).await;
/// assert_eq!((outcome, turns), (Ok(()), 2));
/// # });
/// ```
pub trait AsyncInterceptor<C: Send + ?Sized, E: Send>: Send + Sync {
    /// What observers and [`Panicked`](crate::Panicked) call it.
    fn name(&self) -> &str;

    /// Whether it has this function. One that it has not is never called, and observers hear nothing of it. Unless it says otherwise it has all
    /// three, of which those that it does not write do nothing.
    fn defines(&self, phase: Phase) -> bool {
        let _ = phase;
        true
    }

    /// On the way in; the error is what its own [`error`](Self::error) gets next, and nobody further in is called.
    fn enter(&self, context: &mut C) -> impl Future<Output = Result<Step, E>> + Send {
        let _ = context;
        ready(Ok(Step::Next))
    }

    /// On the way out; the error is what its own [`error`](Self::error) gets next.
    fn leave(&self, context: &mut C) -> impl Future<Output = Result<(), E>> + Send {
        let _ = context;
        ready(Ok(()))
    }

    /// On the way out with an error: of its own `enter` or `leave`, or of what is further in. `Ok` says that it is dealt with, `Err` is what the
    /// previous one's `error` gets.
    fn error(&self, context: &mut C, error: E) -> impl Future<Output = Result<(), E>> + Send {
        let _ = context;
        ready(Err(error))
    }
}

/// An interceptor behind a pointer is one: it can stand in several stacks.
macro_rules! behind {
    ($pointer:ty) => {
        impl<C: Send + ?Sized, E: Send, I: AsyncInterceptor<C, E>> AsyncInterceptor<C, E> for $pointer {
            fn name(&self) -> &str {
                (**self).name()
            }

            fn defines(&self, phase: Phase) -> bool {
                (**self).defines(phase)
            }

            fn enter(&self, context: &mut C) -> impl Future<Output = Result<Step, E>> + Send {
                (**self).enter(context)
            }

            fn leave(&self, context: &mut C) -> impl Future<Output = Result<(), E>> + Send {
                (**self).leave(context)
            }

            fn error(&self, context: &mut C, error: E) -> impl Future<Output = Result<(), E>> + Send {
                (**self).error(context, error)
            }
        }
    };
}

behind!(&I);
behind!(Arc<I>);
