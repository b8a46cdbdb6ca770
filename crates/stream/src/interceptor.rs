//! The trait: what a small piece of work around the messages of a stream may do.

use std::error::Error;
use std::time::Duration;

use crate::{Direction, StreamError, StreamStats};

/// Any error, for hooks: `?` makes one of every error type, and `.into()` of a string.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What becomes of a message after a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It goes on, as the hook has left it.
    Forward,
    /// It ends here, and is counted as consumed; the stream goes on.
    Consumed,
}

/// About a message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageContext {
    /// Which way it goes.
    pub direction: Direction,
    /// Messages that have passed in this direction before it.
    pub number: u64,
    /// Its size, by the size function; 0 without one.
    pub bytes: u64,
    /// How long the stream has been open.
    pub elapsed: Duration,
    /// How long it was held back so far.
    pub waited: Duration,
}

/// How a stream ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Ending<'a, E> {
    /// It came to its end: everything was read, and what was to be sent was closed.
    Finished,
    /// It failed, or was ended by a limit, an interceptor or a handle.
    Failed(&'a StreamError<E>),
    /// It was dropped before its end.
    Dropped,
}

/// A small piece of work around the messages `M` of a stream whose own errors are `E`.
///
/// Each hook may keep state in `self`, which the directions share: a stream has its own interceptors. What a hook does not override does nothing.
/// The [crate's documentation](crate) says what is called when.
///
/// ```
/// use interceptor_stream::{BoxError, Flow, MessageContext, MessageInterceptor};
///
/// /// Numbers what is sent, and refuses to send nothing.
/// struct Number;
///
/// impl<E> MessageInterceptor<String, E> for Number {
///     fn sent(&mut self, line: &mut String, cx: &MessageContext) -> Result<Flow, BoxError> {
///         if line.is_empty() {
///             return Err("an empty line".into());
///         }
///         *line = format!("{} {line}", cx.number);
///         Ok(Flow::Forward)
///     }
/// }
/// ```
pub trait MessageInterceptor<M, E> {
    /// A message from the peer, after the limits.
    ///
    /// # Errors
    /// The message is refused and the stream ends with [`StreamError::Interceptor`].
    fn received(&mut self, message: &mut M, cx: &MessageContext) -> Result<Flow, BoxError> {
        let _ = (message, cx);
        Ok(Flow::Forward)
    }

    /// A message to the peer, before the limits: its size is taken after all hooks.
    ///
    /// # Errors
    /// The message is refused and the stream ends with [`StreamError::Interceptor`].
    fn sent(&mut self, message: &mut M, cx: &MessageContext) -> Result<Flow, BoxError> {
        let _ = (message, cx);
        Ok(Flow::Forward)
    }

    /// A message has passed: it is counted, and [`cx`](MessageContext) has its final size and how long it waited.
    fn passed(&mut self, cx: &MessageContext) {
        let _ = cx;
    }

    /// An error on its way to the application: to be passed on, with [more context](StreamError::context) or as another one.
    fn error(&mut self, error: StreamError<E>, direction: Direction) -> StreamError<E> {
        let _ = direction;
        error
    }

    /// The stream is over. Called once, whatever happens, at the latest when the stream is dropped.
    fn ended(&mut self, ending: &Ending<'_, E>, stats: &StreamStats) {
        let _ = (ending, stats);
    }
}
