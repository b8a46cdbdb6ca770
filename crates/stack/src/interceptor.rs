//! What an interceptor is: up to three functions around something.

use std::fmt;
use std::sync::Arc;

/// Where the way in goes from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// To the next interceptor.
    Next,
    /// Back, from this one's own `leave`: those further in are not called.
    Turn,
}

/// Which of its functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// On the way in.
    Enter,
    /// On the way out.
    Leave,
    /// On the way out with an error.
    Error,
}

/// Up to three functions around something: `enter` on the way in, `leave` on the way out, `error` instead when something has failed.
///
/// `C` is the context, which all of a stack work on; `E` is what can go wrong. What is not written does nothing, as in the text-book: an absent
/// `error` passes the error on. Small ones are best: a step costs next to nothing.
///
/// ```
/// use interceptor_stack::{Execute, Interceptor, Step, stack};
///
/// /// Counts in and out.
/// struct Gauge;
///
/// impl<E> Interceptor<i32, E> for Gauge {
///     fn name(&self) -> &str {
///         "gauge"
///     }
///
///     fn enter(&self, running: &mut i32) -> Result<Step, E> {
///         *running += 1;
///         Ok(Step::Next)
///     }
///
///     fn leave(&self, running: &mut i32) -> Result<(), E> {
///         *running -= 1;
///         Ok(())
///     }
///
///     fn error(&self, running: &mut i32, error: E) -> Result<(), E> {
///         *running -= 1;
///         Err(error)
///     }
/// }
///
/// let mut running = 0;
/// let outcome: Result<(), &str> = stack![Gauge, Gauge].execute(&mut running);
/// assert_eq!((outcome, running), (Ok(()), 0));
/// ```
pub trait Interceptor<C: ?Sized, E> {
    /// What observers and [`Panicked`](crate::Panicked) call it.
    fn name(&self) -> &str;

    /// Whether it has this function. One that it has not is never called, and observers hear nothing of it. Unless it says otherwise it has all
    /// three, of which those that it does not write do nothing.
    fn defines(&self, phase: Phase) -> bool {
        let _ = phase;
        true
    }

    /// On the way in.
    ///
    /// # Errors
    /// What this one's [`error`](Self::error) gets next; nobody further in is called.
    fn enter(&self, context: &mut C) -> Result<Step, E> {
        let _ = context;
        Ok(Step::Next)
    }

    /// On the way out.
    ///
    /// # Errors
    /// What this one's [`error`](Self::error) gets next.
    fn leave(&self, context: &mut C) -> Result<(), E> {
        let _ = context;
        Ok(())
    }

    /// On the way out with an error: of its own `enter` or `leave`, or of what is further in. `Ok` says that it is dealt with: the way out goes
    /// on with the previous one's `leave`.
    ///
    /// # Errors
    /// The previous one's `error` gets it next: the same, or another that takes its place.
    fn error(&self, context: &mut C, error: E) -> Result<(), E> {
        let _ = context;
        Err(error)
    }
}

/// An interceptor behind a pointer is one: it can stand in several stacks.
macro_rules! behind {
    ($pointer:ty) => {
        impl<C: ?Sized, E, I: Interceptor<C, E> + ?Sized> Interceptor<C, E> for $pointer {
            fn name(&self) -> &str {
                (**self).name()
            }

            #[inline]
            fn defines(&self, phase: Phase) -> bool {
                (**self).defines(phase)
            }

            #[inline]
            fn enter(&self, context: &mut C) -> Result<Step, E> {
                (**self).enter(context)
            }

            #[inline]
            fn leave(&self, context: &mut C) -> Result<(), E> {
                (**self).leave(context)
            }

            #[inline]
            fn error(&self, context: &mut C, error: E) -> Result<(), E> {
                (**self).error(context, error)
            }
        }
    };
}

behind!(&I);
behind!(Box<I>);
behind!(Arc<I>);

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enter => "enter",
            Self::Leave => "leave",
            Self::Error => "error",
        })
    }
}
