//! What a stream may do: the options, their presets, and the check of their bounds.

use std::fmt::Debug;
use std::time::Duration;

use thiserror::Error;

use super::Pace;

/// What a stream may do. Default: everything, and all of it is counted; of what is held back, 4 MiB a direction.
///
/// What counts messages or bytes holds for each direction by itself. [`control`](Self::control) and [`bulk`](Self::bulk) are sets of values to
/// begin with.
///
/// ```
/// use std::time::Duration;
/// use interceptor_stream::StreamLimits;
///
/// let limits = StreamLimits::control().with_max_idle(Duration::from_secs(30));
/// assert!(limits.check().is_ok());
/// let error = limits.with_max_message_bytes(0).check().unwrap_err();
/// assert_eq!(error.to_string(), "StreamLimits::max_message_bytes is 0, it has to be at least 1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamLimits {
    /// Messages each way over the stream's life, 1 and more. Default `None`: as many as come.
    pub max_messages: Option<u64>,
    /// Bytes each way over the stream's life, 1 and more. Default `None`: as many as come.
    pub max_bytes: Option<u64>,
    /// Bytes of one message, 1 and more. Default `None`: any.
    pub max_message_bytes: Option<u64>,
    /// A message of more bytes than this is counted as large, 1 and more. Default `None`: none is.
    pub warn_message_bytes: Option<u64>,
    /// How long the stream may be open, 1 ns and more. Default `None`: for ever.
    pub max_duration: Option<Duration>,
    /// How long nothing may move in either direction, 1 ns and more. Default `None`: for ever; but some peers vanish without a word, and only this
    /// ends their streams. While a message is held back by a [`Pace`] the stream is not idle.
    pub max_idle: Option<Duration>,
    /// Bytes of a direction that may be held back at a time, 1 and more. Default 4 MiB, gRPC's largest message by default. `None`: as many as
    /// come, which lets a peer choose how much memory it takes.
    pub max_held_bytes: Option<u64>,
    /// How quickly messages may come from the peer. Default: no limit.
    pub received: Pace,
    /// How quickly messages may go to the peer. Default: no limit.
    pub sent: Pace,
    /// How quickly messages may go both ways together, counted in one bucket that the directions share. Who has waited longer comes first, if it asks
    /// within 5 ms of its time. Default: no limit.
    pub both: Pace,
}

/// What is out of range in [`StreamLimits`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("StreamLimits::{field} is {value}, it has to be {range}")]
#[non_exhaustive]
pub struct LimitsError {
    /// The field.
    pub field: &'static str,
    /// Its value, as `Debug` prints it.
    pub value: String,
    /// What would be right.
    pub range: &'static str,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

const MIB: u64 = 1 << 20;
const AT_LEAST_ONE: &str = "at least 1";
const NOT_ZERO: &str = "at least 1ns";

impl StreamLimits {
    const DEFAULT: Self = Self {
        max_messages: None,
        max_bytes: None,
        max_message_bytes: None,
        warn_message_bytes: None,
        max_duration: None,
        max_idle: None,
        max_held_bytes: Some(4 * MIB),
        received: Pace::NONE,
        sent: Pace::NONE,
        both: Pace::NONE,
    };

    /// For signalling and control, where messages are small and pauses long: 256 KiB a message, warned of from 64 KiB on (a large SDP has some
    /// 30 KiB), 5 minutes without any, 1 MiB held back. Rates are yours to add: they depend on what a message costs you.
    #[must_use]
    pub const fn control() -> Self {
        Self::DEFAULT
            .with_max_message_bytes(MIB / 4)
            .with_warn_message_bytes(MIB / 16)
            .with_max_idle(Duration::from_secs(300))
            .with_max_held_bytes(MIB)
    }

    /// For what carries data: 4 MiB a message (gRPC's default), warned of from 1 MiB on, a minute without any, 8 MiB held back.
    #[must_use]
    pub const fn bulk() -> Self {
        Self::DEFAULT
            .with_max_message_bytes(4 * MIB)
            .with_warn_message_bytes(MIB)
            .with_max_idle(Duration::from_secs(60))
            .with_max_held_bytes(8 * MIB)
    }

    /// Messages each way. See [`max_messages`](Self::max_messages).
    #[must_use]
    pub const fn with_max_messages(mut self, max_messages: u64) -> Self {
        self.max_messages = Some(max_messages);
        self
    }

    /// Bytes each way. See [`max_bytes`](Self::max_bytes).
    #[must_use]
    pub const fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = Some(max_bytes);
        self
    }

    /// Bytes of one message. See [`max_message_bytes`](Self::max_message_bytes).
    #[must_use]
    pub const fn with_max_message_bytes(mut self, max_message_bytes: u64) -> Self {
        self.max_message_bytes = Some(max_message_bytes);
        self
    }

    /// From when on a message is large. See [`warn_message_bytes`](Self::warn_message_bytes).
    #[must_use]
    pub const fn with_warn_message_bytes(mut self, warn_message_bytes: u64) -> Self {
        self.warn_message_bytes = Some(warn_message_bytes);
        self
    }

    /// How long the stream may be open. See [`max_duration`](Self::max_duration).
    #[must_use]
    pub const fn with_max_duration(mut self, max_duration: Duration) -> Self {
        self.max_duration = Some(max_duration);
        self
    }

    /// How long nothing may move. See [`max_idle`](Self::max_idle).
    #[must_use]
    pub const fn with_max_idle(mut self, max_idle: Duration) -> Self {
        self.max_idle = Some(max_idle);
        self
    }

    /// Bytes of a direction that may be held back. See [`max_held_bytes`](Self::max_held_bytes).
    #[must_use]
    pub const fn with_max_held_bytes(mut self, max_held_bytes: u64) -> Self {
        self.max_held_bytes = Some(max_held_bytes);
        self
    }

    /// How quickly messages may come from the peer. See [`received`](Self::received).
    #[must_use]
    pub const fn with_received(mut self, received: Pace) -> Self {
        self.received = received;
        self
    }

    /// How quickly messages may go to the peer. See [`sent`](Self::sent).
    #[must_use]
    pub const fn with_sent(mut self, sent: Pace) -> Self {
        self.sent = sent;
        self
    }

    /// How quickly messages may go both ways together. See [`both`](Self::both).
    #[must_use]
    pub const fn with_both(mut self, both: Pace) -> Self {
        self.both = both;
        self
    }

    /// Checks all bounds.
    ///
    /// # Errors
    /// The first field that is out of range, its value and what would be right.
    pub fn check(&self) -> Result<(), LimitsError> {
        let counts = [
            ("max_messages", self.max_messages),
            ("max_bytes", self.max_bytes),
            ("max_message_bytes", self.max_message_bytes),
            ("warn_message_bytes", self.warn_message_bytes),
            ("max_held_bytes", self.max_held_bytes),
        ];
        for (field, count) in counts {
            unless(count != Some(0), field, 0, AT_LEAST_ONE)?;
        }
        let times = [
            ("max_duration", self.max_duration),
            ("max_idle", self.max_idle),
            ("received.max_wait", self.received.max_wait),
            ("sent.max_wait", self.sent.max_wait),
            ("both.max_wait", self.both.max_wait),
        ];
        for (field, time) in times {
            unless(time != Some(Duration::ZERO), field, Duration::ZERO, NOT_ZERO)?;
        }
        Ok(())
    }
}

fn unless(
    right: bool,
    field: &'static str,
    value: impl Debug,
    range: &'static str,
) -> Result<(), LimitsError> {
    if right { Ok(()) } else { Err(LimitsError { field, value: format!("{value:?}"), range }) }
}
