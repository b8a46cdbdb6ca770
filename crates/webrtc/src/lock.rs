//! A mutex that a panic does not poison for everybody else.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The standard mutex without poisoning. Never held over an `await`: what it guards is worked on within one poll.
#[derive(Debug, Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
