//! The interceptors of a chain by id: what a walk touches, and nothing else.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::erased::ErasedInterceptor;
use crate::place::NodeId;

/// How many stand in the chain itself: four fill a cache line.
const INLINE: usize = 8;

/// Interceptors under the ids that the [`Roster`](crate::roster::Roster) gives; none where an id is free or who had it panicked.
#[derive(Default)]
#[repr(C, align(64))]
pub(super) struct Interceptors {
    first: [Option<Box<dyn ErasedInterceptor>>; INLINE],
    more: Vec<Option<Box<dyn ErasedInterceptor>>>,
}

impl Interceptors {
    pub(super) fn put(&mut self, id: NodeId, interceptor: Box<dyn ErasedInterceptor>) {
        let places = INLINE + self.more.len();
        if id.index() >= places {
            self.more.resize_with(id.index() + 1 - INLINE, || None);
        }
        if let Some(place) = self.place_mut(id) {
            *place = Some(interceptor);
        }
    }

    /// Takes an interceptor out.
    pub(super) fn take(&mut self, id: NodeId) -> Option<Box<dyn ErasedInterceptor>> {
        self.place_mut(id)?.take()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: NodeId) -> Option<&mut dyn ErasedInterceptor> {
        match self.place_mut(id) {
            Some(Some(interceptor)) => Some(&mut **interceptor),
            _ => None,
        }
    }

    pub(super) fn get(&self, id: NodeId) -> Option<&dyn ErasedInterceptor> {
        let place = self.first.get(id.index()).or_else(|| self.more.get(id.index() - INLINE));
        place?.as_deref()
    }

    #[inline]
    fn place_mut(&mut self, id: NodeId) -> Option<&mut Option<Box<dyn ErasedInterceptor>>> {
        match self.first.get_mut(id.index()) {
            None => self.more.get_mut(id.index() - INLINE),
            place => place,
        }
    }

    /// Drops all of them; one whose destructor panics does not keep the others.
    pub(super) fn dispose_all(&mut self) {
        self.first.iter_mut().chain(&mut self.more).filter_map(Option::take).for_each(|interceptor| {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Interceptor;
    use crate::erased::Erased;

    struct Numbered(usize);

    impl Interceptor for Numbered {
        type Local = ();
        type Remote = ();
    }

    #[test]
    fn four_fill_a_cache_line_and_there_may_be_any_number() {
        assert_eq!((size_of::<Option<Box<dyn ErasedInterceptor>>>(), align_of::<Interceptors>()), (16, 64));
        let ids = || (0..3 * INLINE).filter_map(NodeId::new);
        let mut interceptors = Interceptors::default();
        // The last one first: those before it have places, and are not there.
        for id in ids().rev() {
            assert!(interceptors.get(id).is_none() && interceptors.get_mut(id).is_none());
            interceptors.put(id, Erased::boxed(Numbered(id.index())));
        }
        for id in ids() {
            let found =
                interceptors.get(id).and_then(|interceptor| interceptor.as_any().downcast_ref::<Numbered>());
            assert_eq!(found.map(|numbered| numbered.0), Some(id.index()));
            assert!(interceptors.take(id).is_some() && interceptors.take(id).is_none());
        }
        assert!(interceptors.get(NodeId::NOBODY).is_none() && interceptors.take(NodeId::NOBODY).is_none());
    }
}
