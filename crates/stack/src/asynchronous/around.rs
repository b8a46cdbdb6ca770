//! One boxed future around everything further in, rather than one a function.

use std::task::{Context, Poll};

use super::AsyncInterceptor;
use super::calls::call;
use super::entry::{Around, Begun, Entry};
use super::rest::{Inside, come_out};
use super::watch::{Watch, Watching};
use crate::Step;

impl<C: Send + ?Sized, E: Send, I: AsyncInterceptor<C, E>> Around<C, E> for I {
    fn name(&self) -> &str {
        self.name()
    }

    fn begin<'a>(
        &'a self,
        context: &'a mut C,
        rest: &'a [Entry<C, E>],
        task: &mut Context<'_>,
    ) -> Begun<'a, E> {
        begin(self, context, rest, (), task)
    }

    fn begin_watched<'a>(
        &'a self,
        context: &'a mut C,
        rest: &'a [Entry<C, E>],
        watch: Watch<'a, C, E>,
        task: &mut Context<'_>,
    ) -> Begun<'a, E> {
        begin(self, context, rest, watch, task)
    }
}

/// Boxes, and polls while the type is known: what ends at once is neither polled nor dropped without it.
#[inline]
fn begin<'a, C, E, I, O>(
    this: &'a I,
    context: &'a mut C,
    rest: &'a [Entry<C, E>],
    mut watch: O,
    task: &mut Context<'_>,
) -> Begun<'a, E>
where
    C: Send + ?Sized,
    E: Send,
    I: AsyncInterceptor<C, E>,
    O: Watching<C, E> + 'a,
{
    let mut execution = Box::pin(async move {
        // Whatever has failed leaves this block, so that nothing of an outcome is kept while a function waits.
        let error = 'failed: {
            match call!(this.enter(context), watch.depth() - 1, watch) {
                Ok(Step::Next) => {
                    let inside = Inside::new(rest, context, &mut watch).await;
                    if let Err(error) = come_out(rest, inside, context, &mut watch) {
                        break 'failed error;
                    }
                }
                Ok(Step::Turn) => {}
                Err(error) => break 'failed error,
            }
            match call!(this.leave(context), watch.depth() - 1, watch) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            }
        };
        call!(this.error(context, error), watch.depth() - 1, watch)
    });
    match execution.as_mut().poll(task) {
        Poll::Ready(outcome) => Begun::Done(outcome),
        Poll::Pending => Begun::Waits(execution),
    }
}

/// A whole stack.
pub(super) async fn run<C, E, O>(entries: &[Entry<C, E>], context: &mut C, mut watch: O) -> Result<(), E>
where
    C: Send + ?Sized,
    E: Send,
    O: Watching<C, E>,
{
    let inside = Inside::new(entries, context, &mut watch).await;
    come_out(entries, inside, context, &mut watch)
}
