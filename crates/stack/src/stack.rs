//! Stacks that are put together while the program runs.

use std::fmt;

use crate::{Execute, Interceptor, Observer, Step, calls};

/// A stack whose interceptors are known when the program runs: from a configuration, from plug-ins. To execute it allocates nothing.
///
/// ```
/// use interceptor_stack::{Execute, Stack, Step, interceptor};
///
/// let mut stack = Stack::<u32, String>::new();
/// for name in ["first", "second"] {
///     stack.push(interceptor(name).enter(move |calls: &mut u32| {
///         *calls += 1;
///         if *calls == 2 { Err(format!("{name} is one too many")) } else { Ok(Step::Next) }
///     }));
/// }
/// assert_eq!(stack.execute(&mut 0), Err("second is one too many".to_owned()));
/// ```
pub struct Stack<C: ?Sized, E> {
    interceptors: Vec<Box<dyn Interceptor<C, E> + Send + Sync>>,
}

impl<C: ?Sized, E> Stack<C, E> {
    /// A stack without interceptors.
    #[must_use]
    pub const fn new() -> Self {
        Self { interceptors: Vec::new() }
    }

    /// With one more, inside those that are there.
    #[must_use]
    pub fn with(mut self, interceptor: impl Interceptor<C, E> + Send + Sync + 'static) -> Self {
        self.push(interceptor);
        self
    }

    /// Adds one inside those that are there.
    pub fn push(&mut self, interceptor: impl Interceptor<C, E> + Send + Sync + 'static) {
        self.interceptors.push(Box::new(interceptor));
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.interceptors.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.interceptors.is_empty()
    }

    /// Their names, outermost first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.interceptors.iter().map(|interceptor| interceptor.name())
    }
}

impl<C: ?Sized, E> Execute<C, E> for Stack<C, E> {
    fn execute_with<O: Observer<C, E> + ?Sized>(
        &self,
        context: &mut C,
        depth: usize,
        observer: &mut O,
    ) -> Result<(), E> {
        let mut inside = Ok(());
        let mut reached = self.interceptors.len();
        for (at, this) in self.interceptors.iter().enumerate() {
            let turned = match calls::enter(&**this, context, depth + at, observer) {
                Ok(Step::Next) => continue,
                Ok(Step::Turn) => Ok(()),
                Err(error) => Err(error),
            };
            (inside, reached) = (turned, at + 1);
            break;
        }
        for (at, this) in self.interceptors.iter().enumerate().take(reached).rev() {
            inside = inside
                .and_then(|()| calls::leave(&**this, context, depth + at, observer))
                .or_else(|error| calls::error(&**this, context, depth + at, observer, error));
        }
        inside
    }
}

impl<C: ?Sized, E> Default for Stack<C, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: ?Sized, E, I: Interceptor<C, E> + Send + Sync + 'static> Extend<I> for Stack<C, E> {
    fn extend<T: IntoIterator<Item = I>>(&mut self, interceptors: T) {
        interceptors.into_iter().for_each(|interceptor| self.push(interceptor));
    }
}

impl<C: ?Sized, E> fmt::Debug for Stack<C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
