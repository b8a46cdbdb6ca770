//! Who hears of every call, for logs, spans and metrics.

/// Hears of every function that a stack calls, before and after.
///
/// It is an argument of one execution, generic: `()` is none and leaves no trace in the code.
pub trait Observer<C: ?Sized, E> {
    /// Whether it wants to hear anything at all.
    fn watches(&self) -> bool {
        true
    }

    /// A function is about to be called with this context.
    fn before(&mut self, call: Call<'_>, context: &C) {
        let _ = (call, context);
    }

    /// It has returned, and this is the context now. Of a function that panics there is no after.
    fn after(&mut self, call: Call<'_>, context: &C, outcome: Outcome<'_, E>) {
        let _ = (call, context, outcome);
    }
}

/// Which function of which interceptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// The interceptor's.
    pub name: &'a str,
    /// Which function.
    pub phase: crate::Phase,
    /// The interceptor's place, 0 outermost; counted on from what `execute_with` was given, for stacks inside stacks.
    pub depth: usize,
}

/// What a function has returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a, E> {
    /// `enter`: to the next one.
    Next,
    /// `enter`: back from here.
    Turn,
    /// `leave`, or `error` that has dealt with what it got.
    Done,
    /// What its own `error`, or the previous one's, gets next.
    Failed(&'a E),
}

impl<C: ?Sized, E> Observer<C, E> for () {
    #[inline]
    fn watches(&self) -> bool {
        false
    }
}

impl<C: ?Sized, E, O: Observer<C, E> + ?Sized> Observer<C, E> for &mut O {
    #[inline]
    fn watches(&self) -> bool {
        (**self).watches()
    }

    fn before(&mut self, call: Call<'_>, context: &C) {
        (**self).before(call, context);
    }

    fn after(&mut self, call: Call<'_>, context: &C, outcome: Outcome<'_, E>) {
        (**self).after(call, context, outcome);
    }
}
