//! Limits on RTP streams: packets and bytes a second, streams, and what happens beyond: drop, mark, wait or stop.

mod abandoned;
mod bounds;
mod connection;
mod counters;
mod event;
mod excursions;
mod factory;
mod gate;
mod handle;
mod interceptor;
mod meter;
mod options;
mod passing;
mod releasing;
mod side;
mod stream;

pub use bounds::{Bounds, Policy, Rates};
pub use counters::LimitCounters;
pub use event::{Excess, OverLimit, Reached, TooManyStreams};
pub use factory::{LimitFactory, RemoteLimitFactory};
pub use handle::{LimitHandle, LimitTotals, Scope, StreamLimit, Way};
pub use interceptor::Limit;
pub use interceptor_core::OptionsError;
pub use interceptor_token_bucket::{Rate, RateError};
pub use options::LimitOptions;
pub use stream::LimitedStream;
