//! One function of one interceptor, with who watches. All executors call through these.

use crate::{Call, Interceptor, Observer, Outcome, Phase, Step};

#[inline]
pub(crate) fn enter<C, E, I, O>(this: &I, context: &mut C, depth: usize, observer: &mut O) -> Result<Step, E>
where
    C: ?Sized,
    I: Interceptor<C, E> + ?Sized,
    O: Observer<C, E> + ?Sized,
{
    if !this.defines(Phase::Enter) {
        return Ok(Step::Next);
    }
    if !observer.watches() {
        return this.enter(context);
    }
    let call = Call { name: this.name(), phase: Phase::Enter, depth };
    observer.before(call, context);
    let outcome = this.enter(context);
    observer.after(call, context, entered(&outcome));
    outcome
}

#[inline]
pub(crate) fn leave<C, E, I, O>(this: &I, context: &mut C, depth: usize, observer: &mut O) -> Result<(), E>
where
    C: ?Sized,
    I: Interceptor<C, E> + ?Sized,
    O: Observer<C, E> + ?Sized,
{
    if !this.defines(Phase::Leave) {
        return Ok(());
    }
    if !observer.watches() {
        return this.leave(context);
    }
    let call = Call { name: this.name(), phase: Phase::Leave, depth };
    observer.before(call, context);
    let outcome = this.leave(context);
    observer.after(call, context, left(&outcome));
    outcome
}

#[inline]
pub(crate) fn error<C, E, I, O>(
    this: &I,
    context: &mut C,
    depth: usize,
    observer: &mut O,
    error: E,
) -> Result<(), E>
where
    C: ?Sized,
    I: Interceptor<C, E> + ?Sized,
    O: Observer<C, E> + ?Sized,
{
    if !this.defines(Phase::Error) {
        return Err(error);
    }
    if !observer.watches() {
        return this.error(context, error);
    }
    let call = Call { name: this.name(), phase: Phase::Error, depth };
    observer.before(call, context);
    let outcome = this.error(context, error);
    observer.after(call, context, left(&outcome));
    outcome
}

pub(crate) const fn entered<E>(outcome: &Result<Step, E>) -> Outcome<'_, E> {
    match outcome {
        Ok(Step::Next) => Outcome::Next,
        Ok(Step::Turn) => Outcome::Turn,
        Err(error) => Outcome::Failed(error),
    }
}

pub(crate) const fn left<E>(outcome: &Result<(), E>) -> Outcome<'_, E> {
    match outcome {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Failed(error),
    }
}
