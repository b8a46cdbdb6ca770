//! What RFC 3550 computes about a source: sequence numbers received and lost (A.1, A.3), interarrival jitter (A.8).
//!
//! Pure structures without packets, clocks or allocation; reports, statistics and tools share them, so that all of
//! them say the same about one stream.
//!
//! ```
//! use interceptor_packet::rfc3550::{Mark, SourceState};
//! let mut source = SourceState::default();
//! let mark = Mark::default();
//! for seq in [65_534, 65_535, 1] {
//!     source.update(seq);
//! }
//! assert_eq!((source.extended_highest(), source.cumulative_lost()), (0x1_0001, 1));
//! assert_eq!(source.since(mark).fraction(), 64); // one of four
//! ```

mod jitter;
mod loss;
mod source;

pub use jitter::{Jitter, JitterRule};
pub use loss::{Interval, Mark, clamp_cumulative, fraction_lost};
pub use source::{Arrival, MAX_DROPOUT, MAX_MISORDER, MIN_SEQUENTIAL, SourceState};

#[cfg(test)]
mod tests;
