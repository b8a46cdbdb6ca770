//! The circuit breaker (RFC 8083): stops what nobody receives, or what takes far more than TCP would, whatever the controller says.

use std::time::Duration;

use crate::Time;
use crate::reports::Round;

/// The interval of reports until there is a measured one: RFC 3550 §6.2's minimum.
const FIRST_INTERVAL: Duration = Duration::from_secs(5);
/// RFC 8083 §4: intervals without RTCP, and reports without progress, after which it opens.
const RTCP_TIMEOUT_INTERVALS: u32 = 5;
const MEDIA_TIMEOUT_REPORTS: f64 = 5.0;
/// RFC 8083 §4.3: times the throughput of TCP.
const TIMES_TCP: f64 = 10.0;
/// RFC 8083 §4.3: bounds of the time that congestion has to last.
const CONGESTION_RTTS: f64 = 10.0;
const CONGESTION_CAP: f64 = 15.0;
/// Who has not sent for so long is no longer owed an answer.
const IDLE: Duration = Duration::from_secs(2);
/// How long it stays open before the least rate is tried; each time that this fails twice as long, up to the last.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LAST_PAUSE: Duration = Duration::from_secs(480);

/// Why the circuit breaker opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trip {
    /// The peer's reports say that nothing arrives.
    MediaTimeout,
    /// The peer sends no RTCP.
    RtcpTimeout,
    /// Ten times more is sent than TCP would send at this loss and round-trip time.
    Congestion,
}

/// The circuit breaker has opened or closed, as an event: [`Event::raised`](interceptor_core::Event::raised).
///
/// While it is open the target is the least rate, and streams that say what they can use are paused but for audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CircuitBreaker {
    /// Why it is open; `None`: it has closed.
    pub open: Option<Trip>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    /// Nothing but audio is to be sent.
    Open {
        until: Time,
    },
    /// The least rate is tried.
    Trying {
        until: Time,
    },
}

/// The breaker of one connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Breaker {
    state: State,
    trip: Trip,
    pause: Duration,
    /// Since when packets leave without a pause and the peer is silent.
    silent_since: Option<Time>,
    last_sent: Time,
    last_report: Option<Time>,
    /// The mean time between reports, in seconds.
    interval: f64,
    /// Bytes and packets that left since the last report.
    bytes: u64,
    packets: u64,
    /// Reports in a row.
    stalled: u32,
    congested: u32,
}

impl Breaker {
    pub(crate) const fn new() -> Self {
        Self {
            state: State::Closed,
            trip: Trip::RtcpTimeout,
            pause: FIRST_PAUSE,
            silent_since: None,
            last_sent: Time::MIN,
            last_report: None,
            interval: FIRST_INTERVAL.as_secs() as f64,
            bytes: 0,
            packets: 0,
            stalled: 0,
            congested: 0,
        }
    }

    /// Is nothing but audio to be sent, and the target the least?
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// Why it is not closed.
    pub(crate) fn trip(&self) -> Option<Trip> {
        self.holds_down().then_some(self.trip)
    }

    /// Is the target the least?
    pub(crate) const fn holds_down(&self) -> bool {
        !matches!(self.state, State::Closed)
    }

    /// A packet leaves.
    #[inline]
    pub(crate) fn sent(&mut self, bytes: u32, now: Time) {
        self.bytes += u64::from(bytes);
        self.packets += 1;
        if self.silent_since.is_none() || self.last_sent + IDLE <= now {
            self.silent_since = Some(now);
        }
        self.last_sent = now;
    }

    /// Transport feedback says that packets have come.
    pub(crate) fn heard(&mut self) -> Option<CircuitBreaker> {
        self.silent_since = None;
        self.stalled = 0;
        if self.trip == Trip::Congestion { None } else { self.close() }
    }

    /// Reports about our streams have come.
    pub(crate) fn report(
        &mut self,
        round: &Round,
        rtt: Option<Duration>,
        now: Time,
    ) -> Option<CircuitBreaker> {
        self.silent_since = None;
        let seconds = self.last_report.replace(now).map(|last| now.since(last).max(0) as f64 / 1e6);
        let (bytes, packets) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.packets));
        let seconds = seconds.filter(|seconds| *seconds > 0.0)?;
        self.interval += (seconds - self.interval) / 4.0;
        if round.advanced > 0 {
            self.stalled = 0;
        } else if round.stalled > 0 {
            self.stalled += 1;
        }
        let rtt = rtt.map_or(0.0, |rtt| rtt.as_secs_f64());
        let over = over_tcp(round, bytes, packets, seconds, rtt);
        self.congested = if over { self.congested + 1 } else { 0 };
        if f64::from(self.stalled) >= self.media_timeout(rtt) {
            return self.open(Trip::MediaTimeout, now);
        }
        if f64::from(self.congested) >= self.congestion_reports(rtt) {
            return self.open(Trip::Congestion, now);
        }
        if round.advanced > 0 && !over { self.close() } else { None }
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, now: Time) -> Option<CircuitBreaker> {
        match self.state {
            State::Closed => {
                let timeout = Duration::from_secs_f64(self.interval) * RTCP_TIMEOUT_INTERVALS;
                let silent = self.silent_since.is_some_and(|since| since + timeout <= now);
                if silent && self.last_sent + IDLE > now { self.open(Trip::RtcpTimeout, now) } else { None }
            }
            State::Open { until } => {
                if until <= now {
                    let tries = Duration::from_secs_f64(self.interval) * RTCP_TIMEOUT_INTERVALS;
                    self.state = State::Trying { until: now + tries };
                    (self.stalled, self.congested, self.silent_since) = (0, 0, None);
                }
                None
            }
            State::Trying { until } => {
                if until <= now {
                    self.pause = (self.pause * 2).min(LAST_PAUSE);
                    self.state = State::Open { until: now + self.pause };
                }
                None
            }
        }
    }

    /// The application says that things have changed.
    pub(crate) fn reset(&mut self) -> Option<CircuitBreaker> {
        (self.silent_since, self.stalled, self.congested) = (None, 0, 0);
        self.close()
    }

    fn open(&mut self, trip: Trip, now: Time) -> Option<CircuitBreaker> {
        let was_closed = self.state == State::Closed;
        if !was_closed && self.is_open() {
            return None;
        }
        (self.trip, self.stalled, self.congested) = (trip, 0, 0);
        self.state = State::Open { until: now + self.pause };
        was_closed.then_some(CircuitBreaker { open: Some(trip) })
    }

    fn close(&mut self) -> Option<CircuitBreaker> {
        if self.state == State::Closed {
            return None;
        }
        (self.state, self.pause) = (State::Closed, FIRST_PAUSE);
        Some(CircuitBreaker { open: None })
    }

    /// RFC 8083 §4: ceil(k max(Tr, Tdr) / Tdr) reports.
    fn media_timeout(&self, rtt: f64) -> f64 {
        let interval = self.interval.max(0.001);
        (MEDIA_TIMEOUT_REPORTS * rtt.max(interval) / interval).ceil()
    }

    /// `CB_INTERVAL` of RFC 8083 §4.3, a group of pictures being no longer than ten round trips.
    fn congestion_reports(&self, rtt: f64) -> f64 {
        let interval = self.interval.max(0.001);
        let lasting = (CONGESTION_RTTS * rtt).max(3.0 * interval);
        (lasting.min(CONGESTION_CAP.max(3.0 * interval)) / interval).ceil()
    }
}

/// Is more sent than ten times what TCP would send (RFC 8083 §4.3, the simple equation)?
fn over_tcp(round: &Round, bytes: u64, packets: u64, seconds: f64, rtt: f64) -> bool {
    if round.packets == 0 || round.lost == 0 || packets == 0 || rtt <= 0.0 {
        return false;
    }
    let loss = f64::from(round.lost) / f64::from(round.packets);
    let size = bytes as f64 / packets as f64;
    let tcp = size / (rtt * (2.0 * loss / 3.0).sqrt());
    bytes as f64 / seconds > TIMES_TCP * tcp
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    const ARRIVES: Round =
        Round { blocks: 1, packets: 100, lost: 0, rtt: None, advanced: 1, stalled: 0, odd: 0 };
    const NOTHING: Round = Round { packets: 0, advanced: 0, stalled: 1, ..ARRIVES };
    const OPEN: fn(Trip) -> Option<CircuitBreaker> = |trip| Some(CircuitBreaker { open: Some(trip) });
    const CLOSED: Option<CircuitBreaker> = Some(CircuitBreaker { open: None });

    /// A report a second, with a hundred packets before each.
    fn report(breaker: &mut Breaker, round: Round, rtt: u64, second: i64) -> Option<CircuitBreaker> {
        (0..100).for_each(|_| breaker.sent(1000, at(second)));
        breaker.report(&round, Some(Duration::from_millis(rtt)), at(second))
    }

    #[test]
    fn a_silent_peer_opens_it_after_five_intervals_and_a_report_closes_it() {
        let mut breaker = Breaker::new();
        assert_eq!(breaker.pass(at(1000)), None, "nothing is sent");
        (1000..=1025).for_each(|second| breaker.sent(1000, at(second)));
        assert_eq!(breaker.pass(at(1024)), None);
        assert_eq!(breaker.pass(at(1025)), OPEN(Trip::RtcpTimeout));
        assert!(breaker.is_open());
        assert_eq!(breaker.heard(), CLOSED);
        assert!(!breaker.holds_down());
    }

    #[test]
    fn who_sends_nothing_is_owed_no_answer() {
        let mut breaker = Breaker::new();
        for second in [0, 1, 30, 31, 60] {
            breaker.sent(1000, at(second));
            assert_eq!(breaker.pass(at(second)), None);
        }
        assert_eq!(breaker.pass(at(100)), None);
    }

    #[test]
    fn a_short_interval_is_learnt_and_makes_it_quicker() {
        let mut breaker = Breaker::new();
        for second in 0..40 {
            assert_eq!(report(&mut breaker, ARRIVES, 50, second), None);
        }
        (40..=46).for_each(|second| breaker.sent(1000, at(second)));
        assert_eq!(breaker.pass(at(44)), None);
        assert_eq!(breaker.pass(at(46)), OPEN(Trip::RtcpTimeout));
    }

    #[test]
    fn reports_of_nothing_open_it() {
        let mut breaker = Breaker::new();
        let opened = (0..60).find(|second| {
            let round = if *second < 40 { ARRIVES } else { NOTHING };
            report(&mut breaker, round, 50, *second) == OPEN(Trip::MediaTimeout)
        });
        assert_eq!(opened, Some(44));
        assert_eq!(report(&mut breaker, ARRIVES, 50, 60), CLOSED);
    }

    #[test]
    fn ten_times_tcp_opens_it_and_less_does_not() {
        // 100 kB/s at 200 ms and 50 %: TCP sends 1000 B / (0.2 s · sqrt(1/3)) = 8.7 kB/s.
        let lossy = Round { lost: 50, ..ARRIVES };
        let mut breaker = Breaker::new();
        let opened = (0..60).find(|second| {
            let round = if *second < 40 { ARRIVES } else { lossy };
            report(&mut breaker, round, 200, *second) == OPEN(Trip::Congestion)
        });
        assert_eq!(opened, Some(42), "three reports");
        let mut breaker = Breaker::new();
        assert!((0..60).all(|second| report(&mut breaker, lossy, 20, second).is_none()), "it is 87 kB/s");
    }

    #[test]
    fn it_tries_again_and_waits_longer_each_time() {
        let mut breaker = Breaker::new();
        (0..=25).for_each(|second| breaker.sent(1000, at(second)));
        assert_eq!(breaker.pass(at(25)), OPEN(Trip::RtcpTimeout));
        let mut changes = Vec::new();
        let mut before = true;
        for second in 26..400 {
            assert_eq!(breaker.pass(at(second)), None);
            if breaker.is_open() != before {
                before = breaker.is_open();
                changes.push(second);
            }
        }
        assert_eq!(changes, [55, 80, 140, 165, 285, 310]);
        assert!(breaker.holds_down());
        assert_eq!(breaker.reset(), CLOSED);
    }
}
