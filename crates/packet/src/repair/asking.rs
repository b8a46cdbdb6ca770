//! What asking leaves lost, and what answers take.

use std::time::Duration;

use super::chain::{Chain, bounded};
use super::{LossyPath, RepairNeeds};

/// Copies of a request, and of its answer, leave so long after one another at least: long enough for most that drops a packet to be over, and short
/// beside a round trip.
pub const COPY_SPACING: Duration = Duration::from_millis(8);

/// What is left of the deadline for handing packets on.
const RESERVE: f64 = 0.010;
/// A request is repeated after so many round trips …
const REPEAT: f64 = 1.1;
/// … at least so much later.
const MIN_REPEAT: f64 = 0.020;
/// Bytes of a request beside those of a packet of media.
const REQUEST_COST: f64 = 0.04;

/// How often is asked for a packet, and how often each request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Copies {
    pub(super) requests: u8,
    pub(super) answers: u8,
}

/// A path and what asking on it is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    pub(super) chain: Chain,
    /// In seconds.
    rtt: f64,
    deadline: f64,
    /// Between two packets.
    interval: f64,
}

impl Asking {
    pub(super) fn new(path: LossyPath, needs: RepairNeeds) -> Self {
        let chain = Chain::new(path.loss, path.burst_packets);
        let burst = bounded(path.burst_packets, 1.0, 10_000.0);
        let even = 1.0 / bounded(needs.packets_per_second, 1.0, 1e6);
        let lasts = path.burst_duration.as_secs_f64() / burst;
        let interval = if lasts > 0.0 { lasts } else { even };
        Self { chain, rtt: path.rtt.as_secs_f64(), deadline: needs.deadline.as_secs_f64(), interval }
    }

    /// Requests that can be answered within the deadline, less `late` seconds of it.
    pub(super) fn tries(&self, copies: Copies, late: f64) -> i32 {
        let spent = f64::from(copies.answers.max(copies.requests) - 1) * COPY_SPACING.as_secs_f64();
        let left = (self.deadline - RESERVE - spent - late).max(0.0);
        (left / (REPEAT * self.rtt).max(MIN_REPEAT)).floor().min(100.0) as i32
    }

    /// What one request fails with.
    pub(super) fn failure(&self, copies: Copies) -> f64 {
        let request = self.chain.loss.powi(copies.requests.into());
        let first = self.chain.lost_after_lost((REPEAT * self.rtt).max(MIN_REPEAT) / self.interval);
        let next = self.chain.lost_after_lost(COPY_SPACING.as_secs_f64() / self.interval);
        let answer = first * next.powi(i32::from(copies.answers) - 1);
        1.0 - (1.0 - request) * (1.0 - answer)
    }

    /// When a request fails for a lost packet, how likely it does for the one beside it, if that is lost too: they share the request, and their answers
    /// leave behind one another.
    pub(super) fn failure_beside(&self, copies: Copies) -> f64 {
        let failure = self.failure(copies);
        let request = self.chain.loss.powi(copies.requests.into());
        let answer = (failure - request) / (1.0 - request);
        let both = request + (1.0 - request) * answer * self.chain.lost_after_lost(1.0);
        if failure > 0.0 { both / failure } else { 0.0 }
    }

    /// How likely a run of losses goes on for as long as so many requests take.
    pub(super) fn outlasts(&self, tries: i32) -> f64 {
        let packets = f64::from(tries) * (REPEAT * self.rtt).max(MIN_REPEAT) / self.interval;
        self.chain.lost_after_lost(1.0).powf(packets)
    }

    /// What answers and requests take beside the media, when a part `after_first` of what the first request leaves is asked for again.
    pub(super) fn overhead(&self, copies: Copies, tries: i32, after_first: f64) -> f64 {
        let failure = self.failure(copies);
        let again: f64 = (1..tries).map(|index| failure.powi(index)).sum();
        let asked = if tries > 0 { 1.0 + after_first * again } else { 0.0 };
        let arrives = 1.0 - self.chain.loss.powi(copies.requests.into());
        let cost = arrives * f64::from(copies.answers) + REQUEST_COST * f64::from(copies.requests);
        self.chain.loss * asked * cost
    }
}
