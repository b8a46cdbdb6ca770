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

    /// Are there fewer members now than when the next report was planned?
    pub(crate) const fn has_lost_members(&self, members: u64) -> bool {
        members < self.members
    }

    /// §6.3.4 reverse reconsideration: members have left, so the others' turns come sooner.
    pub(crate) fn members_left(&mut self, now: Instant, members: u64) -> Option<Instant> {
        let (next, before) = (self.next?, self.members);
        if !self.has_lost_members(members) || matches!(self.rule, RtcpInterval::Fixed(_)) {
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

#[cfg(test)]
mod tests {
    use interceptor_test::Clock;
    use rand::rngs::SmallRng;
    use rand::{RngCore, SeedableRng};

    use super::*;

    const SESSION: RtcpInterval =
        RtcpInterval::Rfc3550 { session_bandwidth: 128_000, reduced_minimum: false };

    fn census(members: u64) -> Census {
        Census { members, senders: 1, we_sent: false }
    }

    /// Seconds from each report to the next, with `members(seconds)` members.
    fn waits(rule: RtcpInterval, reports: usize, members: impl Fn(u64) -> u64) -> Vec<f64> {
        let clock = Clock::new();
        let mut rng = SmallRng::seed_from_u64(1);
        let mut schedule = Schedule::new(rule, clock.now(), 72);
        let mut now = schedule.start(clock.now(), census(1), rng.next_u32()).unwrap();
        let mut last = clock.now();
        let mut waits = Vec::new();
        while waits.len() < reports {
            let census = census(members((now - clock.now()).as_secs()));
            match schedule.check(now, census, rng.next_u32()) {
                Due::Never => panic!("it was started"),
                Due::At(next) => now = next,
                Due::Now => {
                    waits.push((now - last).as_secs_f64());
                    last = now;
                    now = schedule.sent(now, census, rng.next_u32());
                }
            }
        }
        waits
    }

    #[test]
    fn reconsideration_keeps_the_mean_at_the_interval() {
        // 1000 members share 3/4 of 800 bytes a second: 100 bytes each take 999 · 100 / 600 s.
        let waits = waits(SESSION, 20_000, |_| 1000);
        let mean = waits.iter().sum::<f64>() / waits.len() as f64;
        assert!((mean / 166.5 - 1.0).abs() < 0.01, "{mean}");
        let shortest = waits.iter().skip(1).fold(f64::MAX, |a, b| a.min(*b));
        let longest = waits.iter().fold(0.0_f64, |a, b| a.max(*b));
        assert!(shortest > 166.5 * 0.5 / 1.2183 && longest < 166.5 * 1.5 / 1.2182, "{shortest}..{longest}");
    }

    #[test]
    fn a_crowd_that_joins_at_once_delays_the_first_report() {
        // Alone, the first report would come within 1.03..3.08 s (half the minimum).
        let alone = waits(SESSION, 1, |_| 1)[0];
        assert!((1.0261..3.0781).contains(&alone), "{alone}");
        let crowded = waits(SESSION, 1, |_| 1000)[0];
        assert!(crowded > 60.0, "{crowded}");
    }

    #[test]
    fn a_fixed_interval_varies_by_half_and_starts_with_half() {
        let waits = waits(RtcpInterval::default(), 5000, |_| 2);
        assert!((0.25..0.75).contains(&waits[0]));
        assert!(waits[1..].iter().all(|wait| (0.5..1.5).contains(wait)));
        let mean = waits.iter().sum::<f64>() / waits.len() as f64;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
    }

    #[test]
    fn when_members_leave_the_wait_shrinks_in_proportion() {
        let clock = Clock::new();
        let mut schedule = Schedule::new(SESSION, clock.now(), 72);
        let next = schedule.start(clock.now(), census(1000), 0).unwrap();
        let wait = next - clock.now();
        let halfway = clock.now() + wait / 2;
        assert_eq!(schedule.members_left(halfway, 1000), None);
        let sooner = schedule.members_left(halfway, 250).unwrap();
        assert_eq!(sooner - halfway, (next - halfway) / 4);
        assert_eq!(halfway - schedule.last, (halfway - clock.now()) / 4);
        // The same members leave only once.
        assert_eq!(schedule.members_left(halfway, 250), None);
    }

    #[test]
    fn a_late_timer_sends_once_and_goes_on_from_there() {
        let mut clock = Clock::new();
        let mut schedule = Schedule::new(RtcpInterval::default(), clock.now(), 72);
        assert_eq!(schedule.check(clock.now(), census(2), 0), Due::Never);
        let first = schedule.start(clock.now(), census(2), 0).unwrap();
        assert_eq!(schedule.start(clock.now(), census(2), 0), None, "it runs already");
        assert_eq!(schedule.check(clock.now(), census(2), 0), Due::At(first));
        let late = clock.advance(Duration::from_secs(60));
        assert_eq!(schedule.check(late, census(2), 0), Due::Now);
        assert_eq!(schedule.sent(late, census(2), 0), late + Duration::from_millis(500));
        schedule.stop();
        assert_eq!(schedule.check(late, census(2), 0), Due::Never);
    }

    #[test]
    fn the_reduced_minimum_stays_within_its_bounds() {
        let minimum =
            |bandwidth| Schedule::new(RtcpInterval::rfc3550(bandwidth), Clock::new().now(), 72).minimum();
        assert_eq!(minimum(1_000_000), Duration::from_millis(360));
        assert_eq!(minimum(64_000), Duration::from_secs(5));
        assert_eq!(minimum(1_000_000_000), Duration::from_millis(10));
    }
}
