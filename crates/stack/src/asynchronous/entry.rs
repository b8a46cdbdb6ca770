//! An interceptor of a stack that is put together at run time, without its type.

use std::pin::Pin;
use std::task::Context;

use super::watch::Watch;
use crate::Interceptor;

/// An interceptor of a stack.
pub(super) enum Entry<C: ?Sized, E> {
    Waiting(Box<dyn Around<C, E>>),
    Immediate(Box<dyn Interceptor<C, E> + Send + Sync>),
    /// It has no functions, only a place and a name.
    Empty(String),
}

impl<C: ?Sized, E> Entry<C, E> {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Waiting(this) => this.name(),
            Self::Immediate(this) => this.name(),
            Self::Empty(name) => name,
        }
    }
}

/// One that waits, and what is inside that.
pub(super) type Waiting<'a, C, E> = (&'a dyn Around<C, E>, &'a [Entry<C, E>]);

/// An interceptor that waits, around what is further in.
pub(super) trait Around<C: ?Sized, E>: Send + Sync {
    fn name(&self) -> &str;

    /// Polls the execution of itself and of all further in for the first time.
    fn begin<'a>(
        &'a self,
        context: &'a mut C,
        rest: &'a [Entry<C, E>],
        task: &mut Context<'_>,
    ) -> Begun<'a, E>;

    /// The same, watched.
    fn begin_watched<'a>(
        &'a self,
        context: &'a mut C,
        rest: &'a [Entry<C, E>],
        watch: Watch<'a, C, E>,
        task: &mut Context<'_>,
    ) -> Begun<'a, E>;
}

/// What came of the first poll.
pub(super) enum Begun<'a, E> {
    Done(Result<(), E>),
    /// To be polled again.
    Waits(Execution<'a, E>),
}

pub(super) type Execution<'a, E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send + 'a>>;
