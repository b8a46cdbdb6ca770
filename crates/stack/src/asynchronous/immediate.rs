//! An interceptor that waits for nothing, among those that wait.

use std::future::{Future, ready};

use super::AsyncInterceptor;
use crate::{Interceptor, Phase, Step};

/// An [`Interceptor`] in a stack of [`AsyncInterceptor`]s: it is called without waiting for anything, so it must not block.
///
/// For [`stack!`](crate::stack); an [`AsyncStack`](crate::AsyncStack) takes it as it is
/// ([`with_immediate`](crate::AsyncStack::with_immediate)).
///
/// ```
/// use interceptor_stack::{AsyncExecute, Immediate, Step, interceptor, stack};
///
/// let doubled = interceptor("doubled").enter(|number: &mut u32| {
///     *number *= 2;
///     Ok::<_, ()>(Step::Next)
/// });
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let mut number = 21;
/// assert_eq!(stack![Immediate(doubled)].execute(&mut number).await, Ok(()));
/// assert_eq!(number, 42);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Immediate<I>(pub I);

impl<C: Send + ?Sized, E: Send, I: Interceptor<C, E> + Send + Sync> AsyncInterceptor<C, E> for Immediate<I> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn defines(&self, phase: Phase) -> bool {
        self.0.defines(phase)
    }

    fn enter(&self, context: &mut C) -> impl Future<Output = Result<Step, E>> + Send {
        ready(self.0.enter(context))
    }

    fn leave(&self, context: &mut C) -> impl Future<Output = Result<(), E>> + Send {
        ready(self.0.leave(context))
    }

    fn error(&self, context: &mut C, error: E) -> impl Future<Output = Result<(), E>> + Send {
        ready(self.0.error(context, error))
    }
}
