//! The controller for any path: it keeps a queue of a few milliseconds, finds its share among others, and takes loss for what it is.

mod clock;
mod decide;
mod delay;
mod ecn;
mod feedback;
mod loss;
mod options;
mod probe;
mod rate;
pub(crate) mod reports;
mod ring;
mod sent;
mod silence;

use std::time::Duration;

use interceptor_core::{LinkCondition, LinkState, OptionsError, Probe};

pub use options::AdaptiveOptions;

use self::clock::millis;
use self::delay::Delay;
use self::ecn::Marks;
use self::loss::Losses;
use self::probe::Probes;
use self::rate::{Acked, Competition, Drain, Inflection, Recess};
use self::reports::{Reports, Verdict};
use self::sent::SentRate;
use self::silence::Silence;
use crate::{Controller, Decision, Feedback, LossReport, RateLimits, Reason, Sent, Time};

/// The round-trip time until one is known, in ms; libwebrtc `kDefaultRtt`.
const FIRST_RTT_MS: f64 = 200.0;
/// The bounds of what counts as the time between two feedbacks, in ms.
const DT_MS: (f64, f64) = (1.0, 250.0);
/// The pace is a little above the target: at the target itself the queue would move into the pacer; libwebrtc, since 2025.
const PACE: f64 = 1.1;
/// How long the pace may be run ahead of: bursts make queues, and queues of a few ms are what all decisions stand on. Less than this changes nothing that
/// could be measured and wakes the sender more often; libwebrtc's 40 ms cost a fifth of the rate on variable paths.
const BURST: Duration = Duration::from_millis(5);
/// Where queues are marked after a ms or two, bursts would be.
const BURST_MARKED: Duration = Duration::from_millis(1);
/// What a new path gets of the old one's rate until probes have come back: a queue at its beginning would be taken for its length.
const NEW_ROUTE: f64 = 0.5;
/// Without transport feedback nothing shows a path that is too slow for more than this to start with, in bits per second.
const BLIND_START: f64 = 300e3;

/// The default controller.
///
/// It measures how long packets wait on the path and keeps a queue that is the shorter the more it sends (16 ms·Mb/s), so that flows meet at equal
/// rates. A queue that grows cuts the rate to what arrives, and deeper until it is gone; loss cuts it only together with a queue, or when delivery stops
/// following what is sent; where others keep the queue full it holds against them.
#[derive(Clone, Debug)]
pub struct Adaptive {
    options: AdaptiveOptions,
    limits: RateLimits,
    /// Bits per second, within the limits.
    rate: f64,
    reason: Reason,
    /// In ms, smoothed.
    rtt: f64,
    last_feedback: Option<Time>,
    last_cut: Time,
    /// Since when the queue has been low.
    low_since: Time,
    /// The path has not been full yet.
    start: bool,
    /// The newest instant that is known.
    now: Time,
    delay: Delay,
    acked: Acked,
    sent: SentRate,
    losses: Losses,
    marks: Marks,
    inflection: Inflection,
    recess: Option<Recess>,
    drain: Drain,
    competition: Competition,
    probes: Probes,
    silence: Silence,
    reports: Reports,
}

impl Adaptive {
    /// A controller that knows nothing of the path yet.
    ///
    /// # Errors
    /// If an option is out of its bounds.
    pub fn new(options: AdaptiveOptions) -> Result<Self, OptionsError> {
        options.validate()?;
        Ok(Self::with(options))
    }

    /// With options that are within their bounds.
    fn with(options: AdaptiveOptions) -> Self {
        let rate = options.start as f64;
        Self {
            limits: RateLimits { min: options.min, max: options.max },
            rate,
            reason: Reason::Start,
            rtt: FIRST_RTT_MS,
            last_feedback: None,
            last_cut: Time::MIN,
            low_since: Time::MIN,
            start: true,
            now: Time::MIN,
            delay: Delay::default(),
            acked: Acked::new(rate),
            sent: SentRate::default(),
            losses: Losses::default(),
            marks: Marks::new(options.ecn),
            inflection: Inflection::default(),
            recess: None,
            drain: Drain::new(Time::MIN),
            competition: Competition::new(rate),
            probes: Probes::new(options.probing),
            silence: Silence::new(),
            reports: Reports::new(),
            options,
        }
    }

    /// The rate becomes this, within the limits.
    fn set(&mut self, rate: f64, reason: Reason) {
        let (min, max) = (self.limits.min as f64, self.limits.max as f64);
        let within = if rate.is_finite() { rate.min(max).max(min) } else { self.rate.min(max).max(min) };
        if within != self.rate {
            self.reason = if within < rate && within == max { Reason::Limit } else { reason };
        }
        self.rate = within;
    }

    /// Feedback has returned: the rate of before, if the path is free.
    fn end_silence(&mut self, now: Time) {
        if let Some(rate) = self.silence.ends(self.delay.newest_queue()) {
            self.set(self.rate.max(rate), Reason::Growth);
            self.acked.restart(self.rate);
            self.last_cut = now;
        }
    }

    /// Nothing but reports comes.
    fn is_blind(&self) -> bool {
        self.last_feedback.is_none()
    }

    fn follow_report(&mut self, now: Time, verdict: Verdict) {
        match verdict {
            Verdict::Same => {}
            Verdict::Lossy(rate) => self.set(rate, Reason::Loss),
            Verdict::Slow(rate) => self.set(rate, Reason::Delay),
            Verdict::More(rate) => {
                if !self.sent.is_limited(now, self.rate) {
                    self.set(rate, Reason::Growth);
                }
            }
        }
    }

    fn condition(&self) -> LinkCondition {
        if self.silence.is_on() {
            LinkCondition::Silent
        } else if self.recess.is_some_and(|recess| recess.lasts(self.now)) {
            LinkCondition::Draining
        } else if self.delay.grows() || self.competition.is_on() || millis(self.now, self.last_cut) < self.rtt
        {
            LinkCondition::Congested
        } else {
            LinkCondition::Clear
        }
    }

    fn link(&self) -> LinkState {
        let (rtt, loss) = match self.reports.rtt() {
            Some(rtt) if self.is_blind() => (rtt, self.reports.share()),
            _ => (duration((self.rtt - self.delay.queue()).max(0.0)), self.losses.share()),
        };
        let queue = duration(self.delay.queue());
        LinkState { rtt, queue, loss_ppm: (loss * 1e6) as u32, state: self.condition() }
    }
}

impl Default for Adaptive {
    fn default() -> Self {
        Self::with(AdaptiveOptions::default())
    }
}

impl Controller for Adaptive {
    fn on_sent(&mut self, now: Time, sent: &Sent, in_flight: u32) {
        self.now = now;
        self.sent.sent(now, sent.bytes);
        self.silence.sent(now, sent.bytes, in_flight);
        self.probes.start(now, self.rate, self.limits.max as f64);
    }

    fn on_feedback(&mut self, now: Time, feedback: &Feedback<'_>) {
        self.now = now;
        self.silence.feedback(now, feedback.in_flight);
        let dt = self.last_feedback.replace(now).map_or(DT_MS.1, |last| millis(now, last));
        let dt = dt.clamp(DT_MS.0, DT_MS.1);
        if self.low_since == Time::MIN {
            (self.low_since, self.drain) = (now, Drain::new(now));
        }
        let sums = self.gather(now, feedback);
        if let Some(delays) = sums.delays
            && self.delay.feedback(now, delays)
        {
            self.low_since = now;
        }
        let queue = self.delay.queue();
        self.drain.observe(now, queue, rate::equilibrium(self.rate));
        self.losses.feedback(now, sums.received, sums.lost, queue, dt);
        self.marks.feedback(sums.marked);
        if sums.delays.is_some() {
            self.end_silence(now);
            self.decide(now, dt, &sums);
        }
    }

    fn on_report(&mut self, now: Time, report: &LossReport) {
        self.now = now;
        if self.is_blind() {
            if self.reason == Reason::Start {
                self.set(self.rate.min(BLIND_START), Reason::Start);
            }
            let verdict = self.reports.report(now, report, self.rate);
            self.follow_report(now, verdict);
        }
    }

    fn on_limits(&mut self, now: Time, limits: RateLimits) {
        self.now = now;
        let before = self.limits.max;
        let min = limits.min.max(self.options.min);
        let max = limits.max.min(self.options.max).max(min);
        let held = self.rate >= before as f64;
        self.limits = RateLimits { min, max };
        self.set(self.rate, Reason::Limit);
        if held && max > before && self.last_feedback.is_some() && self.may_probe(now) {
            self.probes.try_more(now, self.rate, max as f64);
        }
    }

    fn on_route_change(&mut self, now: Time) {
        self.now = now;
        self.forget_path(now);
        let before = self.rate;
        self.set(NEW_ROUTE * before, Reason::Start);
        self.probes.start_anew(now, before, self.rate, self.limits.max as f64);
    }

    fn on_timeout(&mut self, now: Time) {
        self.now = now;
        if self.silence.step(now, self.rtt, self.rate) {
            self.set(self.rate * silence::KEPT, Reason::Silence);
        }
        if self.is_blind() {
            let verdict = self.reports.grow(now, self.rate);
            self.follow_report(now, verdict);
        }
    }

    fn next_timeout(&self) -> Option<Time> {
        if self.is_blind() { self.reports.deadline() } else { self.silence.deadline(self.rtt) }
    }

    fn decision(&self) -> Decision {
        let (ect, target) = (self.marks.ect(), self.limits.clamp(self.rate as u64));
        Decision {
            target,
            pacing: target.max((PACE * self.rate) as u64),
            padding: 0,
            window: None,
            burst: if self.marks.in_use() { BURST_MARKED } else { BURST },
            ect,
            link: self.link(),
            reason: self.reason,
        }
    }

    fn poll_probe(&mut self) -> Option<Probe> {
        self.probes.poll(self.now)
    }
}

fn duration(millis: f64) -> Duration {
    Duration::from_micros((millis * 1e3) as u64)
}
