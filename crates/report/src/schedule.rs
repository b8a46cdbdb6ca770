//! When the next report is due: RFC 3550 §6.3 with timer reconsideration, or a fixed interval with jitter.
//!
//! The names are those of §6.3: `tp` is when the last report left, `tn` when the next is due, `tc` is now, `T` a wait drawn
//! by §6.3.1, `Td` the same without randomness, and `pmembers` the number of members when `tn` was computed.
//!
//! | state | event | what happens | next state | RFC 3550 |
//! |---|---|---|---|---|
//! | stopped | the first stream is bound: [`start`](Schedule::start) | `tp = tc`, `tn = tc + T`, half the minimum | waiting | §6.2, §6.3.2 |
//! | waiting | the timer fires before `tn`: [`on_expire`](Schedule::on_expire) | nothing | waiting | |
//! | waiting | it fires at `tn`, and `tp + T`, drawn anew, has not come | `tn = tp + T` | waiting | §6.3.6 |
//! | waiting | it fires at `tn`, and `tp + T` has come | a report leaves | due | §6.3.6 |
//! | due | the report has left: [`report_sent`](Schedule::report_sent) | `tp = tc`, `tn = tc + T` | waiting | §6.3.6 |
//! | waiting | members said BYE or timed out: [`members_left`](Schedule::members_left) | `tn` and `tp` come closer to `tc`, by the share of `pmembers` that is left | waiting | §6.3.4, §6.3.5 |
//! | any | RTCP comes or goes: [`count_datagram`](Schedule::count_datagram) | the average size changes | the same | §6.3.3 |
//! | due | nothing has ever been sent or received, and the interval is fixed: [`stop`](Schedule::stop) | | stopped | |
//! | stopped | the first packet: [`start`](Schedule::start) | as for the first stream | waiting | |
//! | any | the last stream has gone, or the chain closes: [`stop`](Schedule::stop) | | stopped | |
//!
//! With [`RtcpInterval::Fixed`] `T` is drawn around the fixed interval, is not drawn anew when the timer fires, and members
//! play no part.
//!
//! Timeouts ([`timeouts`](Schedule::timeouts), §6.3.5): a member has left when it was silent for five `Td`. This is a
//! receiver's `Td` with the minimum of 5 s, even where this end is a sender or uses the reduced minimum: otherwise a
//! sender, whose own interval is short, would lose receivers between two of their reports. A sender has
//! stopped sending when it sent no RTP for two intervals of this end.

use std::time::{Duration, Instant};

use crate::RtcpInterval;
use crate::interval::{
    AverageSize, MINIMUM, SHORTEST, SessionSize, compensate, deterministic_interval, randomize,
};

/// §6.3.5 `M`: a member that was silent for this many intervals has left.
const MEMBER_TIMEOUT_INTERVALS: u32 = 5;
/// §6.3.5: a sender that sent no RTP for this many intervals is a mere member again.
const SENDER_TIMEOUT_INTERVALS: u32 = 2;
/// A wait that no clock can express is this long, a year: the timer stays finite.
const LONGEST_WAIT: Duration = Duration::from_secs(31_536_000);

/// What to do when the timer has fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// Send a report.
    Report,
    /// Wait until then.
    Wait(Instant),
    /// The timer does not run.
    Stopped,
}

/// How long members and senders may be silent (§6.3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeouts {
    /// A member that sent neither RTP nor RTCP for so long has left.
    pub(crate) member: Duration,
    /// A sender that sent no RTP for so long is a mere member again.
    pub(crate) sender: Duration,
}

/// The report timer of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    rule: RtcpInterval,
    /// §6.3 `tp`.
    last_report: Instant,
    /// §6.3 `tn`; `None` while stopped.
    next_report: Option<Instant>,
    /// §6.3 `initial`: no report has left yet.
    initial: bool,
    /// §6.3 `avg_rtcp_size`.
    average_size: AverageSize,
    /// §6.3 `pmembers`.
    pmembers: u64,
}

impl Schedule {
    pub(crate) const fn new(rule: RtcpInterval, now: Instant, first_size: usize) -> Self {
        Self {
            rule,
            last_report: now,
            next_report: None,
            initial: true,
            average_size: AverageSize::new(first_size),
            pmembers: 1,
        }
    }

    /// Starts the timer unless it runs; says when the first report is due.
    pub(crate) fn start(&mut self, now: Instant, session: SessionSize, random: u32) -> Option<Instant> {
        if self.next_report.is_some() {
            return None;
        }
        self.last_report = now;
        Some(self.draw(now, session, random))
    }

    pub(crate) const fn is_stopped(&self) -> bool {
        self.next_report.is_none()
    }

    /// Nothing is to be reported on, or nobody to be reported to.
    pub(crate) const fn stop(&mut self) {
        self.next_report = None;
    }

    /// The timer has fired, perhaps early. §6.3.6: the interval is drawn anew, as the session may have grown meanwhile.
    pub(crate) fn on_expire(&mut self, now: Instant, session: SessionSize, random: u32) -> Expiry {
        let Some(next) = self.next_report else { return Expiry::Stopped };
        if now < next {
            return Expiry::Wait(next);
        }
        if matches!(self.rule, RtcpInterval::Fixed(_)) {
            return Expiry::Report;
        }
        let reconsidered = self.draw(self.last_report, session, random);
        if reconsidered <= now { Expiry::Report } else { Expiry::Wait(reconsidered) }
    }

    /// A report has left; says when the next is due. A timer that fires late delays this report, and no burst follows.
    pub(crate) fn report_sent(&mut self, now: Instant, session: SessionSize, random: u32) -> Instant {
        self.last_report = now;
        self.initial = false;
        self.draw(now, session, random)
    }

    /// §6.3.3: an RTCP datagram was sent or received.
    pub(crate) const fn count_datagram(&mut self, payload_bytes: usize) {
        self.average_size.add(payload_bytes);
    }

    /// Whether there are fewer members now than when the next report was scheduled.
    pub(crate) const fn has_lost_members(&self, members: u64) -> bool {
        members < self.pmembers
    }

    /// §6.3.4 reverse reconsideration: members have left, so everybody's next report comes sooner. Says when, if there is
    /// a change.
    pub(crate) fn members_left(&mut self, now: Instant, members: u64) -> Option<Instant> {
        let (next, before) = (self.next_report?, self.pmembers);
        if !self.has_lost_members(members) || matches!(self.rule, RtcpInterval::Fixed(_)) {
            return None;
        }
        let share = |span: Duration| {
            let nanos = span.as_nanos() * u128::from(members) / u128::from(before.max(1));
            Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
        };
        let sooner = now + share(next.saturating_duration_since(now));
        let since_last = share(now.saturating_duration_since(self.last_report));
        self.last_report = now.checked_sub(since_last).unwrap_or(self.last_report);
        self.pmembers = members;
        self.next_report = Some(sooner);
        Some(sooner)
    }

    /// §6.3.5: how long members and senders may be silent.
    pub(crate) fn timeouts(&self, session: SessionSize) -> Timeouts {
        let as_receiver = SessionSize { we_sent: false, ..session };
        Timeouts {
            member: self.interval(as_receiver, MINIMUM).saturating_mul(MEMBER_TIMEOUT_INTERVALS),
            sender: self.interval(session, self.minimum()).saturating_mul(SENDER_TIMEOUT_INTERVALS),
        }
    }

    /// Draws the wait from `from` to the next report.
    fn draw(&mut self, from: Instant, session: SessionSize, random: u32) -> Instant {
        self.pmembers = session.members;
        let wait = match self.rule {
            RtcpInterval::Fixed(interval) if self.initial => randomize(interval / 2, random),
            RtcpInterval::Fixed(interval) => randomize(interval, random),
            RtcpInterval::Rfc3550 { .. } => {
                let minimum = if self.initial { self.minimum() / 2 } else { self.minimum() };
                compensate(randomize(self.interval(session, minimum), random))
            }
        };
        let next = from.checked_add(wait).unwrap_or(from + LONGEST_WAIT);
        self.next_report = Some(next);
        next
    }

    fn interval(&self, session: SessionSize, minimum: Duration) -> Duration {
        match self.rule {
            RtcpInterval::Fixed(interval) => interval,
            RtcpInterval::Rfc3550 { session_bandwidth, .. } => {
                // §6.2: 5 % of the session's bits, as bytes.
                deterministic_interval(session, session_bandwidth / 160, self.average_size, minimum)
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

    fn session(members: u64) -> SessionSize {
        SessionSize { members, senders: 1, we_sent: false }
    }

    /// Seconds from each report to the next, with `members(seconds)` members.
    fn waits(rule: RtcpInterval, reports: usize, members: impl Fn(u64) -> u64) -> Vec<f64> {
        let clock = Clock::new();
        let mut rng = SmallRng::seed_from_u64(1);
        let mut schedule = Schedule::new(rule, clock.now(), 72);
        let mut now = schedule.start(clock.now(), session(1), rng.next_u32()).unwrap();
        let mut last = clock.now();
        let mut waits = Vec::new();
        while waits.len() < reports {
            let session = session(members((now - clock.now()).as_secs()));
            match schedule.on_expire(now, session, rng.next_u32()) {
                Expiry::Stopped => panic!("it was started"),
                Expiry::Wait(next) => now = next,
                Expiry::Report => {
                    waits.push((now - last).as_secs_f64());
                    last = now;
                    now = schedule.report_sent(now, session, rng.next_u32());
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
        let next = schedule.start(clock.now(), session(1000), 0).unwrap();
        let wait = next - clock.now();
        let halfway = clock.now() + wait / 2;
        assert_eq!(schedule.members_left(halfway, 1000), None);
        let sooner = schedule.members_left(halfway, 250).unwrap();
        assert_eq!(sooner - halfway, (next - halfway) / 4);
        assert_eq!(halfway - schedule.last_report, (halfway - clock.now()) / 4);
        // The same members leave only once.
        assert_eq!(schedule.members_left(halfway, 250), None);
    }

    #[test]
    fn members_time_out_by_a_receivers_interval_whoever_we_are() {
        let seconds = Duration::from_secs;
        // (bandwidth, reduced minimum, members, senders, we sent) -> timeouts of (members, senders) in seconds.
        // Datagrams of 100 bytes: RTCP has 600 bytes a second, 450 of them the receivers'.
        let cases = [
            ((96_000, false, 706, 31, true), (5 * 150, 41)), // 675 · 100 / 450 s; 31 · 100 / 150 s
            ((96_000, false, 706, 31, false), (5 * 150, 300)),
            ((96_000, false, 90, 45, true), (5 * 15, 30)), // not few senders: 90 · 100 / 600 s
            ((96_000, false, 3, 1, true), (25, 10)),
            // §6.2: a minimum of 3.6 s is for reports, not for the timeout of members.
            ((100_000, true, 1, 1, true), (25, 7)),
        ];
        for ((session_bandwidth, reduced_minimum, members, senders, we_sent), (member, sender)) in cases {
            let rule = RtcpInterval::Rfc3550 { session_bandwidth, reduced_minimum };
            let schedule = Schedule::new(rule, Clock::new().now(), 72);
            let session = SessionSize { members, senders, we_sent };
            let timeouts = schedule.timeouts(session);
            assert_eq!(timeouts.member, seconds(member), "{session:?}");
            assert_eq!(timeouts.sender.as_secs(), sender, "{session:?}");
        }
    }

    #[test]
    fn a_late_timer_sends_once_and_goes_on_from_there() {
        let mut clock = Clock::new();
        let mut schedule = Schedule::new(RtcpInterval::default(), clock.now(), 72);
        assert_eq!(schedule.on_expire(clock.now(), session(2), 0), Expiry::Stopped);
        let first = schedule.start(clock.now(), session(2), 0).unwrap();
        assert_eq!(schedule.start(clock.now(), session(2), 0), None, "it runs already");
        assert_eq!(schedule.on_expire(clock.now(), session(2), 0), Expiry::Wait(first));
        let late = clock.advance(Duration::from_secs(60));
        assert_eq!(schedule.on_expire(late, session(2), 0), Expiry::Report);
        assert_eq!(schedule.report_sent(late, session(2), 0), late + Duration::from_millis(500));
        schedule.stop();
        assert_eq!(schedule.on_expire(late, session(2), 0), Expiry::Stopped);
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
