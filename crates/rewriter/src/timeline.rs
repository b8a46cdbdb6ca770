//! Timestamps of the outgoing stream: how far they advance from one source to the next.

use std::time::{Duration, Instant};

use interceptor_packet::RtpClock;

use crate::SourceId;
use crate::reports::Reports;

/// A receiver takes a larger step for one back (RFC 3550 §5.1: timestamps wrap).
const MAX_STEP: i64 = i32::MAX as i64;

/// No packet comes later than this; a clock that is further back has been set (or ran on for more than half a lap).
const MAX_LATE: Duration = Duration::from_secs(10);

/// Where the outgoing stream's clock stands.
#[derive(Debug)]
pub(crate) struct Timeline {
    clock: RtpClock,
    /// The first timestamp of all.
    first: u32,
    newest: Option<Newest>,
}

/// The newest frame that was sent.
#[derive(Clone, Copy, Debug)]
struct Newest {
    outgoing: u32,
    source: SourceId,
    timestamp: u32,
    /// When its first packet was sent.
    at: Instant,
}

/// By what a source was joined to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// There was none before it.
    First,
    /// It is the one before it, whose clock went on.
    SameClock,
    /// By the sender reports of both.
    Reports,
    /// By the time between them; `true`: there were reports, which say something else.
    Elapsed { disagree: bool },
}

impl Timeline {
    pub(crate) const fn new(clock_rate: u32, first: u32) -> Self {
        Self { clock: RtpClock::new(clock_rate), first, newest: None }
    }

    /// What `timestamp` of `source`, the first that is sent of it, is short of in the outgoing stream.
    pub(crate) fn join(
        &self,
        (source, timestamp): (SourceId, u32),
        now: Instant,
        reports: &Reports,
        tolerance: Duration,
    ) -> (u32, Joint) {
        let Some(newest) = self.newest else { return (self.first.wrapping_sub(timestamp), Joint::First) };
        let elapsed = self.clock.units(now.saturating_duration_since(newest.at));
        let elapsed = i64::try_from(elapsed).unwrap_or(i64::MAX);
        let tolerated = |step: &i64| step.abs_diff(elapsed) <= self.clock.units(tolerance);
        let same = newest.source == source;
        let own = same.then(|| i64::from(RtpClock::difference(timestamp, newest.timestamp)));
        let reported =
            || reports.distance((newest.source, newest.timestamp), (source, timestamp), self.clock);
        let (said, joint) = match own {
            Some(step) => (Some(step), Joint::SameClock),
            None => (reported(), Joint::Reports),
        };
        let (step, joint) = match said.filter(tolerated) {
            Some(step) => (step, joint),
            None => (elapsed, Joint::Elapsed { disagree: said.is_some() && !same }),
        };
        // A new frame has a timestamp of its own.
        let step = step.clamp(1, MAX_STEP) as u32;
        (newest.outgoing.wrapping_add(step).wrapping_sub(timestamp), joint)
    }

    /// [`MAX_LATE`] in units of the clock.
    pub(crate) fn max_late(&self) -> i64 {
        i64::try_from(self.clock.units(MAX_LATE)).unwrap_or(i64::MAX)
    }

    /// A packet is sent; `ahead`: none of its source with a later number has been sent.
    #[inline]
    pub(crate) fn sent(
        &mut self,
        outgoing: u32,
        (source, timestamp): (SourceId, u32),
        ahead: bool,
        now: Instant,
    ) {
        let newer = |newest: &Newest| {
            let units = RtpClock::difference(outgoing, newest.outgoing);
            let near = i64::from(units).abs() <= self.max_late();
            // What is late is of the clock that was: far away it says nothing of where this one stands.
            if units > 0 { ahead || near } else { ahead && !near }
        };
        if self.newest.as_ref().is_none_or(newer) {
            self.newest = Some(Newest { outgoing, source, timestamp, at: now });
        }
    }
}
