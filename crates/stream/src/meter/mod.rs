//! What a stream of messages may do and what it has done: limits, verdicts and counts, without a clock or a runtime.

mod both;
mod cause;
mod direction;
mod lane;
mod limits;
mod pace;
mod rates;
mod shared;
mod stats;
mod tally;

pub use cause::Cause;
pub use direction::Direction;
pub use lane::{Lane, Verdict};
pub use limits::{LimitsError, StreamLimits};
pub use pace::{Excess, Pace};
pub use shared::{Meter, Metered};
pub use stats::{StreamStats, Traffic};
