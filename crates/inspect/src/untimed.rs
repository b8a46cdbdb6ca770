//! Packets of which the capture does not say when they came.

use std::collections::HashSet;

use super::Endpoints;
use super::problem::Problem;
use super::summary::{StreamSummary, TimestampJumps};

/// The flows that have such packets: nothing of theirs that is made of times is shown.
#[derive(Debug, Default)]
pub(super) struct Untimed {
    packets: u64,
    flows: HashSet<Endpoints, foldhash::fast::FixedState>,
    /// Some flow of theirs could not be remembered.
    overflowed: bool,
}

impl Untimed {
    /// A packet came; `limit` flows are told apart.
    #[cold]
    pub(super) fn saw(&mut self, endpoints: Endpoints, limit: usize) {
        self.packets += 1;
        if self.flows.len() < limit {
            self.flows.insert(endpoints);
        } else if !self.flows.contains(&endpoints) {
            self.overflowed = true;
        }
    }

    pub(super) fn problem(&self) -> Option<Problem> {
        (self.packets > 0).then_some(Problem::UnknownTimes { packets: self.packets })
    }

    /// Takes from a stream what would be made of times that nobody knows.
    pub(super) fn strip(&self, stream: &mut StreamSummary) {
        if self.packets > 0 {
            // Round trips are between two flows; it would not be known which of them has no times.
            stream.rtt_ms = None;
        }
        if !self.overflowed && !self.flows.contains(&Endpoints::new(stream.src, stream.dst)) {
            return;
        }
        (stream.start_seconds, stream.end_seconds) = (None, None);
        (stream.jitter_ms, stream.delta_ms) = (None, None);
        (stream.skew_ms, stream.drift_ppm, stream.drift_error_ppm) = (None, None, None);
        stream.timestamp_jumps = TimestampJumps::default();
        if let Some(repair) = &mut stream.repair {
            repair.recovery_ms = None;
        }
        if stream.clock_guessed {
            (stream.clock_rate, stream.clock_guessed) = (None, false);
        }
    }
}
