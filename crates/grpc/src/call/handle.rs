//! A running call as seen from outside its handler, and from within.

use std::fmt;
use std::sync::Arc;

use interceptor_stream::StreamStats;
use tonic::Status;

use super::{CallInfo, Shared};

/// A running call: what it is, what it has done so far, and a way to end it.
///
/// A handler finds its own in the extensions of its request; an [`Observer`](crate::Observer) gets each, and
/// [`Calls::snapshot`](crate::Calls::snapshot) has all. It keeps nothing of the call alive: that is over when its response is, whoever has a handle.
#[derive(Clone)]
pub struct CallHandle(pub(crate) Arc<Shared>);

impl CallHandle {
    /// What is known of it.
    #[must_use]
    pub fn info(&self) -> &CallInfo {
        &self.0.info
    }

    /// What it has done until now; after its end, what it has done in all.
    #[must_use]
    pub fn stats(&self) -> StreamStats {
        self.0.meter.stats(self.0.elapsed())
    }

    /// Ends it: the client gets this status, the handler's future or stream is dropped, and who waits for a message of the client gets the status
    /// as an error (with ABORTED for CANCELLED, which tonic would take for a clean end). False if it was ended already, or is over.
    pub fn cancel(&self, status: Status) -> bool {
        self.0.cancel(status)
    }

    /// True when the response has ended, or has been given up.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.meter.is_closed()
    }

    /// The call's `tracing` span, to record more in; disabled without [`StreamLayer::with_tracing`](crate::StreamLayer::with_tracing).
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        self.0.span.span()
    }
}

impl fmt::Debug for CallHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallHandle").field("info", self.info()).field("stats", &self.stats()).finish()
    }
}
