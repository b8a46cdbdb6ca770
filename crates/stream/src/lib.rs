//! Interceptors around a stream of messages: limits, pacing, counts and hooks on any Stream or Sink.

#[cfg(feature = "tokio")]
mod clock;
#[cfg(feature = "tokio")]
mod compose;
#[cfg(feature = "tokio")]
mod error;
#[cfg(feature = "tokio")]
mod handle;
#[cfg(feature = "tokio")]
mod intercept;
#[cfg(feature = "tokio")]
mod intercepted;
#[cfg(feature = "tokio")]
mod interceptor;
#[cfg(feature = "tokio")]
mod keep;
mod meter;
#[cfg(feature = "tokio")]
mod size;
#[cfg(feature = "tokio")]
mod timer;

#[cfg(feature = "tokio")]
pub use error::{Reason, StreamError};
#[cfg(feature = "tokio")]
pub use handle::StreamHandle;
#[cfg(feature = "tokio")]
pub use intercept::Intercept;
#[cfg(feature = "tokio")]
pub use intercepted::Intercepted;
#[cfg(feature = "tokio")]
pub use interceptor::{BoxError, Ending, Flow, MessageContext, MessageInterceptor};
pub use interceptor_token_bucket::{Rate, RateError};
#[cfg(feature = "tokio")]
pub use keep::Keep;
pub use meter::{
    Cause, Direction, Excess, Lane, LimitsError, Meter, Metered, Pace, StreamLimits, StreamStats, Traffic,
    Verdict,
};
#[cfg(feature = "tokio")]
pub use size::{MessageSize, NoSize};
