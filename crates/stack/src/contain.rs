//! Panics as errors.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use crate::{Interceptor, Phase, Step};

/// An interceptor whose panics are errors: what unwinds out of one of its functions becomes a [`Panicked`], and the stack goes on as with any
/// other error. Without it a panic unwinds through the whole stack, and no `leave` or `error` runs.
///
/// The context is as the panic left it: `error` sees what `enter` had begun. It needs a program that unwinds; with `panic = "abort"` it ends.
///
/// ```
/// use interceptor_stack::{Contain, Execute, Panicked, Phase, Step, interceptor, stack};
///
/// let careless = interceptor("careless").enter(|bytes: &mut Vec<u8>| {
///     bytes[0] = 1; // there may be none
///     Ok(Step::Next)
/// });
/// let outcome: Result<(), Panicked> = stack![Contain(careless)].execute(&mut Vec::new());
/// let panicked = outcome.unwrap_err();
/// assert_eq!((panicked.interceptor(), panicked.phase()), ("careless", Phase::Enter));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Contain<I>(pub I);

/// A panic out of an interceptor in [`Contain`].
pub struct Panicked {
    interceptor: String,
    phase: Phase,
    message: Option<Cow<'static, str>>,
    // A payload is `Send` alone, and an error wants to be shared as well.
    payload: Mutex<Box<dyn Any + Send>>,
}

impl Panicked {
    #[cold]
    pub(crate) fn new(interceptor: &str, phase: Phase, payload: Box<dyn Any + Send>) -> Self {
        let literal = payload.downcast_ref::<&'static str>().map(|text| Cow::Borrowed(*text));
        let message = literal.or_else(|| payload.downcast_ref::<String>().cloned().map(Cow::Owned));
        Self { interceptor: interceptor.to_owned(), phase, message, payload: Mutex::new(payload) }
    }

    /// Whose function it was.
    #[must_use]
    pub fn interceptor(&self) -> &str {
        &self.interceptor
    }

    /// Which function it was.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// What `panic!` was told; `None` for a payload that is no text.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What was thrown, for [`resume_unwind`](std::panic::resume_unwind).
    #[must_use]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.payload.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: ?Sized, E: From<Panicked>, I: Interceptor<C, E>> Interceptor<C, E> for Contain<I> {
    fn name(&self) -> &str {
        self.0.name()
    }

    #[inline]
    fn defines(&self, phase: Phase) -> bool {
        self.0.defines(phase)
    }

    fn enter(&self, context: &mut C) -> Result<Step, E> {
        let entered = catch_unwind(AssertUnwindSafe(|| self.0.enter(context)));
        entered.unwrap_or_else(|payload| Err(Panicked::new(self.0.name(), Phase::Enter, payload).into()))
    }

    fn leave(&self, context: &mut C) -> Result<(), E> {
        let left = catch_unwind(AssertUnwindSafe(|| self.0.leave(context)));
        left.unwrap_or_else(|payload| Err(Panicked::new(self.0.name(), Phase::Leave, payload).into()))
    }

    /// A panic takes the place of the error that it got.
    fn error(&self, context: &mut C, error: E) -> Result<(), E> {
        let left = catch_unwind(AssertUnwindSafe(|| self.0.error(context, error)));
        left.unwrap_or_else(|payload| Err(Panicked::new(self.0.name(), Phase::Error, payload).into()))
    }
}

impl fmt::Debug for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { interceptor, phase, message, .. } = self;
        let mut debug = f.debug_struct("Panicked");
        debug.field("interceptor", interceptor).field("phase", phase).field("message", message);
        debug.finish_non_exhaustive()
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} panicked", self.phase, self.interceptor)?;
        self.message().map_or(Ok(()), |message| write!(f, ": {message}"))
    }
}

impl Error for Panicked {}
