//! Interceptors that wait, without their types: one boxed future around everything further in, rather than one a function.

use std::pin::Pin;

use super::AsyncInterceptor;
use super::calls::call;
use crate::{Call, Interceptor, Observer, Outcome, Step, calls};

pub(super) type Execution<'a, E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send + 'a>>;

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

/// An interceptor without its type.
pub(super) trait Around<C: ?Sized, E>: Send + Sync {
    fn name(&self) -> &str;

    /// Itself and what is further in.
    fn around<'a>(&'a self, context: &'a mut C, rest: Rest<'a, C, E>) -> Execution<'a, E>;

    /// The same, watched.
    fn watched<'a>(
        &'a self,
        context: &'a mut C,
        rest: Rest<'a, C, E>,
        watch: Watch<'a, C, E>,
    ) -> Execution<'a, E>;
}

impl<C: Send + ?Sized, E: Send, I: AsyncInterceptor<C, E>> Around<C, E> for I {
    fn name(&self) -> &str {
        self.name()
    }

    fn around<'a>(&'a self, context: &'a mut C, rest: Rest<'a, C, E>) -> Execution<'a, E> {
        boxed(self, context, rest, ())
    }

    fn watched<'a>(
        &'a self,
        context: &'a mut C,
        rest: Rest<'a, C, E>,
        watch: Watch<'a, C, E>,
    ) -> Execution<'a, E> {
        boxed(self, context, rest, watch)
    }
}

fn boxed<'a, C, E, I, O>(
    this: &'a I,
    context: &'a mut C,
    rest: Rest<'a, C, E>,
    mut watch: O,
) -> Execution<'a, E>
where
    C: Send + ?Sized,
    E: Send,
    I: AsyncInterceptor<C, E>,
    O: Watching<C, E> + 'a,
{
    Box::pin(async move {
        let mut outcome = match call!(this.enter(context), rest.depth - 1, watch) {
            Ok(Step::Next) => {
                let (reached, turn) = rest.go_in(context, &mut watch);
                let inside = match turn {
                    Turn::Waits(next, further) => watch.around(next, context, further).await,
                    Turn::Turned(outcome) => outcome,
                };
                rest.come_out(context, reached, inside, &mut watch)
            }
            Ok(Step::Turn) => Ok(()),
            Err(error) => Err(error),
        };
        if outcome.is_ok() {
            outcome = call!(this.leave(context), rest.depth - 1, watch);
        }
        match outcome {
            Ok(()) => Ok(()),
            Err(error) => call!(this.error(context, error), rest.depth - 1, watch),
        }
    })
}

/// A whole stack.
pub(super) async fn run<C, E, O>(all: Rest<'_, C, E>, context: &mut C, mut watch: O) -> Result<(), E>
where
    C: Send + ?Sized,
    E: Send,
    O: Watching<C, E>,
{
    let (reached, turn) = all.go_in(context, &mut watch);
    let inside = match turn {
        Turn::Waits(next, further) => watch.around(next, context, further).await,
        Turn::Turned(outcome) => outcome,
    };
    all.come_out(context, reached, inside, &mut watch)
}

/// What is further in.
pub(super) struct Rest<'a, C: ?Sized, E> {
    pub(super) entries: &'a [Entry<C, E>],
    /// Of the first of them.
    pub(super) depth: usize,
}

/// How far the way in has come without waiting.
enum Turn<'a, C: ?Sized, E> {
    /// To one that waits; and what is inside that.
    Waits(&'a dyn Around<C, E>, Rest<'a, C, E>),
    /// As far as it goes.
    Turned(Result<(), E>),
}

impl<'a, C: ?Sized, E> Rest<'a, C, E> {
    /// Enters all up to the first that waits, and tells how many that were.
    fn go_in<O: Observer<C, E>>(&self, context: &mut C, observer: &mut O) -> (usize, Turn<'a, C, E>) {
        let mut further = self.entries;
        let mut reached = 0;
        while let Some((entry, rest)) = further.split_first() {
            let at = self.depth + reached;
            let entered = match entry {
                Entry::Waiting(this) => {
                    return (reached, Turn::Waits(&**this, Rest { entries: rest, depth: at + 1 }));
                }
                Entry::Immediate(this) => calls::enter(&**this, context, at, observer),
                Entry::Empty(_) => Ok(Step::Next),
            };
            (further, reached) = (rest, reached + 1);
            match entered {
                Ok(Step::Next) => {}
                Ok(Step::Turn) => break,
                Err(error) => return (reached, Turn::Turned(Err(error))),
            }
        }
        (reached, Turn::Turned(Ok(())))
    }

    /// Leaves those that `go_in` has entered.
    fn come_out<O: Observer<C, E>>(
        &self,
        context: &mut C,
        reached: usize,
        mut inside: Result<(), E>,
        observer: &mut O,
    ) -> Result<(), E> {
        for (at, entry) in self.entries.iter().enumerate().take(reached).rev() {
            let Entry::Immediate(this) = entry else { continue };
            let at = self.depth + at;
            inside = inside
                .and_then(|()| calls::leave(&**this, context, at, observer))
                .or_else(|error| calls::error(&**this, context, at, observer, error));
        }
        inside
    }
}

/// Who watches, or nobody: what is not watched keeps nothing of it.
pub(super) trait Watching<C: ?Sized, E>: Observer<C, E> + Send {
    fn around<'a>(
        &'a mut self,
        next: &'a dyn Around<C, E>,
        context: &'a mut C,
        rest: Rest<'a, C, E>,
    ) -> Execution<'a, E>;
}

impl<C: ?Sized, E> Watching<C, E> for () {
    fn around<'a>(
        &'a mut self,
        next: &'a dyn Around<C, E>,
        context: &'a mut C,
        rest: Rest<'a, C, E>,
    ) -> Execution<'a, E> {
        next.around(context, rest)
    }
}

/// An observer without its type.
pub(super) struct Watch<'a, C: ?Sized, E>(pub(super) &'a mut (dyn Observer<C, E> + Send));

impl<C: ?Sized, E> Watching<C, E> for Watch<'_, C, E> {
    fn around<'a>(
        &'a mut self,
        next: &'a dyn Around<C, E>,
        context: &'a mut C,
        rest: Rest<'a, C, E>,
    ) -> Execution<'a, E> {
        next.watched(context, rest, Watch(&mut *self.0))
    }
}

impl<C: ?Sized, E> Observer<C, E> for Watch<'_, C, E> {
    fn watches(&self) -> bool {
        self.0.watches()
    }

    fn before(&mut self, call: Call<'_>, context: &C) {
        self.0.before(call, context);
    }

    fn after(&mut self, call: Call<'_>, context: &C, outcome: Outcome<'_, E>) {
        self.0.after(call, context, outcome);
    }
}
