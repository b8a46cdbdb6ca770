//! Who watches an execution, or nobody: what is not watched keeps nothing of it.

use std::task::Context;

use super::entry::{Begun, Waiting};
use crate::{Call, Observer, Outcome};

/// An observer that goes along with the way in.
pub(super) trait Watching<C: ?Sized, E>: Observer<C, E> + Send {
    /// The place of the first entry from here on.
    fn depth(&self) -> usize;

    /// Begins one that waits, `passed` entries further in.
    fn begin<'a>(
        &'a mut self,
        passed: usize,
        next: Waiting<'a, C, E>,
        context: &'a mut C,
        task: &mut Context<'_>,
    ) -> Begun<'a, E>;
}

impl<C: ?Sized, E> Watching<C, E> for () {
    #[inline]
    fn depth(&self) -> usize {
        0
    }

    #[inline]
    fn begin<'a>(
        &'a mut self,
        _: usize,
        (next, rest): Waiting<'a, C, E>,
        context: &'a mut C,
        task: &mut Context<'_>,
    ) -> Begun<'a, E> {
        next.begin(context, rest, task)
    }
}

/// An observer without its type, and where it stands.
pub(super) struct Watch<'o, C: ?Sized, E> {
    pub(super) observer: &'o mut (dyn Observer<C, E> + Send),
    pub(super) depth: usize,
}

impl<C: ?Sized, E> Watching<C, E> for Watch<'_, C, E> {
    fn depth(&self) -> usize {
        self.depth
    }

    fn begin<'a>(
        &'a mut self,
        passed: usize,
        (next, rest): Waiting<'a, C, E>,
        context: &'a mut C,
        task: &mut Context<'_>,
    ) -> Begun<'a, E> {
        let further = Watch { observer: &mut *self.observer, depth: self.depth + passed + 1 };
        next.begin_watched(context, rest, further, task)
    }
}

impl<C: ?Sized, E> Observer<C, E> for Watch<'_, C, E> {
    fn watches(&self) -> bool {
        self.observer.watches()
    }

    fn before(&mut self, call: Call<'_>, context: &C) {
        self.observer.before(call, context);
    }

    fn after(&mut self, call: Call<'_>, context: &C, outcome: Outcome<'_, E>) {
        self.observer.after(call, context, outcome);
    }
}
