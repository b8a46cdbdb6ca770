//! What hooks return when they fail, and what the chain's own calls refuse.

use std::error::Error as StdError;
use std::fmt;

use crate::OptionsError;

/// The result of a hook.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a hook failed: any error type converts into it with `?`.
///
/// A hook's error never loses the packet: the chain counts it, hands it to
/// [`Interceptor::handle_error`](crate::Interceptor::handle_error) and passes the packet on.
pub struct Error(Box<dyn StdError + Send + Sync>);

impl Error {
    /// An error that is only a message.
    pub fn msg(message: impl Into<String>) -> Self {
        Self(message.into().into())
    }

    /// The wrapped error, if it is an `E`.
    #[must_use]
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }

    /// The wrapped error.
    #[must_use]
    pub fn as_dyn(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Why a [`Chain`](crate::Chain) refused a call. Packets never cause one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The SSRC (media, RTX or FEC) is bound in this direction already.
    #[error("SSRC {ssrc:#010x} is bound in this direction already")]
    SsrcInUse {
        /// The SSRC that is taken.
        ssrc: u32,
    },
    /// No stream with this media SSRC is bound in this direction.
    #[error("no stream with SSRC {ssrc:#010x} is bound in this direction")]
    UnknownSsrc {
        /// The SSRC that was asked for.
        ssrc: u32,
    },
    /// [`Limits::max_streams`](crate::Limits::max_streams) is reached.
    #[error("{limit} streams are bound in this direction, the most that the limits allow")]
    TooManyStreams {
        /// The limit in force.
        limit: usize,
    },
    /// The stream's description says what cannot be.
    #[error("StreamInfo::{field} is {value}, it has to be {range}")]
    InvalidStream {
        /// The field of [`StreamInfo`](crate::StreamInfo).
        field: &'static str,
        /// Its value.
        value: String,
        /// What would be right.
        range: &'static str,
    },
    /// A factory could not make the interceptor to insert.
    #[error("building interceptor `{interceptor}` failed: {source}")]
    Build {
        /// Its name.
        interceptor: &'static str,
        /// What the factory said.
        source: BuildError,
    },
    /// The chain holds as many interceptors as it can address.
    #[error("a chain holds at most {limit} interceptors")]
    TooManyInterceptors {
        /// The limit in force.
        limit: usize,
    },
    /// An interceptor refused the stream or its change; those before it were told the way back.
    #[error("interceptor `{interceptor}` refused the stream: {error}")]
    Refused {
        /// Its name.
        interceptor: &'static str,
        /// What it said.
        error: Error,
    },
    /// The chain is closed.
    #[error("the chain is closed")]
    Closed,
    /// Closing failed in these interceptors; all the others were closed all the same.
    #[error("closing failed in {}", list(.0))]
    Close(Vec<(&'static str, Error)>),
}

fn list(errors: &[(&'static str, Error)]) -> String {
    let texts: Vec<String> = errors.iter().map(|(name, error)| format!("`{name}`: {error}")).collect();
    texts.join("; ")
}

/// Why a [`Factory`](crate::Factory) could not build.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct BuildError(Box<dyn StdError + Send + Sync>);

impl BuildError {
    /// A refusal with its reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into().into())
    }

    /// Another error is the reason. It says what that says, and [`downcast_ref`](Self::downcast_ref) gives it back.
    pub fn caused_by(error: impl StdError + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }

    /// The error that was the reason, if it is an `E`.
    #[must_use]
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }
}

/// Why a [`Registry`](crate::Registry) could not build a chain. What was built before was closed, in reverse order.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The connection's configuration says what cannot be; nothing was built.
    #[error(transparent)]
    Config(#[from] OptionsError),
    /// A factory failed.
    #[error("building interceptor `{interceptor}` failed: {source}")]
    Factory {
        /// The interceptor.
        interceptor: &'static str,
        /// What its factory said.
        source: BuildError,
    },
}

impl RegistryError {
    /// The interceptor whose factory failed.
    #[must_use]
    pub const fn interceptor(&self) -> Option<&'static str> {
        match self {
            Self::Factory { interceptor, .. } => Some(interceptor),
            Self::Config(_) => None,
        }
    }
}
