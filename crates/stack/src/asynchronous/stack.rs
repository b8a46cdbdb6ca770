//! Asynchronous stacks that are put together while the program runs.

use std::fmt;

use super::around::run;
use super::entry::{Around, Entry};
use super::watch::Watch;
use super::{AsyncExecute, AsyncInterceptor};
use crate::{Interceptor, Observer, Phase};

/// [`Stack`](crate::Stack) for interceptors that wait.
///
/// An execution allocates once for each interceptor that waits and is reached, for the future around everything further in. One that waits for
/// nothing ([`push_immediate`](Self::push_immediate)) or has no functions costs no allocation.
pub struct AsyncStack<C: ?Sized, E> {
    entries: Vec<Entry<C, E>>,
}

impl<C: Send + ?Sized, E: Send> AsyncStack<C, E> {
    /// A stack without interceptors.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// With one more, inside those that are there.
    #[must_use]
    pub fn with(mut self, interceptor: impl AsyncInterceptor<C, E> + 'static) -> Self {
        self.push(interceptor);
        self
    }

    /// With one more that waits for nothing, inside those that are there.
    #[must_use]
    pub fn with_immediate(mut self, interceptor: impl Interceptor<C, E> + Send + Sync + 'static) -> Self {
        self.push_immediate(interceptor);
        self
    }

    /// Adds one inside those that are there.
    pub fn push(&mut self, interceptor: impl AsyncInterceptor<C, E> + 'static) {
        let phases = [Phase::Enter, Phase::Leave, Phase::Error];
        let empty = !phases.iter().any(|phase| interceptor.defines(*phase));
        self.entries.push(if empty {
            Entry::Empty(interceptor.name().to_owned())
        } else {
            Entry::Waiting(Box::new(interceptor) as Box<dyn Around<C, E>>)
        });
    }

    /// Adds one that waits for nothing inside those that are there.
    pub fn push_immediate(&mut self, interceptor: impl Interceptor<C, E> + Send + Sync + 'static) {
        self.entries.push(Entry::Immediate(Box::new(interceptor)));
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<C: ?Sized, E> AsyncStack<C, E> {
    /// Their names, outermost first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(Entry::name)
    }
}

impl<C: Send + ?Sized, E: Send> AsyncExecute<C, E> for AsyncStack<C, E> {
    fn execute(&self, context: &mut C) -> impl Future<Output = Result<(), E>> + Send {
        run(&self.entries, context, ())
    }

    async fn execute_with<O: Observer<C, E> + Send>(
        &self,
        context: &mut C,
        depth: usize,
        observer: &mut O,
    ) -> Result<(), E> {
        run(&self.entries, context, Watch { observer, depth }).await
    }
}

impl<C: Send + ?Sized, E: Send> Default for AsyncStack<C, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: ?Sized, E> fmt::Debug for AsyncStack<C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
