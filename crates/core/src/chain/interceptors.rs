//! The interceptors of a chain by id: what a walk touches, and nothing else.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::erased::{Bypassed, Erased, ErasedInterceptor};
use crate::place::NodeId;

/// Interceptors under the ids that the [`Roster`](crate::roster::Roster) gives; a stand-in where an id is free.
#[derive(Default)]
pub(super) struct Interceptors(Vec<Box<dyn ErasedInterceptor>>);

impl Interceptors {
    pub(super) fn put(&mut self, id: NodeId, interceptor: Box<dyn ErasedInterceptor>) {
        while self.0.len() <= id.index() {
            self.0.push(Erased::boxed(Bypassed));
        }
        if let Some(slot) = self.0.get_mut(id.index()) {
            *slot = interceptor;
        }
    }

    /// Puts a stand-in into an interceptor's place and gives back what stood there.
    pub(super) fn take(&mut self, id: NodeId) -> Option<Box<dyn ErasedInterceptor>> {
        self.0.get_mut(id.index()).map(|slot| std::mem::replace(slot, Erased::boxed(Bypassed)))
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: NodeId) -> Option<&mut dyn ErasedInterceptor> {
        match self.0.get_mut(id.index()) {
            Some(interceptor) => Some(&mut **interceptor),
            None => None,
        }
    }

    pub(super) fn get(&self, id: NodeId) -> Option<&dyn ErasedInterceptor> {
        self.0.get(id.index()).map(|interceptor| &**interceptor)
    }

    /// Drops all of them; one whose destructor panics does not keep the others.
    pub(super) fn dispose_all(&mut self) {
        self.0.drain(..).for_each(|interceptor| {
            // The chain is going: nobody is left to tell.
            let _ = dispose(interceptor);
        });
    }
}

/// Drops what a destructor may panic in.
///
/// # Errors
/// The panic's payload.
pub(super) fn dispose<T>(value: T) -> Result<(), Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(move || drop(value)))
}
