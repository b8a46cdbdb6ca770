//! How quickly messages may come, and what becomes of those that come too quickly.

use std::time::Duration;

use interceptor_token_bucket::Rate;

/// What becomes of a message for which there are no tokens yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Excess {
    /// It is held back until there are, and everything behind it: the peer's, or the sender's, flow control sees a slow reader. The default.
    #[default]
    Wait,
    /// The stream ends with [`Cause::Rate`](crate::Cause::Rate).
    Fail,
    /// The message is dropped and counted, the stream goes on.
    Drop,
}

/// How quickly messages may come in a direction, or in both together. Default: no limit.
///
/// A message takes one token of [`messages`](Self::messages) and its size of [`bytes`](Self::bytes), or none of either.
///
/// ```
/// use std::time::Duration;
/// use interceptor_stream::{Excess, Pace, Rate};
///
/// // 50 messages a second, and no more than 64 KiB of them at once.
/// let pace = Pace::default()
///     .with_messages(Rate::per_second(50)?)
///     .with_bytes(Rate::new(256 << 10, Duration::from_secs(1), 64 << 10)?)
///     .with_max_wait(Duration::from_secs(5));
/// assert_eq!(pace.excess, Excess::Wait);
/// # Ok::<(), interceptor_stream::RateError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pace {
    /// Messages in a time. Default `None`: as many as come.
    pub messages: Option<Rate>,
    /// Bytes in a time; its burst is the size of the largest message that can pass. Default `None`: as many as come.
    pub bytes: Option<Rate>,
    /// What becomes of those above it. Default [`Excess::Wait`]. A message that is larger than a full bucket of bytes can hold is no question of
    /// waiting: it ends the stream with [`Cause::Burst`](crate::Cause::Burst), or is dropped with [`Excess::Drop`].
    pub excess: Excess,
    /// How long a message may be held back, 1 ns and more; it counts for [`Excess::Wait`] alone. A message that would have to wait longer ends the
    /// stream at once with [`Cause::Wait`](crate::Cause::Wait). Default `None`: as long as it takes.
    pub max_wait: Option<Duration>,
}

impl Pace {
    pub(super) const NONE: Self = Self { messages: None, bytes: None, excess: Excess::Wait, max_wait: None };

    /// Messages in a time. See [`messages`](Self::messages).
    #[must_use]
    pub const fn with_messages(mut self, messages: Rate) -> Self {
        self.messages = Some(messages);
        self
    }

    /// Bytes in a time. See [`bytes`](Self::bytes).
    #[must_use]
    pub const fn with_bytes(mut self, bytes: Rate) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// What becomes of messages above it. See [`excess`](Self::excess).
    #[must_use]
    pub const fn with_excess(mut self, excess: Excess) -> Self {
        self.excess = excess;
        self
    }

    /// How long a message may be held back. See [`max_wait`](Self::max_wait).
    #[must_use]
    pub const fn with_max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = Some(max_wait);
        self
    }

    /// True if it limits nothing.
    #[must_use]
    pub const fn is_unlimited(&self) -> bool {
        self.messages.is_none() && self.bytes.is_none()
    }
}
