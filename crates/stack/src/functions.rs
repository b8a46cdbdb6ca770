//! Interceptors made of functions, at most one of each kind.

use std::fmt;

use crate::{Interceptor, Phase, Step};

/// An interceptor of this name without functions, to add them to.
///
/// ```
/// use interceptor_stack::{Execute, Step, interceptor, stack};
///
/// let doubled = interceptor("doubled").enter(|number: &mut u32| {
///     *number = number.checked_mul(2).ok_or("too large")?;
///     Ok(Step::Next)
/// });
/// let mut number = 21;
/// assert_eq!(stack![&doubled].execute(&mut number), Ok(()));
/// assert_eq!(number, 42);
/// number = u32::MAX;
/// assert_eq!(stack![&doubled, &doubled].execute(&mut number), Err("too large"));
/// ```
pub const fn interceptor(name: &'static str) -> Functions {
    Functions { name, enter: Absent, leave: Absent, error: Absent }
}

/// What [`interceptor`] makes: each function is given at most once, a second one does not compile.
///
/// ```compile_fail
/// use interceptor_stack::interceptor;
/// let twice = interceptor("twice").leave(|_: &mut u8| Ok::<_, ()>(())).leave(|_: &mut u8| Ok::<_, ()>(()));
/// ```
#[derive(Clone, Copy)]
#[must_use]
pub struct Functions<In = Absent, Out = Absent, Err = Absent> {
    name: &'static str,
    enter: In,
    leave: Out,
    error: Err,
}

/// A function that is not there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Absent;

impl<Out, Err> Functions<Absent, Out, Err> {
    /// With this on the way in: [`Interceptor::enter`].
    pub fn enter<C: ?Sized, E, F: Fn(&mut C) -> Result<Step, E>>(self, enter: F) -> Functions<F, Out, Err> {
        let Self { name, enter: _, leave, error } = self;
        Functions { name, enter, leave, error }
    }
}

impl<In, Err> Functions<In, Absent, Err> {
    /// With this on the way out: [`Interceptor::leave`].
    pub fn leave<C: ?Sized, E, F: Fn(&mut C) -> Result<(), E>>(self, leave: F) -> Functions<In, F, Err> {
        let Self { name, enter, leave: _, error } = self;
        Functions { name, enter, leave, error }
    }
}

impl<In, Out> Functions<In, Out, Absent> {
    /// With this on the way out with an error: [`Interceptor::error`].
    pub fn error<C: ?Sized, E, F: Fn(&mut C, E) -> Result<(), E>>(self, error: F) -> Functions<In, Out, F> {
        let Self { name, enter, leave, error: _ } = self;
        Functions { name, enter, leave, error }
    }
}

impl<In, Out, Err> fmt::Debug for Functions<In, Out, Err> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Functions").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What can stand as `enter`: a function, or [`Absent`].
pub trait Enter<C: ?Sized, E> {
    /// Whether there is one.
    const DEFINED: bool;

    /// Calls it.
    ///
    /// # Errors
    /// The function's.
    fn call(&self, context: &mut C) -> Result<Step, E>;
}

/// What can stand as `leave`: a function, or [`Absent`].
pub trait Leave<C: ?Sized, E> {
    /// Whether there is one.
    const DEFINED: bool;

    /// Calls it.
    ///
    /// # Errors
    /// The function's.
    fn call(&self, context: &mut C) -> Result<(), E>;
}

/// What can stand as `error`: a function, or [`Absent`].
pub trait OnError<C: ?Sized, E> {
    /// Whether there is one.
    const DEFINED: bool;

    /// Calls it.
    ///
    /// # Errors
    /// The function's.
    fn call(&self, context: &mut C, error: E) -> Result<(), E>;
}

impl<C: ?Sized, E> Enter<C, E> for Absent {
    const DEFINED: bool = false;

    #[inline]
    fn call(&self, _: &mut C) -> Result<Step, E> {
        Ok(Step::Next)
    }
}

impl<C: ?Sized, E> Leave<C, E> for Absent {
    const DEFINED: bool = false;

    #[inline]
    fn call(&self, _: &mut C) -> Result<(), E> {
        Ok(())
    }
}

impl<C: ?Sized, E> OnError<C, E> for Absent {
    const DEFINED: bool = false;

    #[inline]
    fn call(&self, _: &mut C, error: E) -> Result<(), E> {
        Err(error)
    }
}

impl<C: ?Sized, E, F: Fn(&mut C) -> Result<Step, E>> Enter<C, E> for F {
    const DEFINED: bool = true;

    #[inline]
    fn call(&self, context: &mut C) -> Result<Step, E> {
        self(context)
    }
}

impl<C: ?Sized, E, F: Fn(&mut C) -> Result<(), E>> Leave<C, E> for F {
    const DEFINED: bool = true;

    #[inline]
    fn call(&self, context: &mut C) -> Result<(), E> {
        self(context)
    }
}

impl<C: ?Sized, E, F: Fn(&mut C, E) -> Result<(), E>> OnError<C, E> for F {
    const DEFINED: bool = true;

    #[inline]
    fn call(&self, context: &mut C, error: E) -> Result<(), E> {
        self(context, error)
    }
}

impl<C: ?Sized, E, In, Out, Err> Interceptor<C, E> for Functions<In, Out, Err>
where
    In: Enter<C, E>,
    Out: Leave<C, E>,
    Err: OnError<C, E>,
{
    fn name(&self) -> &str {
        self.name
    }

    #[inline]
    fn defines(&self, phase: Phase) -> bool {
        match phase {
            Phase::Enter => In::DEFINED,
            Phase::Leave => Out::DEFINED,
            Phase::Error => Err::DEFINED,
        }
    }

    #[inline]
    fn enter(&self, context: &mut C) -> Result<Step, E> {
        self.enter.call(context)
    }

    #[inline]
    fn leave(&self, context: &mut C) -> Result<(), E> {
        self.leave.call(context)
    }

    #[inline]
    fn error(&self, context: &mut C, error: E) -> Result<(), E> {
        self.error.call(context, error)
    }
}
