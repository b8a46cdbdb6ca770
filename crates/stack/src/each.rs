//! A stack inside a stack: the outer one's last interceptor takes work and sends each piece through the inner one.

use std::fmt;
use std::marker::PhantomData;

use crate::{Execute, Interceptor, Phase, Step};

/// An interceptor that takes one piece of work after another and executes `inner` around each: what the outer stack has gathered serves all of
/// them, and is torn down once, when there are no more.
///
/// `next` takes a piece of work out of the outer context, `None` when there is none or it is time to stop; it is the inner stack's context.
/// `done` gets it back with what came of it, and decides: `Ok` goes on with the next one, `Err` ends the loop, and the outer stack unwinds with
/// that. What was taken and not finished is never lost in silence: `done` has it. The asynchronous form is [`Worker`](crate::Worker).
///
/// ```
/// use interceptor_stack::{Execute, Step, for_each, interceptor, stack};
///
/// struct Service { queue: Vec<u32>, sum: u32, open: bool }
///
/// let resources = interceptor("resources")
///     .enter(|service: &mut Service| { service.open = true; Ok::<_, ()>(Step::Next) })
///     .leave(|service: &mut Service| { service.open = false; Ok(()) });
/// let doubled = interceptor("doubled").enter(|work: &mut u32| { *work *= 2; Ok::<_, ()>(Step::Next) });
/// let service = stack![resources, for_each(
///     |service: &mut Service| service.queue.pop(),
///     stack![doubled],
///     |service: &mut Service, work, _: Result<(), ()>| { service.sum += work; Ok(()) },
/// )];
/// let mut context = Service { queue: vec![1, 2, 3], sum: 0, open: false };
/// assert_eq!(service.execute(&mut context), Ok(()));
/// assert_eq!((context.sum, context.open), (12, false));
/// ```
#[must_use]
pub fn for_each<C, E, M, F, N, I, D>(next: N, inner: I, done: D) -> ForEach<M, F, N, I, D>
where
    C: ?Sized,
    N: Fn(&mut C) -> Option<M>,
    I: Execute<M, F>,
    D: Fn(&mut C, M, Result<(), F>) -> Result<(), E>,
{
    ForEach { name: "for_each", next, inner, done, work: PhantomData }
}

/// What [`for_each`] makes.
pub struct ForEach<M, F, N, I, D> {
    name: &'static str,
    next: N,
    inner: I,
    done: D,
    work: PhantomData<fn(M) -> F>,
}

impl<M, F, N, I, D> ForEach<M, F, N, I, D> {
    /// Under another name than `for_each`.
    #[must_use]
    pub fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }
}

impl<C, E, M, F, N, I, D> Interceptor<C, E> for ForEach<M, F, N, I, D>
where
    C: ?Sized,
    N: Fn(&mut C) -> Option<M>,
    I: Execute<M, F>,
    D: Fn(&mut C, M, Result<(), F>) -> Result<(), E>,
{
    fn name(&self) -> &str {
        self.name
    }

    fn defines(&self, phase: Phase) -> bool {
        phase == Phase::Enter
    }

    fn enter(&self, context: &mut C) -> Result<Step, E> {
        while let Some(mut work) = (self.next)(context) {
            let outcome = self.inner.execute(&mut work);
            (self.done)(context, work, outcome)?;
        }
        Ok(Step::Next)
    }
}

impl<M, F, N, I, D> fmt::Debug for ForEach<M, F, N, I, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForEach").field("name", &self.name).finish_non_exhaustive()
    }
}
