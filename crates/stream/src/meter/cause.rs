//! Why a stream was ended.

use std::time::Duration;

use thiserror::Error;

use super::Direction;

/// Why a stream was ended before its time. The first cause stays, whatever comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Cause {
    /// One message more than [`max_messages`](crate::StreamLimits::max_messages).
    #[error("more than {max} messages {direction}")]
    Messages {
        /// Which way it went.
        direction: Direction,
        /// The limit.
        max: u64,
    },
    /// A message that would have made more than [`max_bytes`](crate::StreamLimits::max_bytes).
    #[error("more than {max} bytes {direction}")]
    Bytes {
        /// Which way it went.
        direction: Direction,
        /// The limit.
        max: u64,
    },
    /// A message larger than [`max_message_bytes`](crate::StreamLimits::max_message_bytes).
    #[error("a message of {bytes} bytes {direction}, more than {max}")]
    MessageBytes {
        /// Which way it went.
        direction: Direction,
        /// The size of the message.
        bytes: u64,
        /// The limit.
        max: u64,
    },
    /// A message came too quickly, where [`Excess::Fail`](crate::Excess::Fail) was asked for.
    #[error("messages {direction} too quickly")]
    Rate {
        /// Which way it went.
        direction: Direction,
    },
    /// A message is larger than what the [`Pace`](crate::Pace)'s bucket holds when it is full: it could wait for ever.
    #[error("a message of {bytes} bytes {direction}, more than the rate's burst of {burst}")]
    Burst {
        /// Which way it went.
        direction: Direction,
        /// The size of the message.
        bytes: u64,
        /// What a full bucket holds.
        burst: u64,
    },
    /// A message would have been held back for longer than [`max_wait`](crate::Pace::max_wait).
    #[error("a message {direction} would have waited for longer than {max:?}")]
    Wait {
        /// Which way it went.
        direction: Direction,
        /// The limit.
        max: Duration,
    },
    /// More bytes were held back than [`max_held_bytes`](crate::StreamLimits::max_held_bytes).
    #[error("{bytes} bytes {direction} held back, more than {max}")]
    HeldBytes {
        /// Which way they went.
        direction: Direction,
        /// What would have been held back.
        bytes: u64,
        /// The limit.
        max: u64,
    },
    /// The stream was there for [`max_duration`](crate::StreamLimits::max_duration).
    #[error("the stream was open for {max:?}")]
    Duration {
        /// The limit.
        max: Duration,
    },
    /// Nothing moved for [`max_idle`](crate::StreamLimits::max_idle), in either direction.
    #[error("nothing moved for {max:?}")]
    Idle {
        /// The limit.
        max: Duration,
    },
    /// An interceptor refused a message.
    #[error("an interceptor refused a message {direction}")]
    Interceptor {
        /// Which way it went.
        direction: Direction,
    },
    /// Somebody else ended it, who knows why.
    #[error("cancelled")]
    Cancelled,
}

impl Cause {
    /// Which way the message went that was one too many; `None` for what concerns the whole stream.
    #[must_use]
    pub const fn direction(&self) -> Option<Direction> {
        match self {
            Self::Messages { direction, .. }
            | Self::Bytes { direction, .. }
            | Self::MessageBytes { direction, .. }
            | Self::Rate { direction }
            | Self::Burst { direction, .. }
            | Self::Wait { direction, .. }
            | Self::HeldBytes { direction, .. }
            | Self::Interceptor { direction } => Some(*direction),
            Self::Duration { .. } | Self::Idle { .. } | Self::Cancelled => None,
        }
    }
}
