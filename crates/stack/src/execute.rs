//! Stacks whose interceptors the compiler knows. This executor is the definition: all others do what it does.

use crate::{Interceptor, Observer, Step, calls};

/// A stack: `()`, an interceptor before a stack, as [`stack!`](crate::stack) makes them, or a [`Stack`](crate::Stack).
pub trait Execute<C: ?Sized, E> {
    /// Takes the context in and out again.
    ///
    /// # Errors
    /// The error that no interceptor has dealt with.
    #[inline]
    fn execute(&self, context: &mut C) -> Result<(), E> {
        self.execute_with(context, 0, &mut ())
    }

    /// The same, and `observer` hears of every call. The outermost interceptor counts as `depth`.
    ///
    /// # Errors
    /// The error that no interceptor has dealt with.
    fn execute_with<O: Observer<C, E> + ?Sized>(
        &self,
        context: &mut C,
        depth: usize,
        observer: &mut O,
    ) -> Result<(), E>;
}

impl<C: ?Sized, E> Execute<C, E> for () {
    #[inline]
    fn execute_with<O: Observer<C, E> + ?Sized>(&self, _: &mut C, _: usize, _: &mut O) -> Result<(), E> {
        Ok(())
    }
}

impl<C: ?Sized, E, I: Interceptor<C, E>, R: Execute<C, E>> Execute<C, E> for (I, R) {
    #[inline]
    fn execute_with<O: Observer<C, E> + ?Sized>(
        &self,
        context: &mut C,
        depth: usize,
        observer: &mut O,
    ) -> Result<(), E> {
        let (this, rest) = self;
        calls::enter(this, context, depth, observer)
            .and_then(|step| match step {
                Step::Next => rest.execute_with(context, depth + 1, observer),
                Step::Turn => Ok(()),
            })
            .and_then(|()| calls::leave(this, context, depth, observer))
            .or_else(|error| calls::error(this, context, depth, observer, error))
    }
}

impl<C: ?Sized, E, S: Execute<C, E> + ?Sized> Execute<C, E> for &S {
    #[inline]
    fn execute_with<O: Observer<C, E> + ?Sized>(
        &self,
        context: &mut C,
        depth: usize,
        observer: &mut O,
    ) -> Result<(), E> {
        (**self).execute_with(context, depth, observer)
    }
}

/// A stack of these interceptors, the first outermost, for [`Execute`] and [`AsyncExecute`](crate::AsyncExecute). Its type names them all, so
/// that the compiler makes one function of it.
///
/// ```
/// use interceptor_stack::{Execute, Step, interceptor, stack};
///
/// let outer = interceptor("outer").leave(|log: &mut Vec<&str>| {
///     log.push("outer.leave");
///     Ok::<_, ()>(())
/// });
/// let inner = interceptor("inner").enter(|log: &mut Vec<&str>| {
///     log.push("inner.enter");
///     Ok::<_, ()>(Step::Next)
/// });
/// let mut log = Vec::new();
/// assert_eq!(stack![outer, inner].execute(&mut log), Ok(()));
/// assert_eq!(log, ["inner.enter", "outer.leave"]);
/// ```
#[macro_export]
macro_rules! stack {
    () => { () };
    ($outermost:expr $(, $inner:expr)* $(,)?) => { ($outermost, $crate::stack![$($inner),*]) };
}
