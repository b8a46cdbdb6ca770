//! Why an operation on a stream failed.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::{BoxError, Cause};

/// What was said to [`StreamHandle::cancel`](crate::StreamHandle::cancel); both directions get it.
pub type Reason = Arc<dyn Error + Send + Sync>;

/// Why an operation on a stream failed, whose own errors are `E`. After any of them the stream is over.
#[derive(Debug)]
#[non_exhaustive]
pub enum StreamError<E> {
    /// The wrapped stream itself failed.
    Inner(E),
    /// A limit ended it.
    Limit(Cause),
    /// A handle ended it, for this reason.
    Cancelled(Reason),
    /// An interceptor refused a message.
    Interceptor(BoxError),
    /// It was over before: it had failed, or was closed, or has no such direction.
    Over,
    /// One of these, with what an interceptor has to say about it.
    Context {
        /// What was being done, or with whom.
        context: Cow<'static, str>,
        /// What failed.
        error: Box<Self>,
    },
}

impl<E> StreamError<E> {
    /// The same error, with `context` before it.
    #[must_use]
    pub fn context(self, context: impl Into<Cow<'static, str>>) -> Self {
        Self::Context { context: context.into(), error: Box::new(self) }
    }

    /// The error without any context.
    #[must_use]
    pub fn root(&self) -> &Self {
        let mut root = self;
        while let Self::Context { error, .. } = root {
            root = error;
        }
        root
    }

    /// The limit that ended the stream, if it was one.
    #[must_use]
    pub fn limit(&self) -> Option<Cause> {
        match self.root() {
            Self::Limit(cause) => Some(*cause),
            _ => None,
        }
    }

    /// The stream's own error, if it was one, without context.
    #[must_use]
    pub fn into_inner(self) -> Option<E> {
        let mut root = self;
        while let Self::Context { error, .. } = root {
            root = *error;
        }
        match root {
            Self::Inner(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for StreamError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inner(error) => error.fmt(f),
            Self::Limit(cause) => cause.fmt(f),
            Self::Cancelled(reason) => write!(f, "cancelled: {reason}"),
            Self::Interceptor(error) => error.fmt(f),
            Self::Over => f.write_str("the stream is over"),
            Self::Context { context, error } => write!(f, "{context}: {error}"),
        }
    }
}

impl<E: Error + 'static> Error for StreamError<E> {
    /// What is not printed already: the source of a stream's or an interceptor's own error.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Inner(error) => error.source(),
            Self::Cancelled(reason) => reason.source(),
            Self::Interceptor(error) => error.source(),
            Self::Context { error, .. } => error.source(),
            Self::Limit(_) | Self::Over => None,
        }
    }
}
