//! What comes out of a link.

use std::time::{Duration, Instant};

/// A packet that has arrived, and how it fared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery<T> {
    /// The packet.
    pub message: T,
    /// When it arrived.
    pub at: Instant,
    /// How long it waited in the queue, until the link began to send it.
    pub queued: Duration,
}
