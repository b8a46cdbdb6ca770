//! Interceptors around a stream of messages: limits, pacing, counts and hooks on any Stream or Sink.

mod meter;

pub use interceptor_token_bucket::{Rate, RateError};
pub use meter::{
    Cause, Direction, Excess, Lane, LimitsError, Meter, Metered, Pace, StreamLimits, StreamStats, Traffic,
    Verdict,
};
