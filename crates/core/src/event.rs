//! What a chain tells its owner besides packets.

use std::any::Any;
use std::sync::Arc;

use crate::Fact;

/// Something that happened in a chain, taken with [`Chain::poll_event`](crate::Chain::poll_event).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// An interceptor published a fact.
    Fact(Fact),
    /// An interceptor panicked and takes no part from now on; packets pass it by.
    Bypassed {
        /// Its name.
        interceptor: &'static str,
        /// The panic's message.
        message: String,
    },
    /// An interceptor raised an event of its own; its crate documents the type.
    Raised {
        /// Its name.
        interceptor: &'static str,
        /// The value, for `downcast_ref`.
        value: Arc<dyn Any + Send + Sync>,
    },
}

impl Event {
    /// The value that an interceptor raised, if it is a `T`.
    #[must_use]
    pub fn raised<T: 'static>(&self) -> Option<&T> {
        match self {
            Self::Raised { value, .. } => value.downcast_ref(),
            _ => None,
        }
    }
}
