//! What a stream has done so far.

use std::time::Duration;

use super::{Cause, Direction};

/// What went one way.
///
/// Each message that came is in one of four counts, once it has been decided about: [`messages`](Self::messages),
/// [`consumed_messages`](Self::consumed_messages), [`dropped_messages`](Self::dropped_messages) or [`refused_messages`](Self::refused_messages);
/// its size is in the bytes of the same name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// Messages that have passed.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Of these, messages of more than [`warn_message_bytes`](crate::StreamLimits::warn_message_bytes).
    pub large_messages: u64,
    /// Messages that an interceptor consumed: received ones after their tokens were taken, ones to be sent before.
    pub consumed_messages: u64,
    /// Their bytes.
    pub consumed_bytes: u64,
    /// Messages that came too quickly, where [`Excess::Drop`](crate::Excess::Drop) was asked for.
    pub dropped_messages: u64,
    /// Their bytes.
    pub dropped_bytes: u64,
    /// Messages that did not pass because the stream ended: those that a limit refused, those with which the stream itself failed, those that
    /// were held back when it was dropped, and what came after its end.
    pub refused_messages: u64,
    /// Their bytes.
    pub refused_bytes: u64,
    /// How long the messages that have passed were held back, summed up.
    pub waited: Duration,
}

/// What a stream has done so far: a copy that does not change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamStats {
    /// How long it has been open; as long as it was, once it has been closed.
    pub duration: Duration,
    /// What came from the peer.
    pub received: Traffic,
    /// What went to the peer.
    pub sent: Traffic,
    /// Why it was ended, `None` if it was not: it goes on, came to its own end, failed by itself, or was dropped.
    pub ended: Option<Cause>,
}

impl StreamStats {
    /// Messages that have passed, both ways.
    #[must_use]
    pub const fn messages(&self) -> u64 {
        self.received.messages.saturating_add(self.sent.messages)
    }

    /// Bytes that have passed, both ways.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.received.bytes.saturating_add(self.sent.bytes)
    }

    /// What went in a direction.
    #[must_use]
    pub const fn traffic(&self, direction: Direction) -> &Traffic {
        match direction {
            Direction::Received => &self.received,
            Direction::Sent => &self.sent,
        }
    }
}
