//! What is further in: those that wait for nothing are called one after another, the first that waits is around all others.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::entry::{Begun, Entry, Execution};
use super::watch::Watching;
use crate::{Step, calls};

/// The way in, and out again as far as one that waits is around it; who has lent the context goes on from there with [`come_out`].
///
/// Written by hand, since it keeps less than an `async` block would, and what is never stored is never copied.
pub(super) struct Inside<'a, C: ?Sized, E, O> {
    entries: &'a [Entry<C, E>],
    /// Until the first poll.
    lent: Option<(&'a mut C, &'a mut O)>,
    /// How many were entered that wait for nothing.
    entered: usize,
    execution: Option<Execution<'a, E>>,
}

impl<'a, C: ?Sized, E, O> Inside<'a, C, E, O> {
    #[inline]
    pub(super) const fn new(entries: &'a [Entry<C, E>], context: &'a mut C, watch: &'a mut O) -> Self {
        Self { entries, lent: Some((context, watch)), entered: 0, execution: None }
    }
}

impl<C: ?Sized, E, O: Watching<C, E>> Future for Inside<'_, C, E, O> {
    type Output = (usize, Result<(), E>);

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Some((context, watch)) = this.lent.take() {
            let begun = match this.entries.split_first() {
                Some((Entry::Waiting(next), rest)) => watch.begin(0, (&**next, rest), context, task),
                Some(_) => go_in(this.entries, &mut this.entered, context, watch, task),
                None => Begun::Done(Ok(())),
            };
            match begun {
                Begun::Done(outcome) => return Poll::Ready((this.entered, outcome)),
                Begun::Waits(execution) => this.execution = Some(execution),
            }
            return Poll::Pending;
        }
        let Some(execution) = &mut this.execution else { return Poll::Pending };
        execution.as_mut().poll(task).map(|outcome| (this.entered, outcome))
    }
}

/// Enters all up to the first that waits, counts them, and begins that one.
#[inline(never)]
fn go_in<'a, C: ?Sized, E, O: Watching<C, E>>(
    entries: &'a [Entry<C, E>],
    entered: &mut usize,
    context: &'a mut C,
    watch: &'a mut O,
    task: &mut Context<'_>,
) -> Begun<'a, E> {
    let mut further = entries;
    while let Some((entry, rest)) = further.split_first() {
        let called = match entry {
            Entry::Waiting(next) => return watch.begin(*entered, (&**next, rest), context, task),
            Entry::Immediate(this) => calls::enter(&**this, context, watch.depth() + *entered, watch),
            Entry::Empty(_) => Ok(Step::Next),
        };
        (further, *entered) = (rest, *entered + 1);
        match called {
            Ok(Step::Next) => {}
            Ok(Step::Turn) => break,
            Err(error) => return Begun::Done(Err(error)),
        }
    }
    Begun::Done(Ok(()))
}

/// Leaves so many of those that wait for nothing.
#[inline]
pub(super) fn come_out<C: ?Sized, E, O: Watching<C, E>>(
    entries: &[Entry<C, E>],
    (entered, inside): (usize, Result<(), E>),
    context: &mut C,
    watch: &mut O,
) -> Result<(), E> {
    match entries.get(..entered) {
        Some(entered) if !entered.is_empty() => call_out(entered, inside, context, watch),
        _ => inside,
    }
}

#[inline(never)]
fn call_out<C: ?Sized, E, O: Watching<C, E>>(
    entered: &[Entry<C, E>],
    mut inside: Result<(), E>,
    context: &mut C,
    watch: &mut O,
) -> Result<(), E> {
    for (at, entry) in entered.iter().enumerate().rev() {
        let Entry::Immediate(this) = entry else { continue };
        let at = watch.depth() + at;
        inside = inside
            .and_then(|()| calls::leave(&**this, context, at, watch))
            .or_else(|error| calls::error(&**this, context, at, watch, error));
    }
    inside
}
