//! What became of the packets that did not come when they were first sent: back by RTX, by FEC, by being sent again, or gone.
//!
//! Sequence numbers only, no payload is put together: a capture that holds headers and the start of each payload will do.
//! Of each stream the newest [`WINDOW`] numbers are open, those before are settled as they stand.
//!
//! | what comes | of a number that | what follows |
//! |---|---|---|
//! | newer packet | | the numbers in between are missing, the loss shows |
//! | late packet | is missing, nobody was seen to ask for it | reordered: not lost. Without any request in the capture: see [`lateness`] |
//! | | is missing and was asked for | back by repeat |
//! | | came by RTX and was not asked for again | the original was overtaken by its copy: not lost, a copy too many |
//! | | can be recovered | not lost; if asked for and not by RTX: a copy too many |
//! | one more copy | came late, more often than it was asked for | the late one was the original: not lost |
//! | | came | a copy too many |
//! | retransmission | is missing | back by RTX |
//! | | came | a copy too many |
//! | repair packet | is the only one that is missing of those protected | back by FEC, which may make another the only one |

pub(super) mod fec;
mod lateness;
mod losses;
mod matching;
mod open;
mod requests;
mod spans;
mod tally;
mod times;

use std::time::Duration;

pub(super) use self::losses::Losses;
pub(super) use self::requests::Requests;
pub(super) use self::tally::{Relation, Tally};
pub use self::times::RecoveryMs;

/// Time since the start of the capture, less than a thousand years.
type Micros = u64;

/// The numbers of a stream that are open, counted from the newest: as many as figures and receivers keep.
const WINDOW: u64 = 4096;

/// What is known of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    There,
    /// Missing, or yet to come.
    Wanted,
    /// From before the first packet, settled, or too far ahead.
    Unknown,
}

/// A packet of another stream that may be a retransmission.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copied {
    /// The number of what it repeats.
    pub(super) seq: u16,
    pub(super) timestamp: u32,
    pub(super) at: Micros,
}

/// Times are bounded before they come here, so nothing is cut off.
pub(super) const fn micros(at: Duration) -> Micros {
    at.as_micros() as Micros
}
