//! The calls that run.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use slab::Slab;
use tonic::Status;

use super::CallHandle;

/// The calls that run at the moment: the live list of a layer and of all services made with it. It holds what runs and nothing else.
#[derive(Clone, Default)]
pub struct Calls(Arc<Mutex<Slab<CallHandle>>>);

impl Calls {
    /// All of them, in no particular order.
    #[must_use]
    pub fn snapshot(&self) -> Vec<CallHandle> {
        self.with(|calls| calls.iter().map(|(_, call)| call.clone()).collect())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.with(|calls| calls.len())
    }

    /// True if none runs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends all that run, as [`CallHandle::cancel`] does: for a server that goes. How many it ended; calls that begin afterwards are none of them.
    pub fn cancel_all(&self, status: &Status) -> usize {
        self.snapshot().iter().filter(|call| call.cancel(status.clone())).count()
    }

    /// A place for a call, unless there are `max` already.
    pub(super) fn enter(&self, max: usize, call: &CallHandle) -> Option<Place> {
        let at = self.with(|calls| (calls.len() < max).then(|| calls.insert(call.clone())))?;
        Some(Place { calls: self.clone(), at })
    }

    fn with<T>(&self, f: impl FnOnce(&mut Slab<CallHandle>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A call's place in the list, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    calls: Calls,
    at: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.calls.with(|calls| calls.try_remove(self.at)));
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("len", &self.len()).finish()
    }
}
