//! What the owner of a chain is told, and what a packet is.

/// A limit has been reached, raised as an event once an excursion: again only when nothing has been over this limit for a second. The
/// event's `interceptor` says which way, `limit` or `limit-remote`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reached {
    /// A stream is over its rates: packets are dropped, marked, or wait.
    Rate {
        /// The media SSRC of the stream.
        ssrc: u32,
    },
    /// So many packets of a stream wait that others are dropped.
    Queue {
        /// The media SSRC of the stream.
        ssrc: u32,
    },
    /// A stream was over its rates and is stopped ([`Policy::Stop`](crate::Policy::Stop)).
    Stopped {
        /// The media SSRC of the stream.
        ssrc: u32,
    },
    /// All streams together are over the bounds of the connection.
    Connection(Excess),
    /// RTCP is over its bounds.
    Rtcp(Excess),
    /// A stream was refused: there are [`max_streams`](crate::LimitOptions::max_streams).
    Streams,
    /// There are more packets of SSRCs that no stream has than [`max_unbound`](crate::LimitOptions::max_unbound): they are dropped.
    Unbound,
}

/// What is over bounds that are no single stream's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Excess {
    /// The rates: packets are dropped, marked, or wait.
    Rate,
    /// The queue: packets are dropped.
    Queue,
    /// The rates, and nothing passes any more ([`Policy::Stop`](crate::Policy::Stop)).
    Stopped,
}

impl Excess {
    /// The same of one stream.
    pub(crate) const fn of_stream(self, ssrc: u32) -> Reached {
        match self {
            Self::Rate => Reached::Rate { ssrc },
            Self::Queue => Reached::Queue { ssrc },
            Self::Stopped => Reached::Stopped { ssrc },
        }
    }
}

/// The attribute of a packet that was over a limit and went on all the same ([`Policy::Mark`](crate::Policy::Mark)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OverLimit;

/// Why a stream is refused: [`max_streams`](crate::LimitOptions::max_streams) of its direction are bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{limit} streams are bound in this direction, as many as LimitOptions::max_streams allows")]
#[non_exhaustive]
pub struct TooManyStreams {
    /// The limit in force.
    pub limit: usize,
}
