//! When the next report is due: RFC 3550 §6.3 with timer reconsideration, or a fixed interval with jitter.

use std::time::{Duration, Instant};

use crate::RtcpInterval;
use crate::interval::{AverageSize, Census, MINIMUM, SHORTEST, compensated, deterministic, randomized};

/// What to do when the timer has fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Send a report.
    Now,
    /// Wait until then.
    At(Instant),
    /// No stream has started the timer.
    Never,
}

/// The report timer of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    rule: RtcpInterval,
    /// §6.3 `tp`: when the last report left.
    last: Instant,
    /// §6.3 `tn`: when the next is due; `None` while nothing is bound.
    next: Option<Instant>,
    /// No report has left yet.
    initial: bool,
    average: AverageSize,
    /// §6.3 `pmembers`: members when `next` was computed.
    members: u64,
}

impl Schedule {
    pub(crate) const fn new(rule: RtcpInterval, now: Instant, first_size: usize) -> Self {
        Self { rule, last: now, next: None, initial: true, average: AverageSize::new(first_size), members: 1 }
    }

    /// Starts the timer if it does not run; says when the first report is due.
    pub(crate) fn start(&mut self, now: Instant, census: Census, random: u32) -> Option<Instant> {
        if self.next.is_some() {
            return None;
        }
        self.last = now;
        Some(self.plan(now, census, random))
    }

    /// The last stream has gone.
    pub(crate) const fn stop(&mut self) {
        self.next = None;
    }

    /// The timer has fired, perhaps early. §6.3.6: the interval is drawn anew, as the session may have grown since.
    pub(crate) fn check(&mut self, now: Instant, census: Census, random: u32) -> Due {
        let Some(next) = self.next else { return Due::Never };
        if now < next {
            return Due::At(next);
        }
        if matches!(self.rule, RtcpInterval::Fixed(_)) {
            return Due::Now;
        }
        let reconsidered = self.plan(self.last, census, random);
        if reconsidered <= now { Due::Now } else { Due::At(reconsidered) }
    }

    /// A report has left; says when the next is due. A late timer costs its delay and no burst after it.
    pub(crate) fn sent(&mut self, now: Instant, census: Census, random: u32) -> Instant {
        self.last = now;
        self.initial = false;
        self.plan(now, census, random)
    }

    /// §6.3.3: an RTCP datagram was sent or received.
    pub(crate) const fn count(&mut self, payload_bytes: usize) {
        self.average.add(payload_bytes);
    }

    /// §6.3.4 reverse reconsideration: members have left, so the others' turns come sooner.
    pub(crate) fn members_left(&mut self, now: Instant, members: u64) -> Option<Instant> {
        let (next, before) = (self.next?, self.members);
        if members >= before || matches!(self.rule, RtcpInterval::Fixed(_)) {
            return None;
        }
        let share = |span: Duration| {
            let nanos = span.as_nanos() * u128::from(members) / u128::from(before.max(1));
            Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
        };
        let sooner = now + share(next.saturating_duration_since(now));
        self.last = now.checked_sub(share(now.saturating_duration_since(self.last))).unwrap_or(self.last);
        self.members = members;
        self.next = Some(sooner);
        Some(sooner)
    }

    /// §6.3.5: how long a member may be silent, and how long a sender may send nothing.
    pub(crate) fn timeouts(&self, census: Census) -> (Duration, Duration) {
        (self.interval(census, MINIMUM) * 5, self.interval(census, self.minimum()) * 2)
    }

    fn plan(&mut self, from: Instant, census: Census, random: u32) -> Instant {
        self.members = census.members;
        let wait = match self.rule {
            RtcpInterval::Fixed(interval) if self.initial => randomized(interval / 2, random),
            RtcpInterval::Fixed(interval) => randomized(interval, random),
            RtcpInterval::Rfc3550 { .. } => {
                let minimum = if self.initial { self.minimum() / 2 } else { self.minimum() };
                compensated(randomized(self.interval(census, minimum), random))
            }
        };
        // A wait that no clock can express is a year: the timer stays finite.
        let next = from.checked_add(wait).unwrap_or(from + Duration::from_secs(31_536_000));
        self.next = Some(next);
        next
    }

    fn interval(&self, census: Census, minimum: Duration) -> Duration {
        match self.rule {
            RtcpInterval::Fixed(interval) => interval,
            RtcpInterval::Rfc3550 { session_bandwidth, .. } => {
                // §6.2: 5 % of the session's bits, as bytes.
                deterministic(census, session_bandwidth / 160, self.average, minimum)
            }
        }
    }

    fn minimum(&self) -> Duration {
        match self.rule {
            RtcpInterval::Rfc3550 { session_bandwidth, reduced_minimum: true } => {
                let reduced = Duration::from_micros(360_000_000_000 / session_bandwidth.max(1));
                reduced.clamp(SHORTEST, MINIMUM)
            }
            _ => MINIMUM,
        }
    }
}
