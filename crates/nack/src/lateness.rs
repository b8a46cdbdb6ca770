//! What late packets tell about reordering, and what duplicates tell about late packets.

use std::collections::VecDeque;
use std::time::Duration;

use crate::reorder::{ReorderEstimator, Tolerance};

/// The newest packets that may have been answers.
const MAX_DOUBTFUL: usize = 32;

/// A stream's reordering, told apart from the answers to its requests.
#[derive(Debug, Default)]
pub(crate) struct Lateness {
    estimator: ReorderEstimator,
    doubtful: VecDeque<Doubtful>,
}

/// A packet that came after it had been asked for. If it comes once more, one of the two was the late original, and
/// the request was for nothing (as a duplicate acknowledgement, RFC 2883, shows a needless retransmission).
#[derive(Clone, Copy, Debug)]
struct Doubtful {
    seq: i64,
    packets: u64,
    delay: Duration,
}

impl Lateness {
    /// A late original.
    pub(crate) fn late(&mut self, packets: u64, delay: Duration, now: u64) {
        self.estimator.record(packets, delay, now);
    }

    /// A late original or the answer to a request.
    pub(crate) fn late_or_answer(&mut self, seq: i64, packets: u64, delay: Duration) {
        if self.doubtful.len() >= MAX_DOUBTFUL {
            self.doubtful.pop_front();
        }
        self.doubtful.push_back(Doubtful { seq, packets, delay });
    }

    /// A packet came again.
    pub(crate) fn duplicate(&mut self, seq: i64, now: u64) {
        let Some(place) = self.doubtful.iter().position(|doubtful| doubtful.seq == seq) else { return };
        if let Some(late) = self.doubtful.remove(place) {
            self.estimator.record(late.packets, late.delay, now);
        }
    }

    /// What has to pass before a packet is asked for.
    pub(crate) fn tolerance(&mut self, now: u64) -> Tolerance {
        self.estimator.tolerance(now)
    }
}
