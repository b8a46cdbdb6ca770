//! What the session's calls refuse, and why it ended.

use std::io;
use std::sync::Arc;

use interceptor_core::{ChainError, OptionsError, RegistryError};

/// Why a packet was not taken or will not come: one type for every handle of a session, cheap to clone.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The session was closed, by [`Session::close`](crate::Session::close) or because its last
    /// [`Session`](crate::Session) was dropped.
    #[error("the session is closed")]
    Closed,
    /// The transport failed and took the session with it. Every handle returns this one error from then on.
    #[error("the transport failed: {0}")]
    Transport(#[source] Arc<io::Error>),
    /// The stream was unbound through [`Session::with_chain`](crate::Session::with_chain); everything queued has been read.
    /// The session goes on.
    #[error("stream {ssrc:#010x} has been unbound")]
    Unbound {
        /// The stream's media SSRC.
        ssrc: u32,
    },
    /// The session's task ended without closing: the runtime shut down, or the task panicked.
    #[error("the session's task has ended")]
    TaskEnded,
    /// Interceptors failed to close; everything was closed all the same. Only
    /// [`Session::close`](crate::Session::close) returns it.
    #[error("{0}")]
    Close(#[source] Arc<ChainError>),
    /// The packet's SSRC is none of the stream's (media, RTX or FEC). The session goes on.
    #[error("SSRC {found:#010x} does not belong to stream {stream:#010x}")]
    WrongSsrc {
        /// The media SSRC of the stream that it was written to.
        stream: u32,
        /// The packet's SSRC.
        found: u32,
    },
    /// The transport sends to its peer and nobody else (a `Conn`, or one of yours that does not say otherwise). The session
    /// goes on.
    #[error("the transport sends to its peer only")]
    OnlyToPeer,
    /// What was to be written does not convert into a packet. The session goes on.
    #[error("not a valid packet: {0}")]
    InvalidPacket(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

/// Why [`try_write`](crate::LocalStream::try_write) did not take a packet.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TryWriteError<P> {
    /// The transport is behind by [`send_queue`](crate::SessionOptions::send_queue) packets, or other writers wait.
    /// Here is the packet.
    #[error("the send queue is full")]
    Full(P),
    /// The session has ended, or does not take this packet.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// Why a stream could not be bound.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The chain refused: the SSRC is taken, there are too many streams, or an interceptor does not want it.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The session has ended.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The information given for an [`IncomingStream`](crate::IncomingStream), or to amend a stream, does not have its SSRC.
    #[error("the stream information lacks SSRC {ssrc:#010x}")]
    ForeignInfo {
        /// The SSRC that it should have.
        ssrc: u32,
    },
}

/// Why a session did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// An option lies outside its range.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The registry could not build the chain: a value of the chain's configuration outside its range, or a factory that
    /// could not build its interceptor. It says which.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Not called from within a tokio runtime.
    #[error("a session needs a tokio runtime with time enabled around it")]
    NoRuntime,
    /// The operating system gave no randomness for the seed.
    #[error("no randomness for the seed: {0}")]
    Seed(String),
}
