//! What RFC 3550 computes about a source: sequence numbers received and lost (A.1, A.3), interarrival jitter (A.8).
//!
//! Pure structures without packets or clocks; reports, statistics and tools share them, so that all of them say the same
//! about one stream.
//!
//! ```
//! use std::time::Duration;
//! use interceptor_packet::rfc3550::{Mark, SourceState};
//!
//! let mut source = SourceState::default();
//! let mark = Mark::default();
//! // A packet of 20 ms each, on a clock of 8 kHz.
//! let mut receive = |seq: u16, number: u32| {
//!     source.update(seq, 160 * number, Duration::from_millis(20) * number, 8000)
//! };
//! for (seq, number) in [(65_534, 0), (65_535, 1), (1, 3)] {
//!     receive(seq, number);
//! }
//! assert_eq!((source.extended_highest(), source.cumulative_lost()), (0x1_0001, 1));
//! assert_eq!(source.since(mark).fraction(), 64); // one of four
//! ```

mod arrival;
mod history;
mod irregular;
mod jitter;
mod loss;
mod missing;
mod pace;
mod source;
mod ticks;

pub use arrival::Arrival;
pub use irregular::{MAX_DROPOUT, MAX_MISORDER};
pub use jitter::{Jitter, JitterRule};
pub use loss::{Interval, Mark, clamp_cumulative, fraction_lost};
pub use source::{MIN_SEQUENTIAL, SourceState};

#[cfg(test)]
mod tests;
