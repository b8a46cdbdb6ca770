//! Holds back what leaves until everybody has written.

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

use crate::shared::Shared;

/// While it lives packets of its session are queued and not sent; dropped, it sends them. See
/// [`Session::cork`](crate::Session::cork).
#[must_use = "dropped at once it does nothing"]
pub struct Cork<'a>(&'a Shared);

impl<'a> Cork<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        shared.corks.fetch_add(1, Relaxed);
        Self(shared)
    }
}

impl Shared {
    /// Does somebody hold back what is queued? They will send it: who has queued a packet, under the outbox's lock, and sees a
    /// cork after that is seen by whoever takes the cork away and then looks into the outbox, under the same lock.
    #[inline]
    pub(crate) fn is_corked(&self) -> bool {
        self.corks.load(Relaxed) > 0
    }
}

impl Drop for Cork<'_> {
    fn drop(&mut self) {
        if self.0.corks.fetch_sub(1, Relaxed) == 1 {
            self.0.flush();
        }
    }
}

impl fmt::Debug for Cork<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cork").field(&self.0.id).finish()
    }
}
